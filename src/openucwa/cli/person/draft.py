"""Drafts: what a person wanted of a meeting, and the server does not have yet.

A draft is a file, written before anything is sent, and beside it the pages that an editor has open.
It lives until `Drafts.delete`, which is called in two cases: the server has answered that it has
all of it, or the person drops it. No failure, signal or later draft removes what somebody wrote.

The process that works on a draft holds a lock on it, which the system releases when that process
ends, however it ends. Two terminals may edit one meeting at the same time, each in its own draft.
"""

import hashlib
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self

from openucwa.cli.failure import Failure
from openucwa.cli.person import editor, fields, folders
from openucwa.wire.members import SCHEDULE

NEW = "new"
"""Stands for the id of a meeting that is not scheduled yet."""
MAIN = ""
"""The page that has the whole meeting; others are named by their property."""

_ID = re.compile(r"[A-Z0-9]{1,64}")
_SEPARATOR = "~"
_MOMENT = "time"
"""The member that stands for a time in a JSON object."""
_PERIOD = ("starts", "ends", "zone")
"""The members that stand for the time of a meeting."""


class LocalDraft:
    """The changes wanted of a meeting: values, and texts from an editor.

    `base` is the version that it was made from, as the SDK writes it; empty for a new meeting.
    """

    def __init__(self, file: Path, id: str, base: str, mine: Mapping[str, object]) -> None:
        self.file = file
        self.id = id
        self.base = base
        self.mine: dict[str, object] = dict(mine)
        self.kept_at = datetime.now(UTC)
        self.untouched: dict[str, str] = {}
        """The original text of each page."""

    def keep(
        self, mine: Mapping[str, object], *, base: str | None = None, page: str | None = None
    ) -> None:
        """Keep values in the place of pages from which they were read: one, or all.

        Raises Failure.
        """
        self.mine = dict(mine)
        self.base = self.base if base is None else base
        self._write()
        for name in [*self.untouched, *self.pages()] if page is None else [page]:
            self.untouched.pop(name, None)
            folders.remove(self.page(name))

    def offer(self, text: str, page: str = MAIN) -> Path:
        """Write a page in which the person has written nothing yet. Raises Failure."""
        self.untouched[page] = text
        self._write()
        return self.rewrite(text, page)

    def rewrite(self, text: str, page: str = MAIN) -> Path:
        """Replace a page with what the person has written there. Raises Failure."""
        folders.write(self.page(page), text)
        return self.page(page)

    def page(self, name: str = MAIN) -> Path:
        """The file of a page."""
        return self.file.with_suffix(f".{name}.txt" if name else ".txt")

    def pages(self) -> dict[str, str]:
        """Return the edited text by page; untouched pages are left out."""
        found = {}
        for path in sorted(self.file.parent.glob(f"{self.file.stem}.*txt")):
            name = path.name[len(self.file.stem) + 1 :].removesuffix("txt").removesuffix(".")
            text = editor.read(path, guess=True)
            if text is not None and _has_words(text) and text != self.untouched.get(name):
                found[name] = text
        return found

    @property
    def says_something(self) -> bool:
        """True if it has anything that could get lost."""
        return bool(self.mine or self.pages())

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """Return the draft in a file; None if the file has none."""
        try:
            content = json.loads(folders.read(file) or "null")
            mine = {name: _decoded(value) for name, value in content["mine"].items()}
            found = cls(file, str(content["id"]), str(content["base"]), mine)
            found.untouched = {str(name): str(one) for name, one in content["untouched"].items()}
            found.kept_at = datetime.fromisoformat(content["keptAt"])
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        return found

    def _write(self) -> None:
        self.kept_at = datetime.now(UTC)
        content = {
            "id": self.id,
            "base": self.base,
            "mine": {name: _encoded(value) for name, value in self.mine.items()},
            "untouched": self.untouched,
            "keptAt": self.kept_at.isoformat(),
        }
        folders.write(self.file, json.dumps(content, ensure_ascii=False, indent=1))


