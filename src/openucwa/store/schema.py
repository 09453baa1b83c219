"""Bringing a database to the schema of this program, by the files in `migrations/`."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

_MIGRATIONS = Path(__file__).parent / "migrations"


class NotReady(Exception):
    """The database can't be brought to this program's schema. The message says what to do."""


def migrate(path: Path) -> None:
    """Apply the migrations that the SQLite file `path` lacks; it is made where there is none.

    All of them and their marks are one transaction, so that a process which dies in between leaves
    nothing behind. Raises NotReady when the file was written by a newer program, or can't be used.
    """
    path.touch(mode=0o600)  # there are password hashes in it; SQLite's other files follow it
    try:
        if not _is_current(path):
            _migrate(path)
    except sqlite3.Error as error:
        raise NotReady(
            f"The database {path} can't be used: {error}. Check that it is whole, and that this "
            "user may write to it and its directory."
        ) from error


def _is_current(path: Path) -> bool:
    """Whether the marks that yoyo leaves name just the files that are there, as they mostly do."""
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute(
            "SELECT 1 FROM sqlite_schema WHERE name = '_yoyo_migration'"
        ).fetchone():
            return False
        applied = connection.execute("SELECT migration_id FROM _yoyo_migration").fetchall()
    return {id for (id,) in applied} == {file.stem for file in _MIGRATIONS.glob("*.sql")}


def _migrate(path: Path) -> None:
    # They take longer to import than the rest of the store; only this function needs them.
    import yoyo
    from yoyo import internalmigrations

    backend = yoyo.get_backend(f"sqlite:///{quote(str(path.resolve()))}")
    migrations = yoyo.read_migrations(str(_MIGRATIONS))
    with backend, backend.transaction():  # the first closes the connection
        # This statement takes SQLite's lock for the transaction. Nobody needs yoyo's own, which
        # outlives a process that is killed.
        backend.execute("DELETE FROM yoyo_lock")
        internalmigrations.upgrade(backend)
        known = {migration.hash for migration in migrations}
        if not known.issuperset(backend.get_applied_migration_hashes()):
            raise NotReady(
                f"{path} was written by a newer OpenUCWA. Start that one, or go back to a copy "
                "of the data from before."
            )
        for migration in backend.to_apply(migrations):
            migration.process_steps(backend, "apply")
            backend.mark_one(migration, log=False)  # for a log, the user would need a name
