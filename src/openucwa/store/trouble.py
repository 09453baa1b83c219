"""A database that can't be used: what its clients are told, and what its administrator."""

import re
import sqlite3
import time
from contextlib import suppress

import structlog

from openucwa.wire.errors import ServiceUnavailable

SAY_EVERY = 10.0
"""Seconds. Every request fails: the log of a full disk need not be filled by that, too."""
QUIET_FOR = 5.0
"""Seconds without a failure after which it works again: what is small still fits a full disk."""

_DAMAGED = (
    "The database is damaged. Stop the server, keep the files, check the disk, and restore the "
    "database from a backup."
)
_UNREACHABLE = (
    "No database server accepts changes. Start it, or promote its standby; this server then "
    "recovers on its own."
)
_SLOW = "The database server takes too long, or another session holds a lock: see pg_stat_activity."
_DROPPED = (
    "The database on the PostgreSQL server was dropped, or created again without its tables. "
    "Stop all servers, restore it from a backup, and start them."
)
_OTHERWISE = "Restart the server if this continues."
_ADVICE = {
    "SQLITE_FULL": "The disk is full. Make room on it; the server then recovers on its own.",
    "SQLITE_READONLY_DBMOVED": "Files of the database were removed or replaced while it was open. "
    "Put the same files back, and the server recovers on its own. Otherwise stop the server before "
    "you put another database there, because it still writes to the files that it has open.",
    "SQLITE_READONLY": "The database can't be written. Make its disk and its files writable for "
    "this user. If the system has made the disk read-only, the system's log says why.",
    "SQLITE_IOERR": "The disk fails, is read-only, or has reached a limit of this user. See the "
    "system's log. Restart the server if it does not recover on its own when the disk is repaired.",
    "SQLITE_CANTOPEN": "The database's files can't be opened. Check that their directory is there "
    "and writable for this user, and how many files it may open.",
    "SQLITE_BUSY": "Another program keeps the database locked. Wait for it or stop it.",
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "08": _UNREACHABLE,
    "3D000": _DROPPED,
    "42P01": _DROPPED,
    "25006": _UNREACHABLE,
    "28": "The database server refuses the connection. Correct the password, or "
    "pg_hba.conf on the database server.",
    "53100": "The disk of the database server is full. Make room on it, and start the database "
    "server if it has stopped.",
    "53300": "The database server accepts no more connections. Raise its max_connections, or lower "
    "database_connections here.",
    "53": "The database server lacks memory or another resource: see its log.",
    "55P03": _SLOW,
    "57014": _SLOW,
    "57P": _UNREACHABLE,
    "58": "The disk of the database server fails: see its log and the system's log.",
    "XX": "The database server has found damaged files: see its log.",
}
"""By the beginning of SQLite's name for the failure, or of PostgreSQL's number (SQLSTATE)."""
_AT_CONNECTING = {
    r"database .* does not exist": "3D000",
    r"too many (clients|connections)|connection slots": "53300",
    r"authentication|pg_hba|password": "28000",
}
"""The numbers of failures to connect, which come as text alone."""
_TOLD = {
    "SQLITE_FULL": "Nothing can be stored at the moment: the server's disk is full.",
    "SQLITE_READONLY_DBMOVED": "The server's database was removed or replaced.",
    "SQLITE_READONLY": "Nothing can be stored at the moment: the server's disk is read-only.",
    "53100": "Nothing can be stored at the moment: the database's disk is full.",
}

_log = structlog.get_logger("openucwa.store")


class Trouble:
    """The failures of a database. It says each at once, then now and then, and when it is over."""

    def __init__(self) -> None:
        self._kind: str | None = None
        self._failed_at = self._said_at = -SAY_EVERY

    def met(self, error: Exception) -> ServiceUnavailable:
        """Note a failure of sqlite3 or psycopg; return what those who met it are told."""
        code = _code(error)
        kind = next((one for one in _ADVICE if code.startswith(one)), code)
        self._failed_at = now = time.monotonic()
        if kind != self._kind or now >= self._said_at + SAY_EVERY:
            self._kind, self._said_at = kind, now
            with suppress(OSError):  # the log may fill the same disk
                _log.error(
                    "database",
                    error=str(error).strip(),
                    code=code,
                    advice=_ADVICE.get(kind, _OTHERWISE),
                )
        return unavailable(_TOLD.get(kind, "The database can't be used at the moment."))

    def overcome(self) -> None:
        """Note that a transaction has succeeded."""
        if self._kind is not None and time.monotonic() >= self._failed_at + QUIET_FOR:
            self._kind = None
            with suppress(OSError):
                _log.info("database_works_again")


def unavailable(reason: str) -> ServiceUnavailable:
    """Return the error of a database that may be back in a few seconds."""
    return ServiceUnavailable(f"{reason} Try again in a few seconds.", headers={"Retry-After": "5"})


def _code(error: Exception) -> str:
    """SQLite's name or PostgreSQL's number of a failure."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "SQLITE_ERROR")  # Python's own have none
    if number := getattr(error, "sqlstate", None):
        return str(number)
    found = (number for text, number in _AT_CONNECTING.items() if re.search(text, str(error)))
    return next(found, "08000")  # no connection
