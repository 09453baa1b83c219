"""The log of facts."""

import sqlite3
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from tests.store.memory import NOW, connect

DANA, CHRIS = "user/1", "user/2"


def append(tx: Transaction, count: int = 1, topic: str = DANA) -> None:
    for number in range(count):
        tx.facts.append(topic, EventType.ADDED, "thing", id=str(number), other="Größe\n")


def positions(tx: Transaction, after: int = 0) -> list[int]:
    return [one.position for one in tx.facts.after(after)]


def test_what_is_written_is_read(tx: Transaction) -> None:
    before = tx.facts.appended
    append(tx)
    assert (before, tx.facts.appended) == (False, True)
    (found,) = tx.facts.after(0)
    assert (found.position, found.at, found.topic) == (1, tx.now, DANA)
    assert (found.type, found.rel) == (EventType.ADDED, "thing")
    assert found.keys == {"id": "0", "other": "Größe\n"}


def test_by_topic(tx: Transaction) -> None:
    """In the order of all facts, between two positions."""
    for topic in (DANA, CHRIS, DANA, "application/1", CHRIS, DANA):
        append(tx, topic=topic)
    found = tx.facts.of([DANA, "application/1"], after=1)
    assert [one.position for one in found] == [3, 4, 6]
    assert [one.position for one in tx.facts.of([DANA], after=1, until=5)] == [3]
    assert tx.facts.of([], after=0) == []
    assert positions(tx, after=4) == [5, 6]


def test_positions_grow_for_ever(tx: Transaction) -> None:
    """Also when nearly all was forgotten: a cursor into the past stays in the past."""
    assert (tx.facts.latest(), tx.facts.forgotten()) == (0, 0)
    append(tx, 5)
    assert (tx.facts.latest(), tx.facts.forgotten()) == (5, 0)
    assert tx.facts.sweep(NOW + timedelta(days=1)) == 4
    assert (tx.facts.latest(), tx.facts.forgotten()) == (5, 4)
    append(tx)
    assert (tx.facts.latest(), positions(tx)) == (6, [5, 6])


def test_sweeping_an_empty_log(tx: Transaction) -> None:
    assert tx.facts.sweep(NOW) == 0


def test_many_are_swept_in_turns(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "openucwa.store.facts._OLDEST",
        "SELECT position, at FROM facts ORDER BY position LIMIT 4",
    )
    tx = Transaction(connection, NOW)
    append(tx, 10)
    later = NOW + timedelta(seconds=1)
    assert [tx.facts.sweep(later) for _ in range(5)] == [3, 3, 3, 0, 0]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.integers(0, 21))
def test_whatever_the_clock_said(seconds: list[int], before: int) -> None:
    """A clock may be set back. Facts are forgotten in their order: that tells who missed one."""
    connection = connect()
    for second in seconds:
        append(Transaction(connection, NOW + timedelta(seconds=second)))
    tx = Transaction(connection, NOW)
    tx.facts.sweep(NOW + timedelta(seconds=before))
    assert positions(tx) == list(range(tx.facts.forgotten() + 1, len(seconds) + 1))
    swept = seconds[: tx.facts.forgotten()]
    assert all(second < before for second in swept)
    assert seconds[len(swept)] >= before or len(swept) == len(seconds) - 1
    connection.close()


def test_how_topics_are_found(connection: sqlite3.Connection) -> None:
    """By the index: other people's facts cost nothing."""
    plan = connection.execute(
        "EXPLAIN QUERY PLAN SELECT position FROM facts WHERE topic IN ('a', 'b') AND position > 5"
    ).fetchall()
    assert all("SEARCH facts USING COVERING INDEX facts_by_topic" in row[3] for row in plan[:1])
