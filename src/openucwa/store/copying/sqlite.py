"""A SQLite file, for a copy."""

import sqlite3
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from openucwa.store import positions
from openucwa.store.copying.place import Row
from openucwa.store.copying.tables import Table
from openucwa.store.others import alone
from openucwa.store.schema import reported


@contextmanager
def opened(path: Path) -> Generator["SQLitePlace"]:
    """Have a file to oneself. Raises NotReady while any other process has it open."""
    with alone(path) as connection:
        yield SQLitePlace(connection, path)


class SQLitePlace:
    """Implements openucwa.store.copying.place.Place."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def count(self, table: Table) -> int:
        with reported(self._path):
            (count,) = self._connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()
        return int(count)

    def rows(self, table: Table) -> Generator[Row]:
        with reported(self._path):
            yield from self._connection.execute(table.rows)

    def fill(self, table: Table, rows: Iterable[Row]) -> None:
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
