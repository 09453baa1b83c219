"""What tests of the store start from: each engine in turn, with its tables and no rows."""

import atexit
from collections.abc import Iterator
from contextlib import closing
from functools import cache

import psycopg
import pytest

from openucwa.store import postgres
from openucwa.store.connection import Connection
from openucwa.store.prepared import Prepared
from openucwa.store.transaction import Transaction
from tests.engines import ENGINES, SQLITE, empty, new_database
from tests.store.memory import NOW, connect


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Everybody:
    """Whose turn it is where nobody else is there."""

    def __contains__(self, user_id: object) -> bool:
        return True


@pytest.fixture(params=ENGINES)
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """On PostgreSQL, each statement is a transaction of its own."""
    if request.param == SQLITE:
        with closing(connect()) as found:
            yield found
    else:
        server, statements = _postgres()
        yield postgres.Statements(statements, Everybody())
        empty(server)


@pytest.fixture
def tx(connection: Connection) -> Transaction:
    return Transaction(connection, NOW)


@cache
def _postgres() -> "tuple[psycopg.Connection[tuple[object, ...]], Prepared]":
    connection = postgres.connect(new_database())
    atexit.register(connection.close)
    return connection, Prepared(connection)
