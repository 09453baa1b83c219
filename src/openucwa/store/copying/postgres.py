"""A PostgreSQL database, for a copy."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from openucwa.store import conninfo, positions
from openucwa.store.copying.contents import Row
from openucwa.store.copying.tables import CopiedTable
from openucwa.store.not_ready import NotReady
from openucwa.store.others import check_sessions
from openucwa.store.schema import reported

_TYPES = {"TEXT": "text", "BIGINT": "int8", "INTEGER": "int8"}
_BEGIN = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ",
    # A long read, or the wait for the other side, is no reason to end the transaction.
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",  # the other side may be slow
    "SET LOCAL lock_timeout = '10s'",
)
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', true)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)


@contextmanager
def opened(
    url: str, tables: Sequence[CopiedTable], *, to_write: bool
) -> Generator["PostgresContents"]:
    """Have a database to oneself. Raises NotReady while there are connections of servers.

    One that starts meanwhile can't write.
    """
    names = ", ".join(table.name for table in tables)
    mode = "EXCLUSIVE" if to_write else "SHARE"
    with reported(url):
        connection = conninfo.connect(url)
    with closing(connection):  # which undoes what has not been committed
        with reported(url):
            for statement in (*_BEGIN, f"LOCK TABLE {names} IN {mode} MODE"):
                connection.execute(statement.encode())
            check_sessions(connection, url)  # the first statement that takes a snapshot
            connection.execute(_DURABLE.encode())
        yield PostgresContents(connection, url)


@contextmanager
def snapshot(url: str) -> Generator["PostgresContents"]:
    """Read a database as it is at one moment, while others use it."""
    with reported(url):
        connection = conninfo.connect(url, conninfo.COMMAND)
    with closing(connection):
        with reported(url):
            for statement in (*_BEGIN, "SET TRANSACTION READ ONLY"):
                connection.execute(statement.encode())
        yield PostgresContents(connection, url)


class PostgresContents:
    """Implements openucwa.store.copying.contents.Contents."""

    def __init__(self, connection: psycopg.Connection[Any], url: str) -> None:
        self._connection = connection
        self._url = url

    def count(self, table: CopiedTable) -> int:
        with reported(self._url):
            row = self._connection.execute(f"SELECT count(*) FROM {table.name}".encode()).fetchone()
        assert row is not None
        return int(row[0])

    def rows(self, table: CopiedTable) -> Generator[Row]:
        statement = f"COPY ({table.rows}) TO STDOUT (FORMAT BINARY)"
        with reported(self._url), self._connection.cursor().copy(statement.encode()) as copy:
            copy.set_types(_types(table))
            yield from copy.rows()

    def fill(self, table: CopiedTable, rows: Iterable[Row]) -> None:
        statement = f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN (FORMAT BINARY)"
        with reported(self._url):
            self._connection.execute(f"DELETE FROM {table.name}".encode())
            try:
                with self._connection.cursor().copy(statement.encode()) as copy:
                    copy.set_types(_types(table))
                    for row in rows:
                        copy.write_row(row)
            except psycopg.DataError as error:
                raise NotReady(
                    f"PostgreSQL can't hold a row of the table {table.name}, which is left as it "
                    f"is: {error.diag.message_primary} ({error.diag.context})."
                ) from error

    def settle(self) -> None:
        with reported(self._url):
            positions.settle_in_postgres(self._connection)

    def commit(self) -> None:
        with reported(self._url):
            self._connection.execute("ANALYZE")  # until it does so by itself, plans are bad
            self._connection.execute("COMMIT")


def _types(table: CopiedTable) -> list[str]:
    return [_TYPES[type] for type in table.columns.values()]
