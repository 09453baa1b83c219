"""What is throttled: token buckets."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest

from openucwa.domain.sign_ins import LONGEST, Allowance
from openucwa.store.connection import Connection
from openucwa.store.opening import open_database
from openucwa.store.tables.throttle import Throttle
from openucwa.store.transaction import Transaction
from tests.engines import ENGINES, Engine
from tests.store.memory import NOW

SECOND = timedelta(seconds=1)
THREE = Allowance(3, 10 * SECOND)


def at(connection: Connection, after: timedelta) -> Throttle:
    return Transaction(connection, NOW + after).of(Throttle)


def test_so_many_are_counted_at_once_and_one_more_each_time(connection: Connection) -> None:
    at_once = [at(connection, timedelta()).add("one", THREE) for _ in range(5)]
    assert at_once == [True, True, True, False, False]
    later = [at(connection, number * SECOND).add("one", THREE) for number in range(9, 32)]
    assert [number for number, added in enumerate(later, 9) if added] == [10, 20, 30]


def test_wait_tells_when_there_is_room(connection: Connection) -> None:
    for _ in range(3):
        assert not at(connection, timedelta()).wait("one", THREE)
        at(connection, timedelta()).add("one", THREE)
    assert at(connection, timedelta()).wait("one", THREE) == 10 * SECOND
    assert at(connection, 9 * SECOND).wait("one", THREE) == SECOND
    assert not at(connection, 10 * SECOND).wait("one", THREE)


def test_what_was_counted_long_ago_counts_no_more(connection: Connection) -> None:
    at(connection, timedelta()).add("one", THREE)
    later = [at(connection, 60 * SECOND).add("one", THREE) for _ in range(4)]
    assert later == [True, True, True, False]


@pytest.mark.anyio
@pytest.mark.parametrize("engine", ENGINES)
async def test_no_more_are_counted_however_many_come_together(engine: str, tmp_path: Path) -> None:
    place = Engine()
    place.name = engine
    database = open_database(place.location(tmp_path), clock=lambda: NOW, connections=8)

    def fail(tx: Transaction) -> bool:
        assert not tx.of(Throttle).wait("other", THREE)
        time.sleep(0.005)  # in which others count theirs
        return tx.of(Throttle).add("one", Allowance(10, SECOND))

    try:
        assert sum(await asyncio.gather(*(database.write(fail) for _ in range(40)))) == 10
    finally:
        await database.close()


def test_each_key_counts_for_itself(tx: Transaction) -> None:
    once = Allowance(1, SECOND)
    assert tx.of(Throttle).add("one", once)
    assert not tx.of(Throttle).wait("other", once)
    assert tx.of(Throttle).add("other", once)
    assert not tx.of(Throttle).add("one", once)


def test_sweep_removes_what_is_full(connection: Connection) -> None:
    for number in range(3):
        at(connection, timedelta()).add(f"{number}", Allowance(3, (number + 1) * SECOND))
    assert at(connection, SECOND).sweep() == 1
    assert at(connection, SECOND).sweep() == 0
    assert at(connection, 10 * SECOND).sweep() == 2


def test_sweep_removes_what_a_wrong_clock_has_noted(connection: Connection) -> None:
    at(connection, timedelta(days=365)).add("one", THREE)
    assert at(connection, SECOND).wait("one", THREE) > LONGEST
    assert at(connection, SECOND).sweep() == 1
    assert not at(connection, SECOND).wait("one", THREE)
