"""Sign-ins that failed."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest

from openucwa.domain.sign_ins import WINDOW
from openucwa.store.connection import Connection
from openucwa.store.opening import open_database
from openucwa.store.transaction import Transaction
from tests.engines import ENGINES, Engine
from tests.store.memory import NOW

SECOND = timedelta(seconds=1)


def at(connection: Connection, after: timedelta) -> Transaction:
    return Transaction(connection, NOW + after)


def test_no_more_are_counted_than_there_may_be(connection: Connection) -> None:
    added = [at(connection, number * SECOND).failed_sign_ins.add("one", 3) for number in range(5)]
    assert added == [True, True, True, False, False]


@pytest.mark.anyio
@pytest.mark.parametrize("engine", ENGINES)
async def test_no_more_are_counted_however_many_come_together(engine: str, tmp_path: Path) -> None:
    place = Engine()
    place.name = engine
    database = open_database(place.location(tmp_path), clock=lambda: NOW, connections=8)

    def fail(tx: Transaction) -> bool:
        assert tx.failed_sign_ins.opens("other", 1) is None
        time.sleep(0.005)  # in which others take the same number
        return tx.failed_sign_ins.add("one", 10)

    try:
        assert sum(await asyncio.gather(*(database.write(fail) for _ in range(40)))) == 10
    finally:
        await database.close()


def test_opens_when_the_first_counts_no_more(connection: Connection) -> None:
    for number in range(3):
        at(connection, number * SECOND).failed_sign_ins.add("one", 3)
    assert at(connection, 2 * SECOND).failed_sign_ins.opens("one", 3) == NOW + WINDOW
    assert at(connection, WINDOW - SECOND).failed_sign_ins.opens("one", 3) == NOW + WINDOW
    assert at(connection, WINDOW).failed_sign_ins.opens("one", 3) is None
    assert at(connection, WINDOW).failed_sign_ins.add("one", 3)
    assert at(connection, WINDOW).failed_sign_ins.opens("one", 3) == NOW + SECOND + WINDOW


def test_each_key_counts_for_itself(tx: Transaction) -> None:
    assert tx.failed_sign_ins.add("one", 1)
    assert tx.failed_sign_ins.opens("other", 1) is None
    assert tx.failed_sign_ins.add("other", 1)
    assert not tx.failed_sign_ins.add("one", 1)


def test_sweep_removes_what_counts_no_more(connection: Connection) -> None:
    for number in range(3):
        at(connection, number * SECOND).failed_sign_ins.add("one", 3)
    assert at(connection, WINDOW).failed_sign_ins.sweep() == 1
    assert at(connection, WINDOW).failed_sign_ins.sweep() == 0
    assert at(connection, 10 * WINDOW).failed_sign_ins.sweep() == 2


def test_sweep_removes_what_a_wrong_clock_has_noted(connection: Connection) -> None:
    at(connection, timedelta(days=365)).failed_sign_ins.add("one", 1)
    assert at(connection, WINDOW).failed_sign_ins.opens("one", 1)
    assert at(connection, WINDOW).failed_sign_ins.sweep() == 1
    assert at(connection, WINDOW).failed_sign_ins.opens("one", 1) is None
