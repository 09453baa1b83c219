"""SQLite as the embedded database: one thread that writes, one that reads.

The writing thread takes all operations that wait, runs each in a savepoint within one transaction,
and commits once: one fsync serves them all (group commit). Nobody is told before the commit.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog

from openucwa.store.database import Operation
from openucwa.store.schema import migrate
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import ServiceUnavailable

T = TypeVar("T")
Clock = Callable[[], datetime]

_TOGETHER_AT_MOST = 64
_WAITING_AT_MOST = 10_000
_BUSY_TIMEOUT = 5.0

_log = structlog.get_logger("openucwa.store")


class SQLite:
    """A database file, made and brought up to date when it is opened.

    `clock` gives the time of each transaction. Implements openucwa.store.database.Database.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        migrate(path)
        self._writer = _Lane("writer", path, clock, begin="BEGIN IMMEDIATE", writes=True)
        self._reader = _Lane("reader", path, clock, begin="BEGIN", writes=False)

    async def read(self, operation: Operation[T]) -> T:
        return await self._reader.run(operation)

    async def write(self, operation: Operation[T]) -> T:
        return await self._writer.run(operation)

    async def close(self) -> None:
        await asyncio.to_thread(self._reader.stop)
        await asyncio.to_thread(self._writer.stop)


@dataclass(slots=True)
class _Job:
    """An operation, who waits for it, and how it went."""

    operation: Operation[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        if self.future.done():  # whoever asked has gone away
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class _Lane:
    """A thread with a connection of its own, and the queue of what it is to run."""

    def __init__(self, name: str, path: Path, clock: Clock, *, begin: str, writes: bool) -> None:
        self._clock = clock
        self._begin = begin
        self._writes = writes
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._connection = _connect(path)
        self._thread = threading.Thread(target=self._work, name=f"sqlite-{name}", daemon=True)
        self._thread.start()

    async def run(self, operation: Operation[T]) -> T:
        if self._jobs.qsize() >= _WAITING_AT_MOST:
            raise _unavailable("Too many requests are waiting for the database.")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put(_Job(operation, future))
        return await future

    def stop(self) -> None:
        """Finish what is queued, then close the connection."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        running = True
        while running:
            jobs, running = self._waiting()
            if jobs:
                self._run_together(jobs)
        self._connection.close()

    def _waiting(self) -> tuple[list[_Job], bool]:
        """The jobs that wait, at least one; False when no more are to come."""
        jobs: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            jobs.append(job)
            if len(jobs) == _TOGETHER_AT_MOST:
                return jobs, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs, True
        return jobs, False

    def _run_together(self, jobs: list[_Job]) -> None:
        try:
            self._connection.execute(self._begin)
            for job in jobs:
                self._run(job)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            for job in jobs:
                job.error = _failure(error)
        loop = jobs[0].future.get_loop()
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, jobs)

    def _run(self, job: _Job) -> None:
        """Run one job; undo what it did if it fails, and nothing else."""
        if self._writes:
            self._connection.execute("SAVEPOINT job")
        try:
            job.result = job.operation(Transaction(self._connection, self._clock()))
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not self._connection.in_transaction:
                raise  # SQLite has rolled back everything: the disk is full, or fails
            job.error = error
        if self._writes:
            if job.error is not None:
                self._connection.execute("ROLLBACK TO job")
            self._connection.execute("RELEASE job")

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=_BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -8192"):
        connection.execute(f"PRAGMA {pragma}").fetchone()
    return connection


def _failure(error: sqlite3.Error) -> ServiceUnavailable:
    _log.error("database", error=str(error))
    return _unavailable("The database can't be used just now.")


def _unavailable(reason: str) -> ServiceUnavailable:
    return ServiceUnavailable(f"{reason} Try again in a few seconds.", headers={"Retry-After": "5"})
