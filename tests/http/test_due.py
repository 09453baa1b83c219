"""What happens by time: done once, in its order, some at a time, by one process of many."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from openucwa.domain.deployment import Lifetimes
from openucwa.http import due
from openucwa.http.due import settle_all
from openucwa.store import declared
from openucwa.store.database import Database
from openucwa.store.due import upcoming
from openucwa.store.opening import open_database
from openucwa.store.table import Table
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction
from openucwa.testing.controlled.data import Data
from openucwa.wire.errors import ServiceUnavailable
from tests.circle import tables
from tests.circle.tables.circles import AT_ONCE, INDEX, PATIENCE, SCHEMA, Circles, Role, topic_of
from tests.engines import ENGINES, SQLITE, new_database
from tests.installation import Clock, installed
from tests.patience import until
from tests.resources.test_shared import forget_declarations
from tests.store.memory import application

LIFETIMES = Lifetimes()
SECOND = timedelta(seconds=1)
T = TypeVar("T")


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as more:
        more.setattr(declared, "FOLDERS", [*declared.FOLDERS, tables])
        forget_declarations()
        yield
    forget_declarations()


@pytest.fixture(params=ENGINES)
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    return tmp_path / "test.sqlite3" if request.param == SQLITE else new_database()


def run(location: Path | str, clock: Clock, *tests: Callable[[Database], Awaitable[T]]) -> list[T]:
    """Run tests at the same time, each on the database as if in a process of its own."""

    async def all_of_them() -> list[T]:
        databases = [open_database(location, clock, connections=2) for _ in tests]
        try:
            await databases[0].write(make)
            return await asyncio.gather(
                *(test(database) for test, database in zip(tests, databases, strict=True))
            )
        finally:
            for database in databases:
                await database.close()

    return asyncio.run(all_of_them())


def make(tx: Transaction) -> None:
    """Make the table of circles."""
    for sql in (SCHEMA, INDEX):
        tx.connection.execute(sql, {})


def enter(circle_id: str, *people: int) -> Callable[[Transaction], None]:
    """Let people join a circle: the first leads it, the others wait."""

    def joined(tx: Transaction) -> None:
        for number in people:
            one = application(number)
            if tx.of(Applications).get(number, one.id) is None:
                tx.of(Applications).add(one)
                tx.of(Channels).open(one)
            circle = tx.of(Circles).get(circle_id, number)
            tx.of(Circles).join(circle, one, Role.WAITING if circle.members else Role.LEADER)

    return joined


def waiting(circle_id: str) -> Callable[[Transaction], list[str]]:
    return lambda tx: [
        one.member_id for one in tx.of(Circles).get(circle_id, 0).within(Role.WAITING)
    ]


def ended(circle_id: str) -> Callable[[Transaction], int]:
    """Return how often it is told that a wait has ended."""
    return lambda tx: tx.connection.execute(
        "SELECT count(*) FROM facts WHERE topic = :topic AND type = 'completed'",
        {"topic": topic_of(circle_id)},
    ).fetchone()[0]


def test_nothing_is_due_where_nobody_waits(location: Path | str, clock: Clock) -> None:
    async def test(database: Database) -> None:
        assert await database.read(upcoming) == []
        await database.write(enter("a", 1))
        assert await database.read(upcoming) == []
        await database.write(enter("a", 2))
        assert await database.read(upcoming) == [(PATIENCE, Circles)]

    run(location, clock, test)


def test_it_happens_when_its_time_has_come(location: Path | str, clock: Clock) -> None:
    async def test(database: Database) -> None:
        await database.write(enter("a", 1, 2))
        clock.advance(timedelta(minutes=10))
        await database.write(enter("a", 3))
        clock.advance(timedelta(minutes=20) - SECOND)
        await settle_all(database, LIFETIMES)
        assert await database.read(waiting("a")) == ["2", "3"]
        clock.advance(SECOND)
        await settle_all(database, LIFETIMES)
        assert await database.read(waiting("a")) == ["3"]
        assert await database.read(upcoming) == [(timedelta(minutes=10), Circles)]
        assert await database.read(ended("a")) == 1

    run(location, clock, test)


def test_many_are_settled_some_at_a_time(location: Path | str, clock: Clock) -> None:
    async def test(database: Database) -> None:
        people = range(1, 2 * AT_ONCE + 3)
        await database.write(enter("a", *people))
        clock.advance(PATIENCE)
        settled = await database.chore(lambda tx: tx.of(Circles).settle_due(LIFETIMES))
        assert settled == AT_ONCE
        assert len(await database.read(waiting("a"))) == len(people) - 1 - AT_ONCE
        await settle_all(database, LIFETIMES)
        assert await database.read(waiting("a")) == []

    run(location, clock, test)


def test_of_many_processes_one_acts(location: Path | str, clock: Clock) -> None:
    async def fill(database: Database) -> None:
        for number in range(10):
            await database.write(enter(str(number), 1, 2, 3))

    async def settle(database: Database) -> None:
        await asyncio.wait_for(settle_all(database, LIFETIMES), 60)

    async def check(database: Database) -> None:
        await settle_all(database, LIFETIMES)
        for number in range(10):
            assert await database.read(waiting(str(number))) == []
            assert await database.read(ended(str(number))) == 2

    run(location, clock, fill)
    clock.advance(PATIENCE)
    run(location, clock, *[settle] * 3)
    run(location, clock, check)


def test_data_under_test_controls_do_it_too(tmp_path: Path, clock: Clock) -> None:
    async def test() -> None:
        data = Data(tmp_path / "test.sqlite3", clock)
        await data.write(make)
        await data.write(enter("a", 1, 2))
        clock.advance(PATIENCE)
        await settle_all(data, LIFETIMES)
        assert await data.read(waiting("a")) == []
        await data.close()

    asyncio.run(test())


def test_a_server_does_it_by_itself(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "EVERY", 0.02)
    with installed(tmp_path, clock) as found:
        found.transact(make)
        found.transact(enter("a", 1, 2))
        time.sleep(0.1)
        assert found.transact(waiting("a")) == ["2"]
        clock.advance(PATIENCE)
        until(lambda: found.transact(waiting("a")) == [])


def test_a_test_lets_time_pass(tmp_path: Path, clock: Clock) -> None:
    with installed(tmp_path, clock) as found:
        found.transact(make)
        found.transact(enter("a", 1, 2))
        found.let_pass(PATIENCE)
        assert found.transact(waiting("a")) == []


class Broken(Table):
    """A table that fails whenever something is due."""

    failure: Exception
    tried = threading.Semaphore(0)

    def next_due(self) -> datetime | None:
        return self._now

    def settle_due(self, lifetimes: Lifetimes) -> int:
        self.tried.release()
        raise self.failure


@pytest.mark.parametrize(
    ("failure", "logged"),
    [
        (ValueError("a row that can't be read"), True),
        (ServiceUnavailable("The database is away."), False),  # which the store logs, in a sentence
    ],
)
def test_one_that_fails_is_tried_again_and_holds_up_no_other(
    tmp_path: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    logged: bool,
) -> None:
    monkeypatch.setattr(due, "EVERY", 0.02)
    monkeypatch.setattr(Broken, "failure", failure, raising=False)
    monkeypatch.setattr("openucwa.store.due.all_tables", lambda: [Broken, Circles])
    with capture_logs() as logs, installed(tmp_path, clock) as found:
        found.transact(make)
        found.transact(enter("a", 1, 2))
        clock.advance(PATIENCE)
        assert all(Broken.tried.acquire(timeout=10) for _ in range(3))
        if logged:
            until(lambda: found.transact(waiting("a")) == [])
    assert any(line["event"] == "due" for line in logs) == logged
