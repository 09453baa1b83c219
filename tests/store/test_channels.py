"""The table of event channels."""

from datetime import timedelta

import pytest

from openucwa.domain.channels import Timers
from openucwa.store.connection import Connection
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from tests.store.memory import NOW, application

TIMERS = Timers(low=6, medium=7, timeout=200)


def test_it_tells_what_happens_from_now_on(tx: Transaction) -> None:
    tx.facts.append("user/1", EventType.ADDED, "thing")
    (fact,), _ = tx.facts.after(0)
    opened = tx.of(Channels).open(application())
    assert opened.number == 0
    assert opened.since == opened.until >= fact.position
    assert tx.of(Channels).get(application()) == opened


def test_one_for_each_instance(connection: Connection, tx: Transaction) -> None:
    """Who names none means the first that was opened, unless one has no name."""
    for second, name in enumerate(("b", "a", "c")):
        later = Transaction(connection, NOW + timedelta(seconds=second))
        later.of(Channels).open(application(instance_id=name))
    assert [one.instance_id for one in tx.of(Channels).of(application())] == ["b", "a", "c"]
    for asked, found in (("a", "a"), ("c", "c"), ("", "b")):
        channel = tx.of(Channels).get(application(instance_id=asked))
        assert channel is not None
        assert channel.instance_id == found
    assert tx.of(Channels).get(application(instance_id="d")) is None
    tx.of(Channels).open(application())
    channel = tx.of(Channels).get(application())
    assert channel is not None
    assert channel.instance_id == ""


def test_give(tx: Transaction) -> None:
    found = tx.of(Channels).open(application(instance_id="a"))
    other = tx.of(Channels).open(application(instance_id="b"))
    given = found.advanced(5, TIMERS)
    assert tx.of(Channels).give([(found, given)]) == [True]
    assert tx.of(Channels).get(application(instance_id="a")) == given
    assert tx.of(Channels).get(application(instance_id="b")) == other


def test_two_packages_race_for_one_channel(tx: Transaction) -> None:
    """One is given. The other must not be: it may tell of more, or of less."""
    found = tx.of(Channels).open(application())
    assert tx.of(Channels).give([(found, found.advanced(5, TIMERS))]) == [True]
    assert tx.of(Channels).give([(found, found.advanced(7, TIMERS))]) == [False]
    channel = tx.of(Channels).get(application())
    assert channel is not None
    assert channel.until == 5


def test_many_are_given_their_packages_together(tx: Transaction) -> None:
    """Each of them once, whoever else is given one, and whoever is named twice."""
    one, two, three = (tx.of(Channels).open(application(instance_id=name)) for name in "abc")
    assert tx.of(Channels).give([(two, two.advanced(3, TIMERS))]) == [True]
    steps = [(channel, channel.advanced(5, TIMERS)) for channel in (one, two, three, one)]
    assert tx.of(Channels).give(steps) == [True, False, True, False]
    found = [tx.of(Channels).current(*channel.key) for channel in (one, two, three)]
    assert [channel and channel.until for channel in found] == [5, 3, 5]


def test_what_a_channel_follows_from_the_start(tx: Transaction) -> None:
    found = tx.of(Channels).open(application(instance_id="tab"))
    assert sorted(tx.of(Channels).topics(found)) == [
        (f"application/{found.application_id}", ""),
        (f"channel/{found.application_id}/tab", ""),
        (f"meetings/{found.user_id}", ""),
        (f"user/{found.user_id}", ""),
    ]


def test_a_channel_that_was_closed(tx: Transaction) -> None:
    """Who waits on it is told, and no other."""
    found = tx.of(Channels).open(application(instance_id="a"))
    other = tx.of(Channels).open(application(instance_id="b"))
    topics = tx.of(Channels).topics(found)
    tx.of(Channels).close(found)
    assert tx.of(Channels).get(application(instance_id="a")) is None
    assert tx.of(Channels).get(application(instance_id="b")) is not None
    (fact,), _ = tx.facts.after(0)
    assert (fact.topic, "") in topics
    assert (fact.topic, "") not in tx.of(Channels).topics(other)
    assert tx.of(Channels).topics(found) == []
    assert tx.of(Channels).give([(found, found.advanced(5, TIMERS))]) == [False]


@pytest.mark.parametrize("instance_id", ["a/b", "ä", "' OR 1", "%"])
def test_odd_names(tx: Transaction, instance_id: str) -> None:
    tx.of(Channels).open(application())
    opened = tx.of(Channels).open(application(instance_id=instance_id))
    assert tx.of(Channels).get(application(instance_id=instance_id)) == opened
