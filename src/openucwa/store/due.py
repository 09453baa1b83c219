"""Rows that are due: by time, and not by a request."""

from datetime import datetime, timedelta

from openucwa.store.declared import all_tables
from openucwa.store.table import Table
from openucwa.store.transaction import Transaction


def upcoming(tx: Transaction) -> list[tuple[timedelta, type[Table]]]:
    """Return the tables of which something will be due, the first one first, and how soon."""
    found = [(at, table) for table in all_tables() if (at := _next_due(tx, table))]
    found.sort(key=lambda one: one[0])
    return [(at - tx.now, table) for at, table in found]


def _next_due(tx: Transaction, table: type[Table]) -> datetime | None:
    if table.next_due is Table.next_due:
        return None
    return tx.of(table).next_due()
