"""A SQLite file, for a copy."""

import sqlite3
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from openucwa.store import positions
from openucwa.store.copying.contents import Row
from openucwa.store.copying.tables import CopiedTable
from openucwa.store.others import alone
from openucwa.store.schema import reported


@contextmanager
def opened(path: Path) -> Generator["SQLiteContents"]:
    """Have a file to oneself. Raises NotReady while any other process has it open."""
    with alone(path) as connection:
        yield SQLiteContents(connection, path)


class SQLiteContents:
    """Implements openucwa.store.copying.contents.Contents."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def count(self, table: CopiedTable) -> int:
        with reported(self._path):
            (count,) = self._connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()
        return int(count)

    def rows(self, table: CopiedTable) -> Generator[Row]:
        with reported(self._path):
            yield from self._connection.execute(table.rows)

    def fill(self, table: CopiedTable, rows: Iterable[Row]) -> None:
        values = ", ".join("?" * len(table.columns))
        with reported(self._path):
            self._connection.execute(f"DELETE FROM {table.name}")
            self._connection.executemany(
                f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({values})", rows
            )

    def settle(self) -> None:
        with reported(self._path):
            positions.settle_in_sqlite(self._connection)

    def commit(self) -> None:
        with reported(self._path):
            self._connection.execute("COMMIT")
