"""SQLite as the embedded database: group commit, durability, and what happens when it can't."""

import asyncio
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from structlog.testing import capture_logs

from openucwa.store import lane, trouble, turns
from openucwa.store.connection import Cursor
from openucwa.store.database import Operation
from openucwa.store.lane import Lane
from openucwa.store.sqlite import SQLite
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.tokens import Tokens
from openucwa.store.transaction import Transaction
from openucwa.store.turns import asking
from openucwa.wire.enums import OnlineMeetingRel
from openucwa.wire.errors import PreconditionFailed, ServiceUnavailable
from tests.store.memory import DANA, NOW, application, details, user

pytestmark = pytest.mark.anyio

T = TypeVar("T")
LONG = 10
"""Seconds after which a test that hangs fails."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "openucwa.sqlite3"


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SQLite]:
    database = SQLite(path, clock=lambda: NOW)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SQLite]:
    async with opened(path) as found:
        yield found


def keep(hash: str) -> Operation[str]:
    """An operation that writes something, and returns it."""

    def operation(tx: Transaction) -> str:
        tx.of(Tokens).add(hash, user(), NOW)
        return hash

    return operation


def run(tx: Transaction, sql: str) -> Cursor:
    return tx.connection.execute(sql, {})


def hashes(tx: Transaction) -> set[str]:
    return {hash for (hash,) in run(tx, "SELECT hash FROM tokens").fetchall()}


def committed(path: Path) -> set[str]:
    """What another program finds kept."""
    with closing(sqlite3.connect(path)) as connection:
        return {hash for (hash,) in connection.execute("SELECT hash FROM tokens")}


class Pause:
    """An operation that lasts until it is told to go on."""

    def __init__(self) -> None:
        self._started = threading.Event()
        self._over = threading.Event()

    def __call__(self, tx: Transaction) -> None:
        self._started.set()
        assert self._over.wait(LONG)

    async def started(self) -> None:
        assert await asyncio.to_thread(self._started.wait, LONG)

    def end(self) -> None:
        self._over.set()


@asynccontextmanager
async def busy(database: SQLite) -> AsyncIterator[None]:
    """While the database is busy, so that what is asked of it waits, and is run together."""
    pause = Pause()
    waiting = asyncio.create_task(database.write(pause, is_long=True))
    await pause.started()
    try:
        yield
        await asyncio.sleep(0)  # everybody has asked
    finally:
        pause.end()
    await waiting


async def outcomes(*asked: Awaitable[T]) -> list[T | BaseException]:
    return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), LONG)


def move(file: Path, elsewhere: Path, *, copied: bool = False) -> None:
    """Move a file, and leave a copy in its place, which is another file."""
    file.rename(elsewhere)
    if copied:
        shutil.copy(elsewhere, file)


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-lock"])
@pytest.mark.parametrize("is_replaced", [False, True], ids=["removed", "replaced"])
async def test_a_file_of_the_database_is_not_there_any_more(
    path: Path, tmp_path: Path, end: str, is_replaced: bool
) -> None:
    """Nothing is acknowledged that would be lost, until the same file is back."""
    file, elsewhere = Path(f"{path}{end}"), tmp_path / "elsewhere"
    async with opened(path) as database:
        await database.write(keep("one"))
        move(file, elsewhere, copied=is_replaced)
        with capture_logs() as said:
            for asked in (database.read(hashes), database.write(keep("two"))):
                with pytest.raises(ServiceUnavailable, match="removed or replaced"):
                    await asked
        assert str(file) in said[0]["error"]
        assert "stop the server" in said[0]["advice"]
        move(elsewhere, file)
        assert await database.read(hashes) == {"one"}
        await database.write(keep("three"))
    assert committed(path) == {"one", "three"}


async def test_a_file_goes_while_an_operation_writes(path: Path, tmp_path: Path) -> None:
    def goes(tx: Transaction) -> str:
        path.rename(tmp_path / "elsewhere")
        return keep("two")(tx)

    async with opened(path) as database:
        with pytest.raises(ServiceUnavailable):
            await database.write(goes)


async def test_changes_survive_the_loss_of_the_log(path: Path, tmp_path: Path) -> None:
    """When the server stops, it writes what it has to the database."""
    async with opened(path) as database:
        await database.write(keep("one"))
        move(Path(f"{path}-wal"), tmp_path / "elsewhere")
        with pytest.raises(ServiceUnavailable):
            await database.write(keep("two"))
    assert committed(path) == {"one"}


async def test_what_an_operation_returns_is_told(database: SQLite) -> None:
    assert await database.write(keep("one")) == "one"
    assert await database.read(hashes) == {"one"}


async def test_an_operation_happens_at_one_moment(database: SQLite) -> None:
    assert await database.write(lambda tx: tx.now) == NOW
    assert await database.read(lambda tx: tx.now) == NOW


async def test_an_operation_that_raises_undoes_only_itself(database: SQLite, path: Path) -> None:
    class Refusal(Exception):
        pass

    def fails(tx: Transaction) -> str:
        keep("second")(tx)
        raise Refusal

    async with busy(database):
        asked = [asyncio.create_task(database.write(one)) for one in (keep("1"), fails, keep("3"))]
        looked = asyncio.create_task(database.write(hashes))
    first, second, third = await outcomes(*asked)
    assert (first, third) == ("1", "3")
    assert isinstance(second, Refusal)
    assert await looked == committed(path) == {"1", "3"}


async def test_a_statement_that_fails_undoes_only_its_operation(
    database: SQLite, path: Path
) -> None:
    def twice(tx: Transaction) -> str:
        keep("mine")(tx)
        return keep("taken")(tx)

    await database.write(keep("taken"))
    async with busy(database):
        asked = [asyncio.create_task(database.write(one)) for one in (keep("1"), twice, keep("3"))]
    first, second, third = await outcomes(*asked)
    assert (first, third) == ("1", "3")
    assert isinstance(second, sqlite3.IntegrityError)
    assert committed(path) == {"taken", "1", "3"}


async def test_whichever_of_many_fail_the_others_are_kept(database: SQLite, path: Path) -> None:
    def one(number: int) -> Operation[str]:
        def operation(tx: Transaction) -> str:
            if number % 3 == 0:
                raise LookupError(f"{number} has found {len(hashes(tx))}")
            told = keep(str(number))(tx)
            if number % 3 == 1:
                raise LookupError(f"{number} has written")
            return told

        return operation

    async with busy(database):
        asked = [asyncio.create_task(database.write(one(number))) for number in range(60)]
    told = [str(found) for found in await outcomes(*asked)]
    assert told == [
        (f"{number} has found {number // 3}", f"{number} has written", f"{number}")[number % 3]
        for number in range(60)
    ]
    assert committed(path) == {str(number) for number in range(2, 60, 3)}


async def test_an_operation_that_looks_beyond_the_end_hurts_nobody_else(
    database: SQLite,
) -> None:
    """StopIteration can't be raised to who awaits: Python would take it for a return."""

    def fails(tx: Transaction) -> object:
        return next(iter(()))

    async with busy(database):
        asked = [asyncio.create_task(database.write(one)) for one in (keep("1"), fails, keep("3"))]
    first, second, third = await outcomes(*asked)
    assert (first, third) == ("1", "3")
    assert isinstance(second, RuntimeError)
    assert await asyncio.wait_for(database.write(keep("4")), LONG) == "4"


