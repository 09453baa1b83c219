"""Removing what has had its time."""

from datetime import timedelta

from openucwa.domain.deployment import Lifetimes
from openucwa.store.connection import Connection
from openucwa.store.sweep import sweep
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.tokens import Tokens
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel
from tests.store.memory import NOW, application, details, user

LIFETIMES = Lifetimes(
    application=timedelta(hours=4), tombstone=timedelta(days=7), meeting_grace=timedelta(days=14)
)
NOTHING = {
    "applications_ended": 0,
    "applications_removed": 0,
    "tokens_removed": 0,
    "throttle_removed": 0,
    "networks_removed": 0,
    "idempotency_keys_removed": 0,
    "facts_forgotten": 0,
    "follows_removed": 0,
    "meetings_removed": 0,
    "guests_removed": 0,
    "conversations_removed": 0,
    "invitations_removed": 0,
    "views_removed": 0,
    "messages_removed": 0,
    "attendances_removed": 0,
    "silent_removed": 0,
    "conversation_logs_removed": 0,
}


def test_everything_ends_in_its_time(connection: Connection) -> None:
    def swept(after: timedelta) -> dict[str, int]:
        found = sweep(Transaction(connection, NOW + after), LIFETIMES)
        return {kind: count for kind, count in found.items() if count}

    tx = Transaction(connection, NOW)
    tx.of(Applications).add(application())
    tx.of(Tokens).add("hash", user(), NOW)
    tx.of(Meetings).add(
        OnlineMeetingRel.MY_ONLINE_MEETINGS,
        details(expiration_time=NOW),
        by=application(),
    )
    second = timedelta(seconds=1)
    assert swept(LIFETIMES.application) == {}
    assert swept(LIFETIMES.application + second) == {"applications_ended": 1}
    assert swept(LIFETIMES.tombstone) == {}
    assert swept(LIFETIMES.tombstone + second) == {"tokens_removed": 1}
    assert swept(LIFETIMES.application + second + LIFETIMES.tombstone) == {}
    assert swept(LIFETIMES.application + 2 * second + LIFETIMES.tombstone) == {
        "applications_removed": 1
    }
    assert swept(LIFETIMES.meeting_grace) == {}
    assert swept(LIFETIMES.meeting_grace + second) == {"meetings_removed": 1}


def test_a_sweep_tells_of_every_kind_how_many_went(tx: Transaction) -> None:
    assert sweep(tx, LIFETIMES) == NOTHING
