"""The declarations of all tables in `store/tables`, which are found without a list."""

import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module

from openucwa.store import tables
from openucwa.store.connection import Connection
from openucwa.store.table import Rows, Table

FOLDERS = [tables]


@cache
def all_tables() -> Sequence[type[Table]]:
    """The tables, in the order of their files."""
    modules = [
        import_module(f"{folder.__name__}.{file.name}")
        for folder in FOLDERS
        for file in pkgutil.iter_modules(folder.__path__)
    ]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Table)
        and value.__module__ == module.__name__
    ]


@cache
def all_rows() -> Sequence[Rows]:
    """The tables in SQL."""
    return [rows for table in all_tables() for rows in table.rows]


def remove_within(connection: Connection, table: str, *key: object) -> None:
    """Remove what goes with the row of a table, whose key is given as others name it."""
    for rows in all_rows():
        if columns := rows.within.get(table):
            where = " AND ".join(f"{column} = :{column}" for column in columns)
            connection.execute(
                f"DELETE FROM {rows.name} WHERE {where}", dict(zip(columns, key, strict=True))
            )