async def test_an_operation_that_ran_again_tells_what_its_last_run_has_kept(
    database: SQLite, path: Path
) -> None:
    runs: list[str] = []

    def second_time_lucky(tx: Transaction) -> str:
        runs.append("run")
        if len(runs) == 1:
            raise LookupError("nothing")
        return keep("lucky")(tx)

    def fails(tx: Transaction) -> str:
        keep("failure")(tx)
        raise LookupError("nothing")

    async with busy(database):
        asked = [asyncio.create_task(database.write(one)) for one in (second_time_lucky, fails)]
    told, _ = await outcomes(*asked)
    assert committed(path) == ({told} if told == "lucky" else set())


async def test_more_than_one_commit_can_serve_are_all_served(database: SQLite, path: Path) -> None:
    many = [str(number) for number in range(200)]
    asked = []
    async with busy(database):
        for hash in many:
            asked.append(asyncio.create_task(database.write(keep(hash))))
            if len(asked) % 3:  # some come together, some by themselves
                await asyncio.sleep(0)
    assert await outcomes(*asked) == many
    assert committed(path) == set(many)


async def test_who_goes_away_does_no_harm(database: SQLite, path: Path) -> None:
    async with busy(database):
        asked = [asyncio.create_task(database.write(keep(hash))) for hash in ("1", "2", "3")]
        await asyncio.sleep(0)
        asked[1].cancel()
    first, second, third = await outcomes(*asked)
    assert (first, third) == ("1", "3")
    assert isinstance(second, asyncio.CancelledError)
    assert {"1", "3"} <= committed(path)
    assert await database.write(keep("4")) == "4"


