"""What requests have made that may be repeated."""

from datetime import timedelta

from openucwa.domain.repeats import KEPT, Made
from openucwa.store.connection import Connection
from openucwa.store.tables.idempotency_keys import IdempotencyKeys
from openucwa.store.transaction import Transaction
from tests.store.memory import CHRIS, DANA, NOW

SECOND = timedelta(seconds=1)
MADE = Made(request="hash", keys={"online_meeting_id": "PYC58WSY"})


def at(connection: Connection, after: timedelta) -> Transaction:
    return Transaction(connection, NOW + after)


def test_what_was_made_is_known_by_its_user_and_key(tx: Transaction) -> None:
    tx.of(IdempotencyKeys).add(DANA, "key", MADE)
    assert tx.of(IdempotencyKeys).get(DANA, "key") == MADE
    assert tx.of(IdempotencyKeys).get(DANA, "other") is None
    assert tx.of(IdempotencyKeys).get(CHRIS, "key") is None


def test_sweep_removes_what_was_kept_long_enough(connection: Connection) -> None:
    for number in range(3):
        at(connection, number * SECOND).of(IdempotencyKeys).add(DANA, f"{number}", MADE)
    assert at(connection, KEPT - SECOND).of(IdempotencyKeys).sweep() == 0
    assert at(connection, KEPT).of(IdempotencyKeys).sweep() == 1
    assert at(connection, KEPT).of(IdempotencyKeys).get(DANA, "0") is None
    assert at(connection, KEPT).of(IdempotencyKeys).get(DANA, "1") == MADE


def test_sweep_removes_what_a_wrong_clock_has_noted(connection: Connection) -> None:
    at(connection, timedelta(days=365)).of(IdempotencyKeys).add(DANA, "key", MADE)
    assert at(connection, KEPT).of(IdempotencyKeys).sweep() == 1
