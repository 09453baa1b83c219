"""The meetings that were shown, in files that only the user can read.

The *seen* version of a meeting is the one that was shown last, at this terminal if it has shown
one. A person's change is made from that one, so that what somebody else has changed since then is
noticed.
"""

import hashlib
import os
import re
import sys
import time
from pathlib import Path

from openucwa.cli.person import folders

_SEEN_LIFETIME = 30 * 24 * 3600.0
"""Seconds after which what was seen counts as forgotten."""
_ID = re.compile(r"[A-Z0-9]{1,64}")
_BEFORE_TERMINAL = "~"


class Shelf:
    """The files of one person at one server. The meetings in them are JSON as the SDK writes it."""

    def __init__(self, folder: Path, *, whose: str) -> None:
        digest = hashlib.sha256(whose.lower().encode()).hexdigest()[:16]
        self._seen = folder / "seen" / digest

    def see(self, id: str, meeting: str) -> None:
        """Remember the version that is being shown, at this terminal."""
        folders.write(self._seen / f"{_name(id)}{_BEFORE_TERMINAL}{_terminal()}.json", meeting)
        self._forget_old()

    def seen(self, id: str) -> str | None:
        """The version that this terminal has shown last; where it has none, any other."""
        own = folders.read(self._seen / f"{_name(id)}{_BEFORE_TERMINAL}{_terminal()}.json")
        if own is not None:
            return own
        latest = max(self._all_seen(id), key=_changed_at, default=None)
        return folders.read(latest) if latest else None

    def forget(self, id: str) -> None:
        """Forget what was seen of a meeting."""
        for file in self._all_seen(id):
            folders.remove(file)

    def _all_seen(self, id: str) -> list[Path]:
        return list(self._seen.glob(f"{_name(id)}{_BEFORE_TERMINAL}*.json"))

    def ids(self) -> list[str]:
        """The meetings that were shown, to complete what is typed."""
        names = {path.stem.partition(_BEFORE_TERMINAL)[0] for path in self._seen.glob("*.json")}
        return sorted(one for one in names if _ID.fullmatch(one))

    def _forget_old(self) -> None:
        for path in self._seen.glob("*.json"):
            if _changed_at(path) < time.time() - _SEEN_LIFETIME:
                folders.remove(path)


def _name(id: str) -> str:
    """Return the name of a meeting's files, whatever characters its id has."""
    if _ID.fullmatch(id.upper()):
        return id.upper()
    return f"-{hashlib.sha256(id.encode(errors='surrogatepass')).hexdigest()[:32]}"


def _terminal() -> int:
    """Return an id that the processes of one terminal share, if the system has one."""
    return 0 if sys.platform == "win32" else os.getsid(0)


def _changed_at(file: Path) -> float:
    """Return the time of its last write in seconds; long ago if it is gone."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