async def test_reads_see_every_earlier_write(database: SQLite) -> None:
    for number in range(100):
        await database.write(keep(str(number)))
        assert len(await database.read(hashes)) == number + 1


async def test_a_read_sees_one_moment(database: SQLite) -> None:
    pause = Pause()

    def look_twice(tx: Transaction) -> tuple[set[str], set[str]]:
        before = hashes(tx)
        pause(tx)
        return before, hashes(tx)

    await database.write(keep("before"))
    looking = asyncio.create_task(database.read(look_twice, is_long=True))
    await pause.started()
    await database.write(keep("meanwhile"))
    pause.end()
    assert await looking == ({"before"}, {"before"})
    assert await database.read(hashes) == {"before", "meanwhile"}


async def test_a_slow_disk_stops_nobody_but_writers(
    database: SQLite, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told before the commit. Others read, and see nothing that may be lost."""
    syncing, synced = threading.Event(), threading.Event()
    commit: Callable[[Lane], None] = Lane._commit

    def slowly(lane: Lane) -> None:
        if lane._writes:
            syncing.set()
            synced.wait(LONG)
        commit(lane)

    await database.write(keep("before"))
    monkeypatch.setattr(Lane, "_commit", slowly)
    writing = asyncio.create_task(database.write(keep("slow")))
    waiting = []
    assert await asyncio.to_thread(syncing.wait, LONG)
    for number in range(3):
        waiting.append(asyncio.create_task(database.write(keep(str(number)))))
        assert await database.read(hashes) == {"before"}
        assert await database.read(hashes, is_long=True) == {"before"}
    assert committed(path) == {"before"}
    assert not writing.done()
    synced.set()
    await outcomes(writing, *waiting)
    assert await database.read(hashes) == {"before", "slow", "0", "1", "2"}


async def test_what_takes_long_stops_no_other_read(database: SQLite) -> None:
    pause = Pause()
    looking = asyncio.create_task(database.read(pause, is_long=True))
    await pause.started()
    assert await database.read(hashes) == set()
    assert await database.write(keep("meanwhile")) == "meanwhile"
    pause.end()
    await looking


async def test_a_lock_of_another_program_stops_no_read(database: SQLite, path: Path) -> None:
    with locked(path):
        waiting = asyncio.create_task(database.write(keep("patient")))
        for _ in range(3):
            await asyncio.sleep(0.01)
            assert await database.read(hashes) == set()
        assert not waiting.done()
    assert await asyncio.wait_for(waiting, LONG) == "patient"


async def test_a_read_that_raises_is_told_so(database: SQLite) -> None:
    def fails(tx: Transaction) -> None:
        raise LookupError("nothing")

    with pytest.raises(LookupError, match="nothing"):
        await database.read(fails)
    assert await database.read(hashes) == set()


async def test_of_many_writers_with_one_version_one_wins(database: SQLite) -> None:
    meeting = await database.write(
        lambda tx: tx.of(Meetings).add(
            OnlineMeetingRel.MY_ONLINE_MEETINGS, details(), by=application()
        )
    )

    def write(subject: str) -> Operation[str]:
        return lambda tx: (
            tx.of(Meetings)
            .revise(meeting, details(subject), by=application(), keep=9)
            .details.subject
        )

    told = await outcomes(*(database.write(write(str(number))) for number in range(50)))
    (winner,) = (one for one in told if isinstance(one, str))
    assert sum(isinstance(one, PreconditionFailed) for one in told) == 49
    found = await database.read(lambda tx: tx.of(Meetings).get(DANA, meeting.online_meeting_id))
    assert found
    assert found.details.subject == winner


async def test_closing_finishes_what_has_been_asked(path: Path) -> None:
    database = SQLite(path, clock=lambda: NOW)
    many = [str(number) for number in range(100)]
    async with busy(database):
        asked = [asyncio.create_task(database.write(keep(hash))) for hash in many]
        await asyncio.sleep(0)
        closed = asyncio.create_task(database.close())
        await asyncio.sleep(0.05)
    await closed
    assert await outcomes(*asked) == many
    assert committed(path) == set(many)


async def test_closing_finishes_what_is_asked_at_the_same_moment(path: Path) -> None:
    database = SQLite(path, clock=lambda: NOW)
    told = await outcomes(database.read(hashes), database.write(keep("late")), database.close())
    assert told == [set(), "late", None]
    assert committed(path) == {"late"}


async def test_a_database_that_was_closed_is_not_available(path: Path) -> None:
    database = SQLite(path, clock=lambda: NOW)
    await database.close()
    await database.close()
    for told in await outcomes(database.read(hashes), database.write(keep("late"))):
        assert_unavailable(told)
    assert committed(path) == set()


async def test_a_commit_is_on_the_disk_when_it_returns(database: SQLite) -> None:
    for run_it in (database.read, database.write):
        assert await run_it(lambda tx: run(tx, "PRAGMA journal_mode").fetchone()) == ("wal",)
        assert await run_it(lambda tx: run(tx, "PRAGMA synchronous").fetchone()) == (2,)  # FULL


async def test_only_its_own_user_reads_the_files(database: SQLite, path: Path) -> None:
    await database.write(keep("secret"))
    found = [path.parent, *path.parent.iterdir()]
    assert len(found) > 2  # the journal, too
    assert [one for one in found if stat.S_IMODE(one.stat().st_mode) & 0o077] == []


async def test_two_programs_write_to_one_file(database: SQLite, path: Path) -> None:
    async with opened(path) as other:
        mine = [database.write(keep(f"mine {number}")) for number in range(50)]
        theirs = [other.write(keep(f"theirs {number}")) for number in range(50)]
        written = set(await outcomes(*mine, *theirs))
        assert written == await database.read(hashes) == await other.read(hashes)


def assert_unavailable(told: object) -> None:
    """Assert that somebody was told to come back later, and when."""
    assert isinstance(told, ServiceUnavailable)
    assert int(told.headers["Retry-After"]) > 0
    assert "Try again" in told.message


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """While another program holds the lock that writing takes."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


async def test_who_can_not_write_for_too_long_is_told_to_come_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "BUSY_TIMEOUT", 0.05)
    async with opened(path) as database:
        await database.write(keep("before"))
        with locked(path):
            for told in await outcomes(*(database.write(keep(str(one))) for one in range(3))):
                assert_unavailable(told)
            assert await database.read(hashes) == {"before"}
        assert await database.write(keep("after")) == "after"
    assert committed(path) == {"before", "after"}


