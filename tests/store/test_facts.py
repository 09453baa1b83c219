"""The log of facts."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.store.connection import Connection
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from tests.store.memory import CHRIS, DANA, NOW, connect


def append(tx: Transaction, count: int = 1, owner: int = DANA, topic: str = "") -> None:
    for number in range(count):
        tx.facts.append(
            owner, topic or f"user/{owner}", EventType.ADDED, "thing", id=str(number), n="Größe\n"
        )


def positions(tx: Transaction, after: int = 0) -> list[int]:
    facts, more = tx.facts.after(after)
    assert not more
    return [one.position for one in facts]


def test_what_is_written_is_read(tx: Transaction) -> None:
    before = tx.facts.appended
    append(tx)
    assert (before, tx.facts.appended) == (0, 1)
    (found,), _ = tx.facts.after(0)
    assert (found.at, found.topic) == (tx.now, "user/1")
    assert (found.type, found.rel) == (EventType.ADDED, "thing")
    assert found.keys == {"id": "0", "n": "Größe\n"}


def test_by_topic(tx: Transaction) -> None:
    """In the order of all facts, between two positions, and nobody else's."""
    topics = ("user/1", "user/2", "user/1", "application/1", "user/2", "user/1")
    for topic in topics:
        append(tx, owner=CHRIS if topic == "user/2" else DANA, topic=topic)
    all = positions(tx)
    found = tx.facts.of(DANA, ["user/1", "application/1"], after=all[0])
    assert [one.position for one in found] == [all[2], all[3], all[5]]
    until = tx.facts.of(DANA, ["user/1"], after=all[0], until=all[4])
    assert [one.position for one in until] == [all[2]]
    assert tx.facts.of(CHRIS, ["user/1"], after=0) == []
    assert positions(tx, after=all[3]) == all[4:]


def test_positions_grow_for_ever(tx: Transaction) -> None:
    """Also when nearly all was forgotten: a cursor into the past stays in the past."""
    assert positions(tx, after=tx.facts.latest()) == []
    assert tx.facts.forgotten() == 0
    append(tx, 5)
    all = positions(tx)
    assert all == sorted(set(all))
    assert all[-1] <= tx.facts.latest()
    assert tx.facts.forgotten() == 0
    assert tx.facts.sweep(NOW + timedelta(days=1)) == 4
    assert all[3] <= tx.facts.forgotten() < all[4] <= tx.facts.latest()
    append(tx)
    last, new = positions(tx)
    assert last == all[4] < new


def test_sweeping_an_empty_log(tx: Transaction) -> None:
    assert tx.facts.sweep(NOW) == 0
    assert tx.facts.forgotten() == 0


def test_many_are_swept_in_turns(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openucwa.store.tables.facts._OLDEST", 4)
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


def test_how_they_are_found() -> None:
    """By the index: other people's facts cost nothing."""
    connection = connect()
    plan = connection.execute(
        "EXPLAIN QUERY PLAN SELECT at FROM facts WHERE owner_id = 1 AND position > 5"
    ).fetchall()
    connection.close()
    assert [row[3] for row in plan] == [
        "SEARCH facts USING INDEX facts_of_owner (owner_id=? AND position>?)"
    ]
