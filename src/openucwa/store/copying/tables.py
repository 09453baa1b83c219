"""The tables that the migrations make."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

from openucwa.store import schema

LOG = "log"
"""The table to which the migrations themselves give its one row."""


@dataclass(frozen=True)
class CopiedTable:
    """A table with its columns, each with its type in SQL, and those by which rows are ordered."""

    name: str
    columns: dict[str, str]
    order: tuple[str, ...]

    @property
    def rows(self) -> str:
        """SQL for all its rows, in their order, which is the same on every engine."""
        return f"SELECT {', '.join(self.columns)} FROM {self.name} ORDER BY {', '.join(self.order)}"


def tables() -> list[CopiedTable]:
    """All tables of an installation, but those of the library that migrates."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for text in schema.texts():
            connection.executescript(text)
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
        return [_table(connection, name) for (name,) in names.fetchall()]


def _table(connection: sqlite3.Connection, name: str) -> CopiedTable:
    rows = connection.execute(
        "SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid", [name]
    ).fetchall()
    key = [column for pk, column in sorted((pk, column) for column, _, pk in rows) if pk]
    columns = {column: type for column, type, _ in rows}
    return CopiedTable(name, columns, tuple(key or columns))
