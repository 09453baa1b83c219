"""Removing what has had its time."""

from openucwa.domain.deployment import Lifetimes
from openucwa.store.declared import all_tables
from openucwa.store.transaction import Transaction


def sweep(tx: Transaction, lifetimes: Lifetimes) -> dict[str, int]:
    """Let each table remove what has had its time. Returns how many of each kind."""
    return {
        kind: count
        for table in all_tables()
        for kind, count in tx.of(table).swept(lifetimes).items()
    }
