"""Positions in the log of facts where a database is moved: those to come are above those there.

A channel is told what lies above its cursor, and only what is settled (openucwa.store.connection).
So in its new place all that is there has to be settled, and what comes has to be above it.
"""

import sqlite3
from typing import TYPE_CHECKING, Any

from openucwa.store.conninfo import FACTS_A_TRANSACTION, SCHEMA_LOCK

if TYPE_CHECKING:
    from psycopg import Connection

_NOTED = (
    "greatest((SELECT max(position) FROM facts), (SELECT max(until) FROM channels),"
    " (SELECT forgotten FROM log))"
)
"""The highest position that PostgreSQL knows of."""
_OLDEST = "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)"
"""The number of the oldest transaction that runs."""
_NEXT = "CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT)"
"""The number of the next transaction."""


def settle_in_postgres(connection: "Connection[Any]") -> None:
    """Reckon positions from the transactions of this cluster. Nobody may serve from it."""
    connection.execute(f"UPDATE log SET base = {_base(_OLDEST)}".encode())


def keep_growing(connection: "Connection[Any]") -> None:
    """The same where it is needed: after a dump was restored in another cluster.

    There the numbers of transactions are lower. Where somebody serves already, they are not.
    """
    with connection.transaction():
        connection.execute(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})".encode())
        connection.execute(
            f"UPDATE log SET base = {_base(_OLDEST)} WHERE {_base(_NEXT)} > base".encode()
        )


def settle_in_sqlite(connection: sqlite3.Connection) -> None:
    """Take the cursors back to the last fact, after which SQLite goes on counting.

    On PostgreSQL they advance without facts, too. In between there is nothing to be told.
    """
    (last,) = connection.execute("SELECT coalesce(max(position), 0) FROM facts").fetchone()
    connection.execute(
        "UPDATE channels SET since = min(since, :last), until = min(until, :last)", {"last": last}
    )
    connection.execute("UPDATE follows SET since = min(since, :last)", {"last": last})
    connection.execute(
        "UPDATE follows SET until = min(until, :last) WHERE until IS NOT NULL", {"last": last}
    )
    connection.execute("UPDATE log SET forgotten = min(forgotten, :last)", {"last": last})


def _base(transaction: str) -> str:
    """SQL for the base with which that transaction is the first above all positions."""
    return f"{_NOTED} / {FACTS_A_TRANSACTION} + 1 - {transaction}"
