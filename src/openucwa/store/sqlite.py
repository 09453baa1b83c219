"""SQLite as the embedded database: a connection that writes, two that read."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from openucwa.store import wal
from openucwa.store.database import Operation
from openucwa.store.lane import Clock, Lane
from openucwa.store.lock import held
from openucwa.store.schema import migrate, reported

T = TypeVar("T")


class SQLite:
    """A database file, made and brought up to date when it is opened.

    `clock` gives the time of each transaction. Who has to be `alone`, as a server must, is refused
    the file while another process has it open.

    Raises NotReady, and OSError for a folder that can't be used. Implements
    openucwa.store.database.Database.
    """

    def __init__(self, path: Path, clock: Clock, *, alone: bool = False) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._listeners: list[Callable[[], None]] = []
        with ExitStack() as opening:
            if opening.enter_context(held(path, alone=alone)):  # else who holds it has checked
                wal.check(path)
            migrate(path)
            with reported(path):
                self._writer = Lane("writer", path, clock, writes=True, told=self._tell)
                self._reader = Lane("reader", path, clock)
                self._long_reader = Lane("long-reader", path, clock)
            self._let_go = opening.pop_all().close

    async def read(self, operation: Operation[T], *, is_long: bool = False) -> T:
        lane = self._long_reader if is_long else self._reader
        return await lane.run(operation, is_long=is_long)

    async def write(self, operation: Operation[T], *, is_long: bool = False) -> T:
        return await self._writer.run(operation, is_long=is_long)

    async def chore(self, operation: Operation[T]) -> T | None:
        return await self._writer.run(operation, is_long=True)

    def watch(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def tell(self, message: str) -> None:
        """There is nobody: one process serves a file."""

    def hear(self, listener: Callable[[str], None]) -> None:
        """There is nobody to hear."""

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    async def close(self) -> None:
        for lane in (self._long_reader, self._reader, self._writer):
            await lane.stop()
        self._let_go()