async def test_a_short_lock_is_waited_for(database: SQLite, path: Path) -> None:
    with locked(path):
        waiting = asyncio.create_task(database.write(keep("patient")))
        await asyncio.sleep(0.05)
        assert not waiting.done()
    assert await asyncio.wait_for(waiting, LONG) == "patient"


async def test_when_too_many_wait_the_next_is_told_to_come_back(
    database: SQLite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "WAITING_AT_MOST", 2)  # beside the one that keeps it busy
    async with busy(database):
        asked = [asyncio.create_task(database.write(keep(hash))) for hash in ("1", "2", "3")]
    first, second, third = await outcomes(*asked)
    assert (first, second) == ("1", "2")
    assert_unavailable(third)
    assert await database.write(keep("4")) == "4"


async def room_for(database: SQLite, pages: int) -> None:
    """Let the database grow by so many pages, and no more: then it is as if the disk was full."""

    def limit(tx: Transaction) -> None:
        (count,) = run(tx, "PRAGMA page_count").fetchone()
        run(tx, f"PRAGMA max_page_count = {count + pages}")

    await database.write(limit)


async def test_on_a_full_disk_all_who_wrote_together_are_told_and_nothing_is_kept(
    database: SQLite, path: Path
) -> None:
    await database.write(keep("before"))
    await room_for(database, pages=2)
    async with busy(database):
        asked = [
            asyncio.create_task(database.write(keep(hash)))
            for hash in ("small", "large" * 10_000, "late")
        ]
    for told in await outcomes(*asked):
        assert_unavailable(told)
    assert committed(path) == await database.read(hashes) == {"before"}


