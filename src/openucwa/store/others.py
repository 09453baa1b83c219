"""Checks whether other processes use a database that is to be migrated or copied.

A server that goes on meanwhile would write by another schema, or what the copy does not have.
"""

import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openucwa.store import conninfo
from openucwa.store.not_ready import NotReady
from openucwa.store.schema import name_of, reported

if TYPE_CHECKING:
    from psycopg import Connection

_PATIENCE = 2.0
"""Seconds in which a server that has just been stopped, or a command, lets go of it."""
_LOOK_EVERY = 0.1
_SESSIONS = (
    "SELECT coalesce(host(client_addr), 'this machine'), count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = %s AND pid <> pg_backend_pid()"
    " GROUP BY 1 ORDER BY 1"
)


class InUse(NotReady):
    """Somebody else uses the database."""


def check(location: Path | str) -> None:
    """Raise InUse while other processes use a database, and NotReady when it can't be used."""
    if isinstance(location, Path):
        with alone(location):
            return
    with reported(location), conninfo.connect(location) as connection:
        check_sessions(connection, location)


@contextmanager
def alone(path: Path) -> Generator[sqlite3.Connection]:
    """A connection in a transaction, while which no other process can open a SQLite file.

    It is rolled back unless it is committed. Raises InUse.
    """
    with reported(path):
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    with closing(connection):
        # Any server has the file open in WAL mode, which by itself excludes this.
        try:
            with reported(path):
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                connection.execute("BEGIN EXCLUSIVE")
        except NotReady as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise InUse(
                    f"{path} is in use. Stop the server and any other program that has it open."
                ) from None
            raise
        yield connection


def check_sessions(connection: "Connection[Any]", url: str) -> None:
    """Raise InUse while servers are connected to a PostgreSQL database."""
    end = time.monotonic() + _PATIENCE
    while found := _sessions(connection):
        if time.monotonic() > end:
            where = ", ".join(f"{count} from {host}" for host, count in found)
            raise InUse(
                f"{name_of(url)} is in use: OpenUCWA is connected to it ({where}). Stop all "
                "servers that use it."
            )
        time.sleep(_LOOK_EVERY)


def _sessions(connection: "Connection[Any]") -> list[tuple[Any, ...]]:
    """The hosts from which servers are connected, and how many connections each has."""
    connection.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees the first look again
    return connection.execute(_SESSIONS, [conninfo.SERVER]).fetchall()
