"""What tests of the store start from: each engine in turn, with its tables and no rows."""

import atexit
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from typing import Any

import psycopg
import pytest

from openucwa.store import conninfo, postgres
from openucwa.store.connection import Connection, Turn
from openucwa.store.prepared import Prepared, Result
from openucwa.store.transaction import Transaction
from tests.engines import ENGINES, SQLITE, empty, new_database
from tests.store.memory import NOW, connect


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Statements:
    """PostgreSQL for one who is alone with it: each statement is a transaction of its own."""

    position = postgres.Statements.position
    before = postgres.Statements.before
    settled = postgres.Statements.settled

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared

    def execute(self, sql: str, parameters: Mapping[str, Any]) -> Result:
        found = self._prepared.execute(sql, parameters)
        self._prepared.finish()
        return found

    def change_one(self, sql: str, parameters: Mapping[str, Any], otherwise: Exception, /) -> None:
        if self.execute(sql, parameters).rowcount != 1:
            raise otherwise

    def alone(self, *turns: Turn) -> None: ...


@pytest.fixture(params=ENGINES)
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    if request.param == SQLITE:
        with closing(connect()) as found:
            yield found
    else:
        cleaner, statements = _postgres()
        yield Statements(statements)
        empty(cleaner)


@pytest.fixture
def tx(connection: Connection) -> Transaction:
    return Transaction(connection, NOW)


@cache
def _postgres() -> "tuple[psycopg.Connection[tuple[object, ...]], Prepared]":
    """A connection that empties the database, and one that tests use."""
    url = new_database()
    cleaner, connection = conninfo.connect(url), postgres.connect(url)
    for one in (cleaner, connection):
        atexit.register(one.close)
    return cleaner, Prepared(connection)