async def test_after_a_full_disk_it_works_again(database: SQLite, path: Path) -> None:
    large = "large" * 10_000
    await room_for(database, pages=2)
    with pytest.raises(ServiceUnavailable):
        await database.write(keep(large))
    assert await database.write(keep("small")) == "small"
    await room_for(database, pages=1000)
    assert await database.write(keep(large)) == large
    assert committed(path) == {"small", large}


async def test_a_log_that_can_not_be_written_either_stops_nothing(
    database: SQLite, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullLog:
        def error(self, event: str, **context: object) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(trouble, "_log", FullLog())
    await room_for(database, pages=2)
    (told,) = await outcomes(database.write(keep("large" * 10_000)))
    assert_unavailable(told)
    assert await database.write(keep("small")) == "small"


FILLED = """
import asyncio, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from openucwa.store.not_ready import NotReady
from openucwa.store.sqlite import SQLite

async def start(path):
    database = SQLite(path, clock=lambda: datetime.now(UTC), alone=True)
    await database.close()

for size in range(0, 300_000, 12_000):
    path = Path(sys.argv[1]) / str(size) / "openucwa.sqlite3"
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        asyncio.run(start(path))
    except NotReady as error:
        print(error)
"""


def test_a_first_start_on_a_full_disk_says_so_wherever_it_fills_up(tmp_path: Path) -> None:
    """By the library's name for the failure, and never by a table that it could not make."""
    done = subprocess.run(
        [sys.executable, "-c", FILLED, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert len(said) > 5
    for line in said:
        assert "can't be used" in line
        assert "Check that its disk has room" in line
        assert "yoyo" not in line


async def test_what_others_ask_for_comes_between_the_many_things_of_one(database: SQLite) -> None:
    ran: list[str] = []

    def note(name: str) -> Operation[None]:
        return lambda tx: ran.append(name)

    async def ask(line: str, name: str) -> None:
        asking.set(line)
        await database.write(note(name))

    async with busy(database):
        asked = [asyncio.create_task(ask("a", f"a{number}")) for number in range(5)]
        await asyncio.sleep(0)
        asked.append(asyncio.create_task(ask("b", "b0")))
    await outcomes(*asked)
    assert ran == ["a0", "b0", "a1", "a2", "a3", "a4"]


async def test_a_transaction_that_takes_long_leaves_the_rest_for_the_next(
    database: SQLite, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "LONG", 0)
    async with busy(database):
        asked: list[asyncio.Task[Any]] = [asyncio.create_task(database.write(hashes))]
        asked += [asyncio.create_task(database.write(keep(hash))) for hash in ("1", "2")]
        asked.append(asyncio.create_task(database.write(lambda tx: committed(path))))
    told = await outcomes(*asked)
    assert told == [set(), "1", "2", {"1", "2"}]


async def test_what_is_expected_to_take_long_does_not_delay_what_ran_before_it(
    database: SQLite,
) -> None:
    """It has a transaction to itself: others are told before it runs."""
    happened: list[str] = []

    def long(tx: Transaction) -> None:
        happened.append("long")
        end = time.thread_time() + 2 * turns.LONG
        while time.thread_time() < end:
            pass

    async def ask(line: str, operation: Operation[None]) -> None:
        asking.set(line)
        await database.write(operation)
        happened.append(f"{line} told")

    await asyncio.create_task(ask("a", long))
    async with busy(database):
        asked = [asyncio.create_task(ask("b", lambda tx: None))]
        await asyncio.sleep(0)
        asked.append(asyncio.create_task(ask("a", long)))
    await outcomes(*asked)
    assert happened == ["long", "a told", "b told", "long", "a told"]
