"""Bringing a database to the schema of this program, by the files in `migrations/`."""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from psycopg import Connection

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 2**62 + 1
"""The advisory lock of who changes the schema."""
_IN_POSTGRES = {
    "INTEGER PRIMARY KEY": "BIGINT PRIMARY KEY",  # SQLite's has 64 bits by that name alone
    "TEXT": 'TEXT COLLATE "C"',  # the order of the bytes, as in SQLite
}


class NotReady(Exception):
    """The database can't be brought to this program's schema. The message says what to do."""


def migrate(path: Path) -> None:
    """Apply the migrations that the SQLite file `path` lacks; it is made where there is none.

    All of them and their marks are one transaction, so that a process which dies in between leaves
    nothing behind. Raises NotReady when the file was written by a newer program, or can't be used.
    """
    path.touch(mode=0o600)  # there are password hashes in it; SQLite's other files follow it
    try:
        if missing_in_sqlite(path):
            _migrate_sqlite(path)
    except sqlite3.Error as error:
        raise NotReady(
            f"The database {path} can't be used: {error}. Check that its disk has room, and that "
            "this user may write to it and its directory. If it is damaged, restore it from a "
            "backup."
        ) from error


def missing_in_sqlite(path: Path) -> list[str]:
    """The migrations that a SQLite file lacks, in their order. Raises NotReady, sqlite3.Error."""
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute(
            "SELECT 1 FROM sqlite_schema WHERE name = '_yoyo_migration'"
        ).fetchone():
            return _missing((), path)
        rows = connection.execute("SELECT migration_id FROM _yoyo_migration").fetchall()
    return _missing((id for (id,) in rows), path)


def check_postgres(url: str) -> None:
    """Make the schema in an empty database; and see that it is this program's in another.

    Other processes may serve from it, so it is not changed beneath them. Raises NotReady.
    """
    import psycopg

    from openucwa.store import conninfo

    name = conninfo.without_password(url)
    try:
        with conninfo.connect(url) as connection:
            missing = missing_in_postgres(connection, name)
            if missing and missing[0] == _names()[0]:
                migrate_postgres(url)
            elif missing:
                raise NotReady(
                    f"The database {name} was made by an older OpenUCWA and lacks "
                    f"{', '.join(missing)}. Stop all servers that use it, make a copy of it, and "
                    "run openucwa migrate."
                )
            _let_positions_grow(connection)
    except psycopg.Error as error:
        raise _unusable(name, error) from error


def missing_in_postgres(connection: "Connection[Any]", name: str) -> list[str]:
    """The migrations that a PostgreSQL database lacks, in their order. Raises NotReady."""
    row = connection.execute("SELECT to_regclass('_yoyo_migration')").fetchone()
    if row is None or row[0] is None:
        return _missing((), name)
    rows = connection.execute("SELECT migration_id FROM _yoyo_migration").fetchall()
    return _missing((id for (id,) in rows), name)


def migrate_postgres(url: str) -> None:
    """Apply the migrations that a PostgreSQL database lacks, all or none. Raises NotReady."""
    import psycopg
    from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
    from yoyo.connections import parse_uri

    from openucwa.store import conninfo

    class Cursor(psycopg.ClientCursor[Any]):
        """Spells types as PostgreSQL does."""

        def execute(self, query: Any, *arguments: Any, **named: Any) -> "Cursor":
            for ours, theirs in _IN_POSTGRES.items():
                query = re.sub(rf"(?<= ){ours}\b", theirs, query)
            return super().execute(query, *arguments, **named)

    class Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]
        def connect(self, _: object) -> "Connection[Any]":
            return psycopg.connect(
                **conninfo.parameters(url), autocommit=True, cursor_factory=Cursor
            )

    try:
        # yoyo keeps what it is told, and tells nobody.
        _apply(Backend(parse_uri("postgresql+psycopg:///"), "_yoyo_migration"), _lock_postgres)
    except psycopg.Error as error:
        raise _unusable(conninfo.without_password(url), error) from error


def _lock_postgres(backend: Any) -> None:
    backend.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _migrate_sqlite(path: Path) -> None:
    # It takes longer to import than the rest of the store; only those who migrate need it.
    import yoyo

    _apply(yoyo.get_backend(f"sqlite:///{quote(str(path.resolve()))}"), _lock_sqlite)


def _lock_sqlite(backend: Any) -> None:
    # This statement takes SQLite's lock for the transaction. Nobody needs yoyo's own, which
    # outlives a process that is killed.
    backend.execute("DELETE FROM yoyo_lock")


def _apply(backend: Any, lock: Any) -> None:
    """Apply what is missing and mark it, in one transaction."""
    import yoyo
    from yoyo import internalmigrations

    migrations = yoyo.read_migrations(str(_MIGRATIONS))
    with backend, backend.transaction():  # the first closes the connection
        lock(backend)
        internalmigrations.upgrade(backend)
        backend._internal_schema_updated = True
        for migration in backend.to_apply(migrations):
            migration.process_steps(backend, "apply")
            backend.mark_one(migration, log=False)  # for a log, the user would need a name


def _let_positions_grow(connection: "Connection[Any]") -> None:
    """See that the facts to come have higher positions than those that are there.

    They are reckoned from the numbers of transactions, which start anew in another cluster, as
    after a dump was restored.
    """
    from openucwa.store.conninfo import FACTS_A_TRANSACTION

    connection.execute(
        "UPDATE log SET base = needed FROM (SELECT greatest("
        " (SELECT max(position) FROM facts), (SELECT max(until) FROM channels),"
        f" (SELECT forgotten FROM log)) / {FACTS_A_TRANSACTION} + 1"
        " - CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT) AS needed)"
        " AS found WHERE needed > base".encode()
    )


def _missing(applied: Iterable[str], name: object) -> list[str]:
    there = set(applied)
    if unknown := sorted(there - set(_names())):
        raise NotReady(
            f"{name} was written by a newer OpenUCWA ({', '.join(unknown)}). Start that one, or go "
            "back to a copy of the data from before."
        )
    return [one for one in _names() if one not in there]


def _names() -> list[str]:
    return sorted(file.stem for file in _MIGRATIONS.glob("*.sql"))


def _unusable(name: str, error: Exception) -> NotReady:
    return NotReady(
        f"The database {name} can't be used: {' '.join(str(error).split())}. Check that it runs, "
        "that the URL is right, and that this user may create tables in it."
    )
