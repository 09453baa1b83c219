"""PostgreSQL as the database of many processes: threads, each with a connection, run transactions.

A transaction sees one snapshot (REPEATABLE READ). Where two change the same row, the later one is
run again and sees what the other did. Where one depends on rows that are not there, it asks for a
turn (`Connection.alone`).
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, TypeVar

import psycopg
import structlog
from psycopg import errors

from openucwa.store import conninfo
from openucwa.store.connection import Turn
from openucwa.store.database import Operation
from openucwa.store.job import Job
from openucwa.store.notices import Notices
from openucwa.store.prepared import Prepared, Uncertain
from openucwa.store.schema import check_postgres
from openucwa.store.transaction import Transaction
from openucwa.store.trouble import Trouble, unavailable
from openucwa.store.turns import SharedTurns
from openucwa.wire.errors import BadRequest, ServiceUnavailable

T = TypeVar("T")
Clock = Callable[[], datetime]

PATIENCE = 5.0
"""Seconds for which an operation is tried, from when it was asked for."""
_PAUSES = (0.001, 0.25)
"""Seconds between two tries: at first, and at most."""
_WAITING_AT_MOST = 10_000
_READ, _WRITE = (
    # Not by a setting, which a pooler of connections could lose: all rules rely on it.
    b"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    b"BEGIN ISOLATION LEVEL REPEATABLE READ",
)
_CHORES = 2**62
"""The advisory lock of who is about the chores."""
_TURNS_OF_GUESTS = 256
"""Advisory locks that all guests share. All guests of a meeting may have to be taken at once, and
the system has some 6,400 locks, for everybody."""

_COLLISIONS = (errors.SerializationFailure, errors.DeadlockDetected, errors.IntegrityError)
_STALE = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.ReadOnlySqlTransaction,  # it is not the primary any more
    errors.InvalidSqlStatementName,  # somebody between us shares its connections out
    errors.FeatureNotSupported,  # a migration has changed a table beneath a prepared statement
)
"""Errors of a connection that another one may not have."""
_SETTINGS = (
    # Of a server, the administrator may have set them otherwise; what we acknowledge is durable.
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'",
    "SELECT set_config(name, value, false) FROM (VALUES ('statement_timeout', '10s'),"
    " ('lock_timeout', '5s'), ('idle_in_transaction_session_timeout', '30s')) AS ours (name, value)"
    " WHERE current_setting(name) = '0'",
    # A turn belongs to a connection: the server has to notice when its client's machine has died.
    "SELECT set_config(name, value, false) FROM (VALUES ('tcp_keepalives_idle', '10'),"
    " ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3')) AS ours (name, value)",
)

_log = structlog.get_logger("openucwa.store")


class Postgres:
    """A database on a PostgreSQL server. It is made up in an empty one.

    `url` is a connection URI of libpq; where it names several hosts, the primary among them serves.
    `clock` gives the time of each transaction, `connections` is how many may run at the same time.
    Raises NotReady. Implements openucwa.store.database.Database.
    """

    def __init__(self, url: str, clock: Clock, *, connections: int) -> None:
        check_postgres(url)
        self._jobs: SharedTurns[_Job] = SharedTurns(connections)
        self._listeners: list[Callable[[], None]] = []
        self._notices = Notices(url, self._changed)
        self._stopping = False
        trouble = Trouble()
        self._threads = [
            threading.Thread(
                target=self._work,
                args=(_Session(url, clock, trouble),),
                name=f"postgres-{n}",
                daemon=True,
            )
            for n in range(connections)
        ]
        for thread in self._threads:
            thread.start()

    async def read(self, operation: Operation[T], *, is_long: bool = False) -> T:
        return await self._run(operation, _READ)

    async def write(self, operation: Operation[T], *, is_long: bool = False) -> T:
        return await self._run(operation, _WRITE)

    async def chore(self, operation: Operation[T]) -> T | None:
        return await self._run(operation, _WRITE, is_chore=True)

    def watch(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def tell(self, message: str) -> None:
        self._notices.send(message)

    def hear(self, listener: Callable[[str], None]) -> None:
        self._notices.listeners.append(listener)

    async def close(self) -> None:
        self._stopping = True
        self._jobs.end()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        await self._notices.stop()

    async def _run(self, operation: Operation[T], begin: bytes, *, is_chore: bool = False) -> T:
        if self._stopping:
            raise unavailable("The database is closed.")
        if len(self._jobs) >= _WAITING_AT_MOST:
            raise unavailable("Too many requests are waiting for the database.")
        if self._listeners:
            self._notices.start()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.add(
            _Job(
                operation=operation,
                future=future,
                begin=begin,
                is_chore=is_chore,
                deadline=time.monotonic() + PATIENCE,
            )
        )
        return await future

    def _work(self, session: "_Session") -> None:
        while (job := self._jobs.take()) is not None:
            started = time.thread_time()
            try:
                session.run(job)
            except BaseException as error:  # this thread must go on: others' requests wait for it
                session.close()
                job.error = error
            finally:
                self._jobs.done(job, time.thread_time() - started)
            with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
                job.future.get_loop().call_soon_threadsafe(self._take_back, job)
        session.close()

    def _take_back(self, job: "_Job") -> None:
        job.settle()
        if job.has_told:
            self._notices.send("")
            self._changed()

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()


@dataclass(slots=True, kw_only=True)
class _Job(Job):
    """It is tried until its deadline."""

    begin: bytes
    is_chore: bool
    deadline: float


class _OutOfTurn(BaseException):
    """The operation has to start anew, with these turns. It may not catch that."""

    def __init__(self, turns: Collection[Turn]) -> None:
        self.turns = turns


class _Session:
    """A thread's connection, which is opened when it is needed, and again when it was lost."""

    def __init__(self, url: str, clock: Clock, trouble: Trouble) -> None:
        self._url = url
        self._clock = clock
        self._trouble = trouble
        self._connection: psycopg.Connection[Any] | None = None
        self._statements: Prepared | None = None

    def run(self, job: _Job) -> None:
        """Run a job until it is done, or has failed, or its time is up."""
        turns: set[Turn] = set()
        pause, most = _PAUSES
        while True:
            try:
                self._try(job, turns)
                break
            except _OutOfTurn as error:
                self._roll_back()
                if turns:  # all are taken in their order, or two could wait for each other
                    self._end_turns()
                turns.update(error.turns)
            except psycopg.DataError as error:
                self._roll_back()
                job.error = _unfit(error)
                break
            except psycopg.Error as error:
                is_passing = isinstance(error, _COLLISIONS) or self._is_lost(error)
                self._roll_back()
                if not is_passing or time.monotonic() + pause > job.deadline:
                    job.error = self._trouble.met(error)
                    break
                time.sleep(random.uniform(0, pause))  # noqa: S311 - so that two part
                pause = min(pause * 2, most)
            except Exception as error:
                self._roll_back()
                job.error = _uncertain(error) if isinstance(error, Uncertain) else error
                break
        if turns:
            self._end_turns()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._statements = None

    def _opened(self) -> Prepared:
        if self._statements is None:
            self._connection = connect(self._url)
            self._statements = Prepared(self._connection)
        return self._statements

    def _try(self, job: _Job, turns: set[Turn]) -> None:
        """Run the operation in a transaction of its own, and commit."""
        if time.monotonic() > job.deadline:
            raise unavailable("The database is busy.")
        statements = self._opened()
        for key in sorted(set(map(_lock_of, turns))):
            statements.execute("SELECT pg_advisory_lock(:key)", {"key": key})
        statements.finish()  # sent with BEGIN, it would be the transaction's own, and its snapshot
        statements.begin(job.begin)
        if job.is_chore and not _has_lock(statements, _CHORES):
            statements.roll_back()
            return
        tx = Transaction(Statements(statements, turns), self._clock())
        result = job.operation(tx)
        if tx.facts.appended > conninfo.FACTS_A_TRANSACTION:  # the next one has those positions
            raise BadRequest(
                f"This makes more than {conninfo.FACTS_A_TRANSACTION} changes at once, which is "
                "the limit. Split it."
            )
        try:
            statements.commit()
        except Uncertain as error:
            if job.begin == _READ and error.__cause__:
                raise error.__cause__ from None
            raise
        job.result, job.has_told = result, tx.facts.appended > 0
        self._trouble.overcome()

    def _is_lost(self, error: psycopg.Error) -> bool:
        """Return True if another connection may do better; then this one is closed."""
        if self._statements is None or not self._statements.is_open or isinstance(error, _STALE):
            self.close()
            return True
        return False

    def _roll_back(self) -> None:
        try:
            if self._statements:
                self._statements.roll_back()
        except psycopg.Error:
            self.close()

    def _end_turns(self) -> None:
        try:
            if self._statements:
                self._statements.execute("SELECT pg_advisory_unlock_all()", {})
                self._statements.finish()
        except psycopg.Error:
            self.close()


