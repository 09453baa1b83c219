"""A connection to SQLite, and the operations that wait for it."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from openucwa.store.connection import Turn
from openucwa.store.database import Operation
from openucwa.store.files import Files
from openucwa.store.job import Job
from openucwa.store.transaction import Transaction
from openucwa.store.trouble import Trouble, unavailable
from openucwa.store.turns import SlowLines, Turns
from openucwa.store.worker import Worker

T = TypeVar("T")
Clock = Callable[[], datetime]

TOGETHER_AT_MOST = 64
WAITING_AT_MOST = 10_000
LONG = 0.02
"""Seconds after which a transaction takes no more operations."""
BUSY_TIMEOUT = 5.0
"""Seconds that another program may keep the database locked."""


@dataclass(slots=True, kw_only=True)
class _Job(Job):
    """A job that may have been undone, after it had written something and failed.

    One that has not run, since those before it took long, waits for the next transaction.
    """

    is_long: bool
    undone: bool = False
    has_run: bool = False


class Lane:
    """Runs operations on a connection of its own.

    Those that come in one turn of the event loop, or while others are under way, are run together,
    in one transaction: one sync serves them all. They run on the event loop, which is quicker than
    to hand them to a thread, and their COMMIT on a thread where the lane `writes`, since a disk may
    take its time. What may take long itself comes first in its transaction, so that nobody waits
    for it who has had a turn before, and is run on the thread altogether. The connection belongs to
    the loop or to the thread, never to both.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        clock: Clock,
        *,
        writes: bool = False,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection = _connect(path)
        self._files = Files(path)
        self._clock = clock
        self._writes = writes
        self._begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
        self._told = told
        self._worker = Worker(f"sqlite-{name}")
        self._waiting: Turns[_Job] = Turns()
        self._slow = SlowLines()
        self._gathered = 0
        self._jobs: list[_Job] = []
        self._error: sqlite3.Error | None = None
        self._trouble = Trouble()
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._wait_for_locks(0)

    async def run(self, operation: Operation[T], *, is_long: bool = False) -> T:
        if self._stopping:
            raise unavailable("The database is closed.")
        if len(self._waiting) >= WAITING_AT_MOST:
            raise unavailable("Too many requests are waiting for the database.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.add(_Job(operation=operation, future=future, is_long=is_long))
        if self._idle.is_set():
            self._idle.clear()
            loop.call_soon(self._turn)
        return await future

    async def stop(self) -> None:
        """Finish what waits and take on no more, then close the connection."""
        self._stopping = True
        await self._idle.wait()
        await self._worker.stop()
        await asyncio.to_thread(self._connection.close)  # which may write the log to the database

    def _turn(self) -> None:
        """Begin a transaction, unless others have come in the meantime: more may be about to."""
        if self._gathered < len(self._waiting) < TOGETHER_AT_MOST:
            self._gathered = len(self._waiting)
            asyncio.get_running_loop().call_soon(self._turn)
            return
        self._gathered = 0
        self._jobs = self._waiting.take(TOGETHER_AT_MOST)
        if not self._jobs:
            self._idle.set()
        elif self._takes_long(self._jobs[0]):
            self._worker.call(self._run_patiently, self._settle, is_long=True)
        else:
            self._run()
            if self._error is not None and _is_locked(self._error):
                self._worker.call(self._run_patiently, self._settle, is_long=True)
            elif self._writes:
                self._worker.call(self._commit, self._settle)
            else:
                self._commit()
                self._settle()

    def _settle(self) -> None:
        """Tell those who wait for a transaction, and let them be heard before the next begins."""
        jobs, self._jobs = self._jobs, []
        if self._error is None:
            self._trouble.overcome()
        else:
            self._roll_back()
            told = self._trouble.met(self._error)
            for job in jobs:
                job.error, job.has_run = told, True
        waiting = [job for job in jobs if not job.has_run]
        jobs = [job for job in jobs if job.has_run]
        self._waiting.put_back(waiting, served={job.line for job in jobs})
        for job in jobs:
            job.settle()
        if any(job.has_told for job in jobs):
            self._told()
        asyncio.get_running_loop().call_soon(self._turn)

    def _run_patiently(self) -> None:
        """Run the jobs and commit, on the thread, where locks may be waited for."""
        self._wait_for_locks(BUSY_TIMEOUT)
        self._run()
        self._commit()
        self._wait_for_locks(0)

    def _run(self) -> None:
        """Run the jobs in one transaction, up to its COMMIT."""
        self._error = None
        try:
            while not self._try():
                pass
        except sqlite3.Error as error:
            self._error = error

    def _commit(self) -> None:
        if self._error is not None:
            return
        try:
            self._connection.execute("COMMIT")
            self._files.check()  # while it was written they may have gone, and it with them
        except sqlite3.Error as error:
            self._error = error

    def _try(self) -> bool:
        """Do what the jobs do. False when one fails after it has written something.

        That is rare, and undone with all the others, who have to try again without it. A savepoint
        for each job would cost more than that.
        """
        for job in self._jobs:
            job.has_run = job.undone
        if self._writes:  # what is read is checked when it has been read
            self._files.check()
        self._connection.execute(self._begin)
        began, cpu_began = time.monotonic(), time.thread_time()
        for job in self._jobs:
            if job.undone:
                continue
            if self._takes_long(job) and job is not self._jobs[0]:
                break
            job.has_run = True
            started = time.monotonic()
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
            now = time.monotonic()
            if now > began + LONG:  # another process may have used the processor meanwhile
                self._slow.note(job.line, min(now - started, time.thread_time() - cpu_began))
                break
        return True

    def _takes_long(self, job: _Job) -> bool:
        """Return whether a job may take long. It comes first, so that others are told before."""
        return job.is_long or job.line in self._slow

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _wait_for_locks(self, seconds: float) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")


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
        timeout=BUSY_TIMEOUT,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
    )
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -8192"):
        connection.execute(f"PRAGMA {pragma}").fetchone()
    # Reading makes the files that are beside the database.
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return connection


def _is_locked(error: sqlite3.Error) -> bool:
    return str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_BUSY")


def _in_trouble(error: Exception) -> TypeGuard[sqlite3.Error]:
    """Return True if the database fails: its disk, its lock, its file; and not the program."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
