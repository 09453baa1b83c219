"""The engines that tests run on: SQLite in a folder, or a real PostgreSQL.

One PostgreSQL serves all tests of a process, and starts when one first needs it.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import psycopg

from openucwa.store import conninfo
from openucwa.store.schema import migrate
from tools.postgres import FORGETFUL, Postgres, running

SQLITE, POSTGRES = ENGINES = ("sqlite", "postgres")
_TEMPLATE = "template"
_numbers = count(1)
_made = ExitStack()


class Engine:
    """Where a test's installation keeps its data."""

    name = SQLITE

    def __init__(self) -> None:
        self._taken: dict[Path, str] = {}
        self._free: list[str] = []

    def location(self, folder: Path) -> Path | str:
        """The database of an installation in a folder; the same one for the same folder.

        A new one has the schema and no rows.
        """
        if self.name == SQLITE:
            path = folder / "openucwa.sqlite3"
            if not path.exists():
                shutil.copy(_template(), path)
            return path
        return self._database(folder)

    def options(self, folder: Path) -> list[str]:
        """What a command is told besides --data."""
        return [] if self.name == SQLITE else ["--database", self._database(folder)]

    def release(self, folder: Path) -> None:
        """Let others have the database of a folder, which has no rows then."""
        if url := self._taken.pop(folder, None):
            with emptied(url):
                self._free.append(url)

    def _database(self, folder: Path) -> str:
        if folder not in self._taken:
            self._taken[folder] = self._free.pop() if self._free else new_database()
        return self._taken[folder]

    def failure(self) -> Exception:
        """What the engine's library raises when a disk is full."""
        if self.name == SQLITE:
            return sqlite3.OperationalError("database or disk is full")
        return psycopg.errors.DiskFull("could not extend file")


CURRENT = Engine()
"""The engine that --engine names."""


def close() -> None:
    """Stop and remove what the tests have shared."""
    _made.close()


@cache
def _template() -> Path:
    """A SQLite file with the schema and no rows: a copy costs a hundredth of a migration."""
    folder = Path(mkdtemp(prefix="openucwa-template-"))
    _made.callback(shutil.rmtree, folder)
    path = folder / "openucwa.sqlite3"
    migrate(path)
    return path


@cache
def server() -> Postgres:
    """The PostgreSQL server of this process."""
    # Statistics are gathered in transactions, and until those end, no fact counts as settled.
    return _made.enter_context(running({**FORGETFUL, "autovacuum": "off"}))


@cache
def _migrated() -> str:
    """The name of a database with the schema and no rows, to make others from.

    It is made apart from the server: tests of migrations need that, and have others than these.
    """
    migrate(server().create(_TEMPLATE))
    return _TEMPLATE


def new_database() -> str:
    """The URL of a new database with the schema and no rows."""
    return server().create(f"test{next(_numbers)}", _migrated())


def bare_database() -> str:
    """The URL of a new database with nothing in it."""
    return server().create(f"test{next(_numbers)}")


@contextmanager
def emptied(url: str) -> Iterator[str]:
    """A database, without the rows that are in it by the end."""
    yield url
    with conninfo.connect(url) as connection:
        empty(connection)


def empty(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Remove all rows. There are few: to delete them costs less than to truncate the tables."""
    found = connection.execute(
        "SELECT string_agg('DELETE FROM ' || tablename, '; ') FROM pg_tables"
        " WHERE schemaname = 'public' AND tablename NOT LIKE '%yoyo%' AND tablename <> 'log'"
    ).fetchone()
    assert found is not None
    connection.execute("SET session_replication_role = replica")  # so in any order
    connection.execute(f"{found[0]}".encode())
    connection.execute("UPDATE log SET forgotten = 0, removed_user = 0")
