"""SQLite as the embedded database: one thread that writes, one that reads.

The writing thread takes all operations that wait, runs them in one transaction and commits once:
one fsync serves them all (group commit). Nobody is told before the commit. An operation that fails
undoes what it did and nothing else. When those that have run took long, the others wait for the
next transaction, in which operations that came meanwhile take turns with them. An operation that is
expected to take long has a transaction to itself, so that others are told before.
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from openucwa.store import wal
from openucwa.store.connection import Turn
from openucwa.store.database import Operation
from openucwa.store.files import Files
from openucwa.store.job import Job
from openucwa.store.lock import held
from openucwa.store.schema import migrate, reported
from openucwa.store.transaction import Transaction
from openucwa.store.trouble import Trouble, unavailable
from openucwa.store.turns import SlowLines, Turns

T = TypeVar("T")
Clock = Callable[[], datetime]

_TOGETHER_AT_MOST = 64
_LONG = 0.05
"""Seconds after which a transaction takes no more operations."""
_WAITING_AT_MOST = 10_000
_BUSY_TIMEOUT = 5.0


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
                self._writer = _Lane(
                    "writer", path, clock, begin="BEGIN IMMEDIATE", told=self._tell
                )
                self._reader = _Lane("reader", path, clock, begin="BEGIN", told=self._tell)
            self._let_go = opening.pop_all().close

    async def read(self, operation: Operation[T]) -> T:
        return await self._reader.run(operation)

    async def write(self, operation: Operation[T]) -> T:
        return await self._writer.run(operation)

    async def chore(self, operation: Operation[T]) -> T | None:
        return await self._writer.run(operation)

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
        await self._reader.stop()
        await self._writer.stop()
        self._let_go()


@dataclass(slots=True, kw_only=True)
class _Job(Job):
    """A job that may have been undone, after it had written something and failed.

    One that has not run, since those before it took long, waits for the next transaction.
    """

    undone: bool = False
    has_run: bool = False


class _Lane:
    """A thread with a connection of its own, which runs what is handed over to it.

    It has one batch at a time; what arrives meanwhile waits for the next. If the thread were given
    each operation as it arrives, it would compete with the event loop for the interpreter while the
    loop takes up the others.
    """

    def __init__(
        self, name: str, path: Path, clock: Clock, *, begin: str, told: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._begin = begin
        self._told = told
        self._waiting: Turns[_Job] = Turns()
        self._slow = SlowLines()
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._batches: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._trouble = Trouble()
        self._connection = _connect(path)
        self._files = Files(path)
        self._thread = threading.Thread(target=self._work, name=f"sqlite-{name}", daemon=True)
        self._thread.start()

    async def run(self, operation: Operation[T]) -> T:
        if self._stopping:
            raise unavailable("The database is closed.")
        if len(self._waiting) >= _WAITING_AT_MOST:
            raise unavailable("Too many requests are waiting for the database.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.add(_Job(operation=operation, future=future))
        if self._idle.is_set():
            self._idle.clear()
            loop.call_soon(self._hand_over)
        return await future

    async def stop(self) -> None:
        """Finish what waits and take on no more, then close the connection."""
        self._stopping = True
        await self._idle.wait()
        self._batches.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        """Give the thread its next batch, if anything waits."""
        if batch := self._waiting.take(_TOGETHER_AT_MOST):
            self._batches.put(batch)
        else:
            self._idle.set()

    def _take_back(self, batch: list[_Job]) -> None:
        """Tell those who wait for a batch, and let them be heard before the next is handed over."""
        waiting = [job for job in batch if not job.has_run]
        batch = [job for job in batch if job.has_run]
        self._waiting.put_back(waiting, served={job.line for job in batch})
        for job in batch:
            job.settle()
        if any(job.has_told for job in batch):
            self._told()
        asyncio.get_running_loop().call_soon(self._hand_over)

    def _work(self) -> None:
        while (batch := self._batches.get()) is not None:
            self._run_together(batch)
        self._connection.close()

    def _run_together(self, jobs: list[_Job]) -> None:
        """Run the jobs in one transaction, and give them back when it is durable."""
        try:
            while not self._try(jobs):
                pass
        except sqlite3.Error as error:
            self._roll_back()
            told = self._trouble.met(error)
            for job in jobs:
                job.error, job.has_run = told, True
        loop = jobs[0].future.get_loop()
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            loop.call_soon_threadsafe(self._take_back, jobs)

    def _try(self, jobs: list[_Job]) -> bool:
        """Commit what the jobs do. False when one fails after it has written something.

        That is rare, and undone with all the others, who have to try again without it. A savepoint
        for each job would cost more than that.
        """
        for job in jobs:
            job.has_run = job.undone
        self._files.check()
        self._connection.execute(self._begin)
        ends_at = time.monotonic() + _LONG
        is_first = True
        for job in jobs:
            if job.undone:
                continue
            if job.line in self._slow and not is_first:
                break
            is_first = False
            job.has_run = True
            started = time.thread_time()
            job.error = None
            before = self._connection.total_changes
            try:
                tx = Transaction(self._connection, self._clock())
                job.result = job.operation(tx)
                job.has_told = tx.facts.appended > 0
            except Exception as error:
                if isinstance(error, sqlite3.Error) and not self._connection.in_transaction:
                    raise  # SQLite has rolled back everything: the disk is full, or fails
                job.error = self._trouble.met(error) if _in_trouble(error) else error
                if self._connection.total_changes != before:
                    job.undone = True
                    self._connection.execute("ROLLBACK")
                    return False
            self._slow.note(job.line, time.thread_time() - started)
            if time.monotonic() > ends_at:
                break
        self._connection.execute("COMMIT")
        self._files.check()  # while it was written they may have gone, and it with them
        self._trouble.overcome()
        return True

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


class Connection(sqlite3.Connection):
    """Implements openucwa.store.connection.Connection. There is one writer: it is always alone."""

    position = "NULL"  # which SQLite makes one more than the last
    settled = before = "(SELECT coalesce(max(position), 0) FROM facts)"

    def change_one(self, sql: str, parameters: Mapping[str, Any], otherwise: Exception, /) -> None:
        if self.execute(sql, parameters).rowcount != 1:
            raise otherwise

    def alone(self, *turns: Turn) -> None: ...


def _connect(path: Path) -> Connection:
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_TIMEOUT,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
    )
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -8192"):
        connection.execute(f"PRAGMA {pragma}").fetchone()
    # Reading makes the files that are beside the database.
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return connection


def _in_trouble(error: Exception) -> TypeGuard[sqlite3.Error]:
    """Whether it is the database that fails: its disk, its lock, its file; and not the program."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
