"""The files of an open SQLite database: whether they are still those at its path."""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

Identity = tuple[int, int]
"""The device and the number of a file, which it keeps when it is renamed."""


class Moved(sqlite3.OperationalError):
    """Raised when what is written would be in no file that anybody opens again."""

    sqlite_errorname = "SQLITE_READONLY_DBMOVED"


class Files:
    """The files that SQLite has open for a database, as they are when this is made.

    SQLite goes on in files that were removed or replaced, and says nothing: all that is written
    there is lost. And without the file of the lock another server would start beside this one.
    """

    def __init__(self, database: Path) -> None:
        self._paths: Sequence[str] = [f"{database}{end}" for end in ("", "-wal", "-shm", "-lock")]
        self._known = [_identity(path) for path in self._paths]

    def check(self) -> None:
        """Raise Moved where one of them is not at its path any more."""
        for path, known in zip(self._paths, self._known, strict=True):
            found = _identity(path)
            if found != known:
                what = "was replaced" if found else "is missing"
                raise Moved(f"{path} {what} while the server has it open")


def _identity(path: str) -> Identity | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
