"""Applications and their ends."""

from datetime import timedelta

from openucwa.domain.applications import Application
from openucwa.store.tables.applications import Applications
from openucwa.store.transaction import Transaction
from tests.store.memory import CHRIS, DANA, NOW, application

HOUR = timedelta(hours=1)


def ids(applications: list[Application]) -> list[int]:
    return [one.id for one in applications]


def test_an_application_is_found_as_added(tx: Transaction) -> None:
    added = application(version=2**40)
    tx.of(Applications).add(added)
    assert tx.of(Applications).get(DANA, added.id) == added


def test_nobody_else_finds_it(tx: Transaction) -> None:
    tx.of(Applications).add(application(id=1))
    assert tx.of(Applications).get(CHRIS, 1) is None
    assert tx.of(Applications).of(CHRIS) == []


def test_applications_are_listed_oldest_first(tx: Transaction) -> None:
    for id, hours in ((1, 3), (2, 1), (3, 2), (4, 1)):
        tx.of(Applications).add(application(id=id, last_seen_at=NOW + hours * HOUR))
    assert ids(tx.of(Applications).of(DANA)) == [2, 4, 3, 1]


def test_it_is_remembered_when_an_application_was_last_seen(tx: Transaction) -> None:
    first, second = application(id=1), application(id=2)
    for one in (first, second):
        tx.of(Applications).add(one)
    tx.of(Applications).seen(first, NOW + HOUR)
    assert [one.last_seen_at for one in tx.of(Applications).of(DANA)] == [NOW, NOW + HOUR]


def test_a_deleted_application_is_gone_alone(tx: Transaction) -> None:
    first, second = application(id=1), application(id=2)
    for one in (first, second):
        tx.of(Applications).add(one)
    tx.of(Applications).delete(first)
    assert tx.of(Applications).get(DANA, 1) is None
    assert tx.of(Applications).of(DANA) == [second]


def test_what_was_not_seen_since_then_ends_and_is_still_known(tx: Transaction) -> None:
    for id, hours in ((1, -1), (2, 0), (3, 1)):
        tx.of(Applications).add(application(id=id, last_seen_at=NOW + hours * HOUR))
    assert tx.of(Applications).end(seen_before=NOW, at=NOW + HOUR) == 1
    assert ids(tx.of(Applications).of(DANA)) == [2, 3]
    ended = tx.of(Applications).get(DANA, 1)
    assert ended
    assert ended.ended_at == NOW + HOUR


def test_an_application_ends_once(tx: Transaction) -> None:
    tx.of(Applications).add(application(id=1, last_seen_at=NOW))
    assert tx.of(Applications).end(seen_before=NOW + HOUR, at=NOW + HOUR) == 1
    assert tx.of(Applications).end(seen_before=NOW + HOUR, at=NOW + 2 * HOUR) == 0
    ended = tx.of(Applications).get(DANA, 1)
    assert ended
    assert ended.ended_at == NOW + HOUR


def test_a_sweep_forgets_what_ended_before_then(tx: Transaction) -> None:
    for id in (1, 2, 3):
        tx.of(Applications).add(application(id=id, last_seen_at=NOW + id * HOUR))
    tx.of(Applications).end(seen_before=NOW + 2 * HOUR, at=NOW + 5 * HOUR)
    tx.of(Applications).end(seen_before=NOW + 3 * HOUR, at=NOW + 6 * HOUR)
    assert tx.of(Applications).sweep(ended_before=NOW + 6 * HOUR) == 1
    assert [id for id in (1, 2, 3) if tx.of(Applications).get(DANA, id)] == [2, 3]
