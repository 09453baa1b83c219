"""Networks where accounts have signed in."""

from datetime import timedelta

from openucwa.domain.sign_ins import NETWORKS, REMEMBERED
from openucwa.store.connection import Connection
from openucwa.store.tables.networks import Networks
from openucwa.store.transaction import Transaction
from tests.store.memory import NOW

DAY = timedelta(days=1)


def at(connection: Connection, after: timedelta) -> Networks:
    return Transaction(connection, NOW + after).of(Networks)


def test_a_network_is_known_until_long_after_the_last_sign_in(connection: Connection) -> None:
    assert not at(connection, timedelta()).knows("office")
    at(connection, timedelta()).note(1, "office")
    at(connection, DAY).note(1, "office")
    assert at(connection, REMEMBERED).knows("office")
    assert not at(connection, REMEMBERED + DAY).knows("office")
    assert at(connection, REMEMBERED).sweep() == 0
    assert at(connection, REMEMBERED + DAY).sweep() == 1


def test_the_oldest_of_too_many_is_forgotten(connection: Connection) -> None:
    at(connection, timedelta()).note(2, "another user's")
    for number in range(NETWORKS + 1):
        at(connection, number * DAY).note(1, f"{number}")
    known = [at(connection, 20 * DAY).knows(f"{number}") for number in range(NETWORKS + 1)]
    assert known == [False] + [True] * NETWORKS
    assert at(connection, 20 * DAY).knows("another user's")


def test_those_of_one_user_can_be_forgotten(tx: Transaction) -> None:
    tx.of(Networks).note(1, "one")
    tx.of(Networks).note(2, "two")
    tx.of(Networks).forget(1)
    assert not tx.of(Networks).knows("one")
    assert tx.of(Networks).knows("two")
