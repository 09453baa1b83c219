"""Bringing a database to the schema of this program, by the files in `migrations/`.

The location of a database is the path of a SQLite file, or the URL of a PostgreSQL one.
"""

import re
import sqlite3
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from openucwa.store import backfill, conninfo, lock, positions
from openucwa.store.not_ready import NotReady

if TYPE_CHECKING:
    from psycopg import Connection

_MIGRATIONS = Path(__file__).parent / "migrations"
_PATIENCE = 10
"""Seconds for which a migration waits for a table that others use."""
_IN_POSTGRES = {
    "INTEGER PRIMARY KEY": "BIGINT PRIMARY KEY",  # SQLite's has 64 bits by that name alone
    "TEXT": 'TEXT COLLATE "C"',  # the order of the bytes, as in SQLite
}


def migrations() -> list[str]:
    """The migrations of this program, in their order."""
    return sorted(file.stem for file in _MIGRATIONS.glob("*.sql"))


def texts() -> list[str]:
    """Return the SQL of this program's migrations."""
    return [(_MIGRATIONS / f"{name}.sql").read_text(encoding="utf-8") for name in migrations()]


def missing(location: Path | str) -> list[str]:
    """The migrations that a database lacks, in their order. Raises NotReady."""
    with reported(location):
        if isinstance(location, Path):
            return _missing_in_sqlite(location)
        with conninfo.connect(location) as connection:
            return _missing_in_postgres(connection, conninfo.without_password(location))


def migrate(location: Path | str) -> None:
    """Apply the migrations that a database lacks; a SQLite file is made where there is none.

    All of them and their marks are one transaction, so that a process which dies in between leaves
    nothing behind. Raises NotReady when a newer program has written it, or it can't be used.
    """
    if isinstance(location, Path):
        location.touch(mode=0o600)  # it has password hashes; SQLite's other files follow it
    if missing(location):
        with reported(location):
            if isinstance(location, Path):
                _migrate_sqlite(location)
            else:
                _migrate_postgres(location)


def make(location: Path | str) -> None:
    """Make the schema in an empty database, and see that it is this program's in another.

    Other processes may serve from that, so it is not changed beneath them. Raises NotReady.
    """
    lacking = missing(location) if isinstance(location, str) or location.exists() else migrations()
    if lacking == migrations():
        migrate(location)
    elif lacking:
        raise NotReady(
            f"{name_of(location)} was made by an older OpenUCWA and lacks {', '.join(lacking)}. "
            "Stop all servers that use it, back it up, and run openucwa migrate."
        )


def check_postgres(url: str) -> None:
    """Make a PostgreSQL database ready to be served from. Raises NotReady."""
    make(url)
    with reported(url), conninfo.connect(url) as connection:
        positions.keep_growing(connection)


def name_of(location: Path | str) -> str:
    """Return the name of a database for people. Raises NotReady."""
    if isinstance(location, Path):
        return str(location)
    return conninfo.without_password(location)


@contextmanager
def reported(location: Path | str) -> Generator[None]:
    """Raise what the engine's library raises as NotReady, which says what to do."""
    if isinstance(location, Path):
        try:
            yield
        except sqlite3.Error as error:
            raise NotReady(
                f"The database {location} can't be used: {error}. Check that its disk has room, "
                "and that this user may write to it and its directory. If it is damaged, restore "
                "it from a backup."
            ) from error
        return
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise conninfo.unusable(location, error) from error


def _missing_in_sqlite(path: Path) -> list[str]:
    lock.check(path)
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute(
            "SELECT 1 FROM sqlite_schema WHERE name = '_yoyo_migration'"
        ).fetchone():
            return migrations()
        rows = connection.execute("SELECT migration_id FROM _yoyo_migration").fetchall()
    return _missing((id for (id,) in rows), path)


def _missing_in_postgres(connection: "Connection[Any]", name: str) -> list[str]:
    encoding = connection.execute("SELECT current_setting('server_encoding')").fetchone()
    if encoding != ("UTF8",):
        raise NotReady(
            f"{name} can't store texts in every language, because its encoding is not UTF8. Create "
            "it again with TEMPLATE template0 ENCODING 'UTF8', or name another one in the URL."
        )
    row = connection.execute("SELECT to_regclass('_yoyo_migration')").fetchone()
    if row is None or row[0] is None:
        return migrations()
    rows = connection.execute("SELECT migration_id FROM _yoyo_migration").fetchall()
    return _missing((id for (id,) in rows), name)


def _migrate_postgres(url: str) -> None:
    import psycopg
    from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
    from yoyo.connections import parse_uri

    class Cursor(psycopg.ClientCursor[Any]):
        """Spells types as PostgreSQL does."""

        def execute(self, query: Any, *arguments: Any, **named: Any) -> "Cursor":
            for ours, theirs in _IN_POSTGRES.items():
                query = re.sub(rf"(?<= ){ours}\b", theirs, query)
            return super().execute(query, *arguments, **named)

    class Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]
        def connect(self, _: object) -> "Connection[Any]":
            return psycopg.connect(
                **conninfo.parameters(url, conninfo.COMMAND),
                autocommit=True,
                cursor_factory=Cursor,
            )

    # yoyo keeps the URL that it is told: this one says nothing.
    _apply(Backend(parse_uri("postgresql+psycopg:///"), "_yoyo_migration"), _lock_postgres, "%s")


def _lock_postgres(backend: Any) -> None:
    backend.execute("SET LOCAL statement_timeout = 0")  # a table may be large
    backend.execute(f"SELECT pg_advisory_xact_lock({conninfo.SCHEMA_LOCK})")
    # Who waits for a table lets nobody else have it meanwhile.
    backend.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}s'")


def _migrate_sqlite(path: Path) -> None:
    # It takes longer to import than the rest of the store; only those who migrate need it.
    import yoyo

    _apply(yoyo.get_backend(f"sqlite:///{quote(str(path.resolve()))}"), _lock_sqlite, "?")


def _lock_sqlite(backend: Any) -> None:
    # The first statement takes SQLite's lock for the transaction. After one that only reads, that
    # would fail at once while another process migrates, instead of waiting. Nobody needs yoyo's own
    # lock, which outlives a process that is killed. Where the disk is full, yoyo did not make the
    # table and has kept quiet; now SQLite says why.
    backend.execute("PRAGMA user_version = 0")
    backend.execute("CREATE TABLE IF NOT EXISTS yoyo_lock (locked INT PRIMARY KEY)")
    backend.execute("DELETE FROM yoyo_lock")


def _apply(backend: Any, lock: Any, place: str) -> None:
    """Apply what is missing and mark it, in one transaction.

    `place` is the placeholder of a parameter in the engine's SQL.
    """
    import yoyo
    from yoyo import internalmigrations

    ours = yoyo.read_migrations(str(_MIGRATIONS))
    with backend, backend.transaction():  # the first closes the connection
        lock(backend)
        internalmigrations.upgrade(backend)
        backend._internal_schema_updated = True
        for migration in backend.to_apply(ours):
            migration.process_steps(backend, "apply")
            if fill := backfill.AFTER.get(migration.id):
                with closing(backend.cursor()) as cursor:
                    fill(cursor, place)
            backend.mark_one(migration, log=False)  # for a log, the user would need a name


def _missing(applied: Iterable[str], name: object) -> list[str]:
    there = set(applied)
    if unknown := sorted(there - set(migrations())):
        raise NotReady(
            f"{name} was written by a newer OpenUCWA ({', '.join(unknown)}). Run that version, or "
            "restore a backup from before the upgrade."
        )
    return [one for one in migrations() if one not in there]