class Drafts:
    """The drafts of one person at one server, in files that only she can read."""

    def __init__(self, folder: Path, *, whose: str) -> None:
        digest = hashlib.sha256(whose.lower().encode()).hexdigest()[:16]
        self._folder = folder / "drafts" / digest
        self._held: dict[Path, IO[bytes]] = {}

    def begin(self, id: str, base: str, mine: Mapping[str, object]) -> LocalDraft:
        """Begin a draft that this process works on. Raises Failure."""
        token = secrets.token_hex(8)
        draft = LocalDraft(self._folder / f"{_name(id)}{_SEPARATOR}{token}.json", id, base, mine)
        self.take(draft)
        draft.keep(mine)
        return draft

    def all(self) -> list[LocalDraft]:
        """The drafts on which no other process works, the latest first."""
        return self._found("*")

    def of(self, id: str) -> list[LocalDraft]:
        """Those of one meeting."""
        return self._found(_name(id))

    def _found(self, name: str) -> list[LocalDraft]:
        read = map(LocalDraft.read, self._folder.glob(f"{name}{_SEPARATOR}*.json"))
        found = [one for one in read if one and one.says_something and not self._is_busy(one)]
        return sorted(found, key=lambda one: one.kept_at, reverse=True)

    def take(self, draft: LocalDraft) -> bool:
        """Work on a draft from now on; returns False if another process does."""
        if draft.file not in self._held:
            lock = _locked(_lock_of(draft.file))
            if lock is None:
                return False
            self._held[draft.file] = lock
        return True

    def _is_busy(self, draft: LocalDraft) -> bool:
        if draft.file in self._held or not _lock_of(draft.file).exists():
            return False
        lock = _locked(_lock_of(draft.file))
        if lock is not None:
            lock.close()
        return lock is None

    def delete(self, draft: LocalDraft) -> None:
        """Delete a draft: the server has all of it, or the person has dropped it."""
        draft.mine = {}
        folders.remove(draft.file)  # first, since pages without it are nothing
        for page in draft.file.parent.glob(f"{draft.file.stem}.*txt"):
            folders.remove(page)
        self._release(draft.file)

    def close(self) -> None:
        """Leave all drafts to others; those into which nothing was written go."""
        for file in list(self._held):
            draft = LocalDraft.read(file)
            if draft is not None and not draft.says_something:
                self.delete(draft)
            self._release(file)

    def _release(self, file: Path) -> None:
        folders.remove(_lock_of(file))
        if lock := self._held.pop(file, None):
            lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def ids(self) -> Iterator[str]:
        """The meetings of which there are drafts, to complete what is typed."""
        for file in self._folder.glob(f"*{_SEPARATOR}*.json"):
            name = file.stem.partition(_SEPARATOR)[0]
            if _ID.fullmatch(name):
                yield name


def _name(id: str) -> str:
    """Return the name of a meeting's files, whatever characters its id has."""
    if _ID.fullmatch(id.upper()):
        return id.upper()
    return f"-{hashlib.sha256(id.encode(errors='surrogatepass')).hexdigest()[:32]}"


def _has_words(text: str) -> bool:
    """Return whether a text has more than comments."""
    return any(line.strip() and not line.startswith("#") for line in text.split("\n"))


def _lock_of(file: Path) -> Path:
    return file.with_suffix(".lock")


def _locked(path: Path) -> IO[bytes] | None:
    """Open a file, and lock it as long as it is open; None if another process has locked it.

    Raises Failure.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb")  # noqa: SIM115 - held
    except OSError as error:
        raise Failure(f"{path} can't be written: {error.strerror}.") from None
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
    return file


def _encoded(value: object) -> object:
    if (schedule := fields.schedule({SCHEDULE: value})) is not None:
        moments = (one and one.isoformat() for one in (schedule.starts_at, schedule.ends_at))
        return dict(zip(_PERIOD, (*moments, schedule.time_zone), strict=True))
    if isinstance(value, datetime):
        return {_MOMENT: value.isoformat()}
    return list(value) if isinstance(value, tuple | set | frozenset) else value


def _decoded(value: object) -> object:
    if isinstance(value, dict) and value.keys() == {_MOMENT}:
        return datetime.fromisoformat(value[_MOMENT])
    if isinstance(value, dict) and value.keys() == {*_PERIOD}:
        from openucwa.client import Schedule

        starts, ends, zone = (value[name] for name in _PERIOD)
        starts, ends = (one and datetime.fromisoformat(one) for one in (starts, ends))
        return Schedule(starts, ends, zone)
    return tuple(value) if isinstance(value, list) else value
