"""Answers that were not read: what a client does not read stays in the memory of the server."""

import asyncio

from openucwa.http.connections import Slot

PATIENCE = 30.0
"""Seconds between two looks at how much a client has read."""
LEAST_RATE = 4096
"""Bytes that a client has to read in each second, unless there are fewer."""
MOST_UNREAD = 16 * 1024
"""Bytes of answers that are written ahead of a client before the next has to wait."""


class Unread:
    """Watches that the client of a connection reads, and hangs up where it does not."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, slot: Slot
    ) -> None:
        transport.set_write_buffer_limits(high=MOST_UNREAD)
        self._loop = loop
        self._transport = transport
        self._slot = slot
        self._patience = PATIENCE
        self._clock: asyncio.TimerHandle | None = None
        self._answers = 0
        self._seen = 0, 0
        """The number of answers at the last look, and the bytes of them that were unread."""

    def stalls(self) -> None:
        """Note that the client has more of an answer to read than is written ahead."""
        size = self._transport.get_write_buffer_size()
        self._slot.is_unread(size, self._transport.abort)
        self.stop()  # it has read what was written before this
        self._watch()

    def answered(self) -> None:
        """Note that an answer has been written, which the client may not have read yet."""
        self._answers += 1
        self._watch()

    def hurry(self, patience: float) -> None:
        """Give the client less time from now on."""
        self.stop()
        self._patience = patience
        self._watch()

    def stop(self) -> None:
        """Watch no longer."""
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _watch(self) -> None:
        if self._clock is None and (unread := self._transport.get_write_buffer_size()):
            self._seen = self._answers, unread
            self._clock = self._loop.call_later(self._patience, self._look)

    def _look(self) -> None:
        """Hang up unless the client has read enough, or so much that there were more answers."""
        self._clock = None
        answers, before = self._seen
        allowed = max(0.0, before - self._patience * LEAST_RATE)
        if answers == self._answers and self._transport.get_write_buffer_size() > allowed:
            self._transport.abort()
        else:
            self._watch()
