"""The lock of a SQLite database: one server at most has it open, and commands beside it.

The lock is one of the kernel's (flock), on a file beside the database that stays when all have
gone. Who holds it loses it with its life, however it ends.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openucwa.store import wal
from openucwa.store.not_ready import NotReady

_PATIENCE = 5.0
"""Seconds in which a command that is under way ends."""
_LOOK_EVERY = 0.05


@contextmanager
def held(database: Path, *, alone: bool) -> Iterator[bool]:
    """Hold the lock of a database file, and tell whether it is held.

    Where another process holds it, a command goes on without. Who has to be `alone` waits for a
    while, then raises NotReady. Raises OSError when the lock's file can't be made.
    """
    file = database.with_name(f"{database.name}-lock")
    file.touch(mode=0o600)
    with file.open("rb") as opened:
        yield _lock(opened.fileno(), file, patience=_PATIENCE if alone else 0.0)


def check(database: Path) -> None:
    """Raise NotReady where opening a database would lose changes that were committed to it."""
    with held(database, alone=False) as is_held:
        if is_held:  # else who holds it has checked
            wal.check(database)


def _lock(number: int, file: Path, patience: float) -> bool:
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if not patience:
                return False
            if time.monotonic() > end:
                raise NotReady(
                    f"{file.parent} is in use by another server or by a command that is still "
                    "running. Stop that one, or name another directory with "
                    "--data."
                ) from None
        except OSError as error:
            raise NotReady(
                f"{file} can't be locked: {error.strerror}. The database must be on a local disk. "
                "Name another directory with --data."
            ) from error
        time.sleep(_LOOK_EVERY)
