"""Notices between the processes on one PostgreSQL: something was written, a request has come.

They are wake-ups, and may get lost. A NOTIFY in the transaction that writes would make all commits
of all processes wait for each other. Here one connection of a process sends for all of its
transactions, and what comes meanwhile is sent together.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import psycopg
import structlog

from openucwa.store import conninfo

_CHANNEL = "openucwa"
_LONGEST = 7000
"""Bytes."""
_APART = 0.01
"""Seconds between two sendings, at least."""
_AGAIN = 0.5
"""Seconds until a connection that was lost is opened again."""

_log = structlog.get_logger("openucwa.store")


class Notices:
    """Sends notices to the other processes, and hears theirs.

    `changed` is called for the empty one, which says that facts were written, and when some may
    have been missed; `listeners` are called with all others.
    """

    def __init__(self, url: str, changed: Callable[[], None]) -> None:
        self.listeners: list[Callable[[str], None]] = []
        self._url = url
        self._changed = changed
        self._sender = uuid4().hex  # who hears its own notices, too
        self._waiting: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Connect, once, on the running event loop."""
        if not self._tasks:
            for work in (self._listen, self._send):
                self._tasks.append(asyncio.create_task(self._for_ever(work)))

    def send(self, message: str) -> None:
        """Send a notice, soon. PostgreSQL takes no long ones; they are dropped."""
        if len(message.encode()) < _LONGEST:
            self._waiting[message] = None
            self._wake.set()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _for_ever(self, work: Callable[[Any], Any]) -> None:
        is_lost = False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **conninfo.parameters(self._url), autocommit=True
                ) as connection:
                    is_lost = False
                    await work(connection)
            except psycopg.Error as error:
                if not is_lost:
                    _log.warning("notices", error=str(error).strip())
                is_lost = True
            except Exception:  # it must go on: without it others' events come late
                _log.exception("notices")
            await asyncio.sleep(_AGAIN)

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await connection.execute(f"LISTEN {_CHANNEL}".encode())
        self._changed()  # perhaps, while nobody listened
        async for notice in connection.notifies():
            sender, _, message = notice.payload.partition(" ")
            if sender == self._sender:
                continue
            if message:
                for listener in self.listeners:
                    listener(message)
            else:
                self._changed()

    async def _send(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            waiting, self._waiting = self._waiting, {}
            try:
                await connection.execute(
                    "SELECT pg_notify(%s, message) FROM unnest(%s::text[]) AS message",
                    (_CHANNEL, [f"{self._sender} {message}" for message in waiting]),
                )
            except psycopg.Error:  # they are sent by the next connection
                self._waiting = waiting | self._waiting
                self._wake.set()
                raise
            await asyncio.sleep(_APART)
