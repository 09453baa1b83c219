"""A client that reads at the least rate keeps its connection, however large an answer is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from openucwa.http.connections import Connections, Slot
from openucwa.http.unread import LEAST_RATE, PATIENCE, Unread

PIECE = 64 * 1024
"""Bytes that are written at once."""


class Connection:
    """The transport of a connection, and the loop that it is on, whose time passes in `read`.

    It sends an answer that has always another piece.
    """

    def __init__(self) -> None:
        self.is_aborted = False
        self._unread_size = 0
        self._time = 0.0
        self._due: tuple[float, Callable[[], None]] | None = None
        self.unread = Unread(
            cast(asyncio.AbstractEventLoop, self),
            cast(asyncio.Transport, self),
            Slot(Connections()),
        )
        self._write()

    def read(self, rate: int, seconds: int) -> None:
        """Read so many bytes in each second."""
        for _ in range(seconds):
            self._time += 1
            left = self._unread_size - rate
            self._unread_size = max(0, left)
            if left <= 0:
                self._write()
                self._unread_size += left
            if self._due and self._due[0] <= self._time:
                _, look = self._due
                look()

    def _write(self) -> None:
        self._unread_size += PIECE
        self.unread.stalls()

    def set_write_buffer_limits(self, high: int) -> None: ...

    def get_write_buffer_size(self) -> int:
        return self._unread_size

    def abort(self) -> None:
        self.is_aborted = True

    def call_later(self, delay: float, look: Callable[[], None]) -> Any:
        self._due = self._time + delay, look
        return self

    def cancel(self) -> None:
        """Cancel the one call: the connection stands for that, too."""
        self._due = None


def test_a_client_that_reads_at_the_least_rate_is_kept() -> None:
    connection = Connection()
    connection.read(LEAST_RATE, 20 * int(PATIENCE))
    assert not connection.is_aborted


def test_a_client_that_becomes_slower_is_not() -> None:
    connection = Connection()
    connection.read(4 * LEAST_RATE, 2 * int(PATIENCE))
    assert not connection.is_aborted
    connection.read(LEAST_RATE // 4, 2 * int(PATIENCE))
    assert connection.is_aborted
