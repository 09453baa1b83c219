"""The log of facts."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.domain.channels import Channel
from openucwa.domain.facts import Priority
from openucwa.store.connection import Connection
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType, Reason, Status
from tests.store.memory import CHRIS, NOW, application, connect


def append(tx: Transaction, count: int = 1, topic: str = "user/1") -> None:
    for number in range(count):
        tx.facts.append(topic, EventType.ADDED, "thing", id=str(number), n="Größe\n")


def followed(tx: Transaction, channel: Channel, after: int = 0, **bounds: int) -> list[int]:
    """The positions of what a channel is told."""
    facts = tx.facts.of(channel, after=after, **{"most": 99, **bounds})
    assert (
        facts
        == tx.facts.next_of(
            [msgspec.structs.replace(channel, until=after)],
            **{"until": tx.facts.latest(), "most": 99, **bounds},
        )[0]
    )
    return [one.position for one in facts]


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
    assert (found.type, found.kind) == (EventType.ADDED, "thing")
    assert found.keys == {"id": "0", "n": "Größe\n"}
    assert (found.collection, found.priority, found.status, found.reason) == ("", None, None, None)


def test_where_it_applies_and_how_it_ended(tx: Transaction) -> None:
    reason = Reason("RemoteFailure", "Declined", "Your invitation was declined.")
    tx.facts.append(
        "user/1",
        EventType.COMPLETED,
        "invitation",
        collection="lobby",
        priority=Priority.LOW,
        status=Status.FAILURE,
        reason=reason,
    )
    (found,), _ = tx.facts.after(0)
    assert (found.collection, found.priority) == ("lobby", Priority.LOW)
    assert (found.status, found.reason) == (Status.FAILURE, reason)


def test_by_topic(tx: Transaction) -> None:
    """In the order of all facts, between two positions, and nobody else's."""
    dana, chris = tx.of(Channels).open(application()), tx.of(Channels).open(application(CHRIS))
    own = f"application/{dana.application_id}"
    for topic in ("user/1", "user/2", "user/1", own, "user/2", "user/1"):
        append(tx, topic=topic)
    all = positions(tx)
    assert followed(tx, dana, all[0]) == [all[2], all[3], all[5]]
    assert followed(tx, dana, all[0], until=all[4]) == [all[2], all[3]]
    assert followed(tx, dana, most=2) == [all[0], all[2]]
    assert followed(tx, chris) == [all[1], all[4]]
    assert positions(tx, after=all[3]) == all[4:]


def test_a_topic_that_is_joined_and_left(tx: Transaction) -> None:
    """From the fact at which a channel joined it to that at which it left, and once more."""
    dana, chris = tx.of(Channels).open(application()), tx.of(Channels).open(application(CHRIS))
    talk = "conversation/1"
    tx.of(Channels).follow(chris, talk)
    heard = []
    append(tx, topic=talk)
    tx.of(Channels).follow(dana, talk)
    append(tx, 2, topic=talk)
    heard += positions(tx)[-2:]
    tx.of(Channels).leave(dana, talk)
    append(tx, topic=talk)
    tx.of(Channels).follow(dana, talk)
    append(tx, topic=talk)
    heard += positions(tx)[-1:]
    facts = tx.facts.of(dana, after=0, most=99)
    assert [one.position for one in facts if one.topic == talk] == heard
    facts = tx.facts.of(chris, after=0, most=99)
    assert len([one for one in facts if one.topic == talk]) == 5
    assert (talk, "") in tx.of(Channels).topics(dana)
    tx.of(Channels).leave(dana, talk)
    assert (talk, "") not in tx.of(Channels).topics(dana)


def test_one_fact_is_one_row_however_many_follow(tx: Transaction) -> None:
    channels = [tx.of(Channels).open(application(id)) for id in range(1, 21)]
    for one in channels:
        tx.of(Channels).follow(one, "conversation/1")
    before = tx.facts.appended
    append(tx, topic="conversation/1")
    assert tx.facts.appended == before + 1
    found = tx.facts.next_of(channels, until=tx.facts.latest(), most=99)
    assert [told[-1].topic for told in found] == ["conversation/1"] * 20


def test_many_channels_of_a_user_with_much_to_be_told(
    tx: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are looked up one by one, so that nobody reads more than each is told."""
    channels = [tx.of(Channels).open(application(instance_id=name)) for name in "abc"]
    append(tx, 5)
    until = tx.facts.latest()
    found = tx.facts.next_of(channels, until=until, most=4)
    monkeypatch.setattr("openucwa.store.tables.facts._TOGETHER", 10)
    assert tx.facts.next_of(channels, until=until, most=4) == found
    assert [len(told) for told in found] == [4, 4, 4]


def test_what_was_followed_once_is_forgotten(tx: Transaction) -> None:
    dana = tx.of(Channels).open(application())
    tx.of(Channels).follow(dana, "conversation/1")
    append(tx, topic="conversation/1")
    tx.of(Channels).leave(dana, "conversation/1")
    append(tx, 2)
    assert tx.of(Channels).sweep() == 0
    tx.facts.sweep(NOW + timedelta(days=1))
    assert tx.of(Channels).sweep() == 1
    assert len(tx.of(Channels).topics(dana)) == 4


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
    """By the index of their topics: what others are told of costs nothing."""
    connection = connect()
    tx = Transaction(connection, NOW)
    dana = tx.of(Channels).open(application())
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    tx.facts.of(dana, after=3, until=9, most=9)
    tx.facts.next_of([dana], until=9, most=9)
    connection.set_trace_callback(None)
    for statement in statements:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert not [one for one in plan if one.startswith("SCAN")]
        follows = "SEARCH w USING INDEX sqlite_autoindex_follows_1 (user_id=?"
        assert len([one for one in plan if one.startswith(follows)]) == 2
        assert [one for one in plan if one.startswith("SEARCH f")] == [
            "SEARCH f USING INDEX facts_by_topic (topic=? AND position>? AND position<?)",
            "SEARCH f USING INDEX facts_by_part (topic=? AND part=? AND position>? AND position<?)",
        ]
    connection.close()
