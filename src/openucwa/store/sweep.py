"""Removing what has had its time."""

from openucwa.domain.deployment import Lifetimes
from openucwa.store.transaction import Transaction


def sweep(tx: Transaction, lifetimes: Lifetimes) -> dict[str, int]:
    """End what has expired, remove what ended long enough ago. Returns how many of each kind."""
    return {
        "applications_ended": tx.applications.end(tx.now - lifetimes.application, tx.now),
        "applications_removed": tx.applications.sweep(tx.now - lifetimes.tombstone),
        "tokens_removed": tx.tokens.sweep(tx.now - lifetimes.tombstone),
        "throttle_removed": tx.throttle.sweep(),
        "networks_removed": tx.networks.sweep(),
        "idempotency_keys_removed": tx.idempotency_keys.sweep(),
        "facts_forgotten": tx.facts.sweep(tx.now - lifetimes.fact),
        "meetings_removed": tx.meetings.sweep(tx.now - lifetimes.meeting_grace),
        "guests_removed": tx.users.sweep_guests(),  # last: when nothing of theirs is left
    }
