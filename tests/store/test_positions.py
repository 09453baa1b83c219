"""Positions after a database was moved: what is there is settled, what comes is above it."""

from collections.abc import Iterator

import psycopg
import pytest

from openucwa.store import conninfo
from openucwa.store.postgres import Statements
from openucwa.store.schema import check_postgres
from tests.engines import new_database, server

HIGH = 10**15
"""A position such as no young cluster gives by itself."""
FACT = "INSERT INTO facts VALUES ({position}, 1, 0, 'user/1', 'added', 'me', '{{}}')"
CHANNEL = "INSERT INTO channels VALUES (1, 1, '', 0, 1, 0, {position}, 15, 5, 180)"
FORGOTTEN = "UPDATE log SET forgotten = {position}"


@pytest.fixture
def url() -> str:
    return new_database()


@pytest.fixture
def connection(url: str) -> Iterator["psycopg.Connection[tuple[int]]"]:
    with conninfo.connect(url) as found:
        yield found


def number(connection: "psycopg.Connection[tuple[int]]", sql: str) -> int:
    row = connection.execute(f"SELECT {sql}".encode()).fetchone()
    assert row is not None
    return row[0]


def settled(connection: "psycopg.Connection[tuple[int]]") -> int:
    return number(connection, Statements.settled)


def next_position(connection: "psycopg.Connection[tuple[int]]") -> int:
    return number(connection, Statements.position.replace(":ordinal", "0"))


@pytest.mark.parametrize("restored", [FACT, CHANNEL, FORGOTTEN])
def test_after_a_dump_was_restored(
    url: str, connection: "psycopg.Connection[tuple[int]]", restored: str
) -> None:
    """Also where somebody else in the new cluster has been writing for long."""
    with conninfo.connect(server().url()) as elsewhere:
        elsewhere.execute("BEGIN")
        elsewhere.execute("SELECT pg_current_xact_id()")
        connection.execute(restored.format(position=HIGH).encode())
        check_postgres(url)
        assert settled(connection) >= HIGH
        assert next_position(connection) > HIGH
        elsewhere.execute("ROLLBACK")


def test_who_starts_beside_others_changes_nothing(
    url: str, connection: "psycopg.Connection[tuple[int]]"
) -> None:
    """Else a fact that is about to be written would have a position that is settled already."""
    with conninfo.connect(url) as slow:
        slow.execute("BEGIN")
        first = next_position(slow)
        for _ in range(5):
            connection.execute(FACT.format(position=next_position(connection)).encode())
        check_postgres(url)
        assert number(connection, "base FROM log") == 0
        assert settled(connection) < first
        slow.execute("ROLLBACK")
