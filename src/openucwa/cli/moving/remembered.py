"""The copies made on this machine, so that a copy that somebody has cancelled is not made again.

The meetings themselves say what they were copied from; what is not there any more can't.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openucwa.cli.failure import Failure
from openucwa.cli.moving.marks import Origin
from openucwa.cli.person import folders


class Remembered:
    """The copies of one person's meetings at one place: source → id of the copy."""

    def __init__(self, whose: str) -> None:
        self._path = _path(whose, "json")
        self._copies = _copies(folders.read(self._path))

    def copy_of(self, origin: Origin) -> str | None:
        """The id that the copy has, or had."""
        return self._copies.get(str(origin))

    def add(self, origin: Origin, id: str) -> None:
        """Remember a copy. Raises Failure when that is impossible."""
        if self._copies.get(str(origin)) != id:
            self._copies[str(origin)] = id
            folders.write(self._path, json.dumps(self._copies, indent=0))


@contextmanager
def alone(whose: str) -> Iterator[None]:
    """Keep out another import of the same on this machine. Raises Failure if one is running.

    The system takes the lock back, whatever ends the program.
    """
    try:
        import fcntl
    except ModuleNotFoundError:  # on Windows: two at once are told of by the report of the next
        yield
        return
    path = _path(whose, "lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise Failure(f"{path} can't be written: {error.strerror}.") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failure(
                "Another import of these meetings is running. Wait until it has finished."
            ) from None
        yield
    finally:
        os.close(lock)


def _path(whose: str, kind: str) -> Path:
    name = hashlib.sha256(whose.lower().encode()).hexdigest()[:16]
    return folders.state() / "import" / f"{name}.{kind}"


def _copies(text: str | None) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(origin): id for origin, id in found.items() if isinstance(id, str)}
