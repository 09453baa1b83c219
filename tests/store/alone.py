"""A connection of an engine for one who is alone with it: its tables, and no rows."""

import atexit
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from typing import Any

import psycopg

from openucwa.store import conninfo, postgres
from openucwa.store.connection import Connection, Turn
from openucwa.store.prepared import Prepared, Result
from tests.engines import SQLITE, empty, new_database
from tests.store.memory import connect


@contextmanager
def connection_to(engine: str) -> Iterator[Connection]:
    """A connection to a database of an engine."""
    if engine == SQLITE:
        with closing(connect()) as found:
            yield found
    else:
        cleaner, statements = _postgres()
        try:
            yield Statements(statements)
        finally:
            statements.roll_back()
            empty(cleaner)


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


@cache
def _postgres() -> "tuple[psycopg.Connection[tuple[object, ...]], Prepared]":
    """A connection that empties the database, and one that tests use."""
    url = new_database()
    cleaner, connection = conninfo.connect(url), postgres.connect(url)
    for one in (cleaner, connection):
        atexit.register(one.close)
    return cleaner, Prepared(connection)