class Statements:
    """Implements openucwa.store.connection.Connection.

    A position is the number of its transaction, and within it of the fact. Transactions end out of
    order; what is below the oldest that still runs is settled.
    """

    __slots__ = ("_statements", "_turns", "execute")

    position = (
        "(SELECT base + CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT) FROM log)"
        f" * {conninfo.FACTS_A_TRANSACTION} + :ordinal"
    )
    before = f"{position} - 1"
    settled = (
        "(SELECT (base + CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT))"
        f" * {conninfo.FACTS_A_TRANSACTION} - 1 FROM log)"
    )

    def __init__(self, statements: Prepared, turns: set[Turn]) -> None:
        self._statements = statements
        self.execute = statements.execute
        self._turns = turns

    def change_one(self, sql: str, parameters: Mapping[str, Any], otherwise: Exception, /) -> None:
        # A snapshot's row is changed, or the statement fails. So COMMIT may be sent along with it.
        self._statements.expect_one(self.execute(sql, parameters), otherwise)

    def alone(self, *turns: Turn) -> None:
        if not self._turns.issuperset(turns):
            raise _OutOfTurn(turns)


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection for many transactions."""
    connection = conninfo.connect(url, conninfo.SERVER)
    for setting in _SETTINGS:
        connection.execute(setting.encode())
    return connection


def _lock_of(turn: Turn) -> int:
    """Return the advisory lock of a turn: a user's is her id, and others' are far below.

    The ids of guests are negative. Where two turns of other kinds have the same lock, which is
    rare, one waits for the other needlessly.
    """
    if turn.kind == "user" and isinstance(turn.id, int):
        return turn.id if turn.id >= 0 else -(-turn.id % _TURNS_OF_GUESTS) - 1
    digest = blake2b(f"{turn.kind}/{turn.id}".encode(), digest_size=8).digest()
    return -(2**62) - int.from_bytes(digest) % 2**62


def _has_lock(statements: Prepared, key: int) -> bool:
    row = statements.execute("SELECT pg_try_advisory_xact_lock(:key)", {"key": key}).fetchone()
    return row == (True,)


def _uncertain(error: Exception) -> ServiceUnavailable:
    with suppress(OSError):
        _log.error("database", error=str(error).strip(), lost="during COMMIT")
    return unavailable(
        "The connection to the database was lost at the end of this request, so it may have been "
        "executed or not. Fetch the resource before you repeat the request."
    )


def _unfit(error: psycopg.DataError) -> BadRequest:
    return BadRequest(
        "A text or a number in this request can't be stored: texts may not contain the "
        f"character U+0000, and numbers have 64 bits ({str(error).strip()})."
    )
