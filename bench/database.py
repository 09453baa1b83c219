"""The costs of a load for a PostgreSQL server: processor time and write-ahead log."""

from __future__ import annotations

from dataclasses import replace

import psycopg

from bench import load
from bench.load import Plan, Result
from tools.postgres import Postgres


def run(plan: Plan, postgres: Postgres | None) -> Result:
    """Run `plan` on a server that keeps its data there, or else in SQLite."""
    if postgres is None:
        return load.run(plan)
    before = wal_position(postgres)
    result = load.run(replace(plan, database=postgres.pid))
    written = wal_position(postgres) - before
    # The log also holds what was done before and after the time that is measured.
    updates = sum(result.serials) - sum(target.serial for target in plan.targets)
    return replace(result, wal_bytes=written * result.requests / updates)


def wal_position(postgres: Postgres) -> int:
    """Return how many bytes the server has written to its write-ahead log so far."""
    with psycopg.connect(postgres.url()) as connection:
        row = connection.execute("SELECT pg_current_wal_lsn() - '0/0'").fetchone()
    assert row is not None
    return int(row[0])
