"""The database of a server, which can go back to what it was."""

import asyncio
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from openucwa.store.database import Database, Operation
from openucwa.store.opening import open_database

T = TypeVar("T")


class Data:
    """A SQLite database, and beside it a copy of what it goes back to.

    To go back is to close it, to copy a file and to open it again, which takes milliseconds.
    Operations that come meanwhile wait. Raises NotReady. Implements
    openucwa.store.database.Database.
    """

    def __init__(self, file: Path, clock: Callable[[], datetime]) -> None:
        self._file = file
        self._fresh = file.with_name(f"fresh-{file.name}")
        self._clock = clock
        self._listeners: list[Callable[[], None]] = []
        self._ready = asyncio.Event()
        self._database = self._opened()

    async def read(self, operation: Operation[T], *, is_long: bool = False) -> T:
        await self._whole()
        return await self._database.read(operation, is_long=is_long)

    async def write(self, operation: Operation[T], *, is_long: bool = False) -> T:
        await self._whole()
        return await self._database.write(operation, is_long=is_long)

    async def chore(self, operation: Operation[T]) -> T | None:
        await self._whole()
        return await self._database.chore(operation)

    def watch(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)
        self._database.watch(listener)

    def tell(self, message: str) -> None:
        """There is nobody: one process serves a file."""

    def hear(self, listener: Callable[[str], None]) -> None:
        """There is nobody to hear."""

    async def close(self) -> None:
        await self._database.close()

    async def keep(self, *, again: bool = True) -> None:
        """Let what there is now be what it goes back to; with `again` even if there is such."""
        if again or not self._fresh.exists():
            await self._copy(self._file, self._fresh)

    async def go_back(self) -> None:
        """Go back to what was kept."""
        await self._copy(self._fresh, self._file)

    async def _whole(self) -> None:
        """Wait until the database is open."""
        while not self._ready.is_set():  # again when whoever was first has closed it once more
            await self._ready.wait()

    async def _copy(self, source: Path, target: Path) -> None:
        """Copy while the database is closed, which leaves one file with all that it holds."""
        self._ready.clear()
        await self._database.close()
        try:
            _copy(source, target)
        finally:
            self._database = self._opened()

    def _opened(self) -> Database:
        database = open_database(self._file, self._clock, alone=True)
        for listener in self._listeners:
            database.watch(listener)
        self._ready.set()
        return database


def _copy(source: Path, target: Path) -> None:
    """Copy a file, so that whoever is killed meanwhile leaves the old one or the new one."""
    half = target.with_name(f"{target.name}-new")
    shutil.copyfile(source, half)
    half.chmod(0o600)  # it has password hashes
    os.replace(half, target)
