"""What is kept of meetings between two commands, in files that only the user can read.

- A *draft* is what somebody wanted and could not save: a conflict that she left, a server that was
  gone, an editor that was killed. It is offered again with the next edit or update.
- The *seen* version is the one that was shown last. A change is made from that one, so that what
  somebody else has changed since then is noticed.
"""

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from openucwa.cli.failure import Failure
from openucwa.cli.person import folders

_SEEN_LIFETIME = 30 * 24 * 3600.0
"""Seconds after which what was seen counts as forgotten."""
_ID = re.compile(r"[A-Z0-9]{1,64}")
_BEFORE_PROCESS = "~"
"""What stands in a file's name before the number of the process that works on it."""
_MOMENT = "time"
"""The member that stands for a time in a JSON object."""


@dataclass(frozen=True)
class Draft:
    """What was wanted. `base` is the version that it started from; `mine` is what it changes.

    `text` is what stands in the editor's file, if one was left behind. `file` is where it is kept.
    """

    base: str
    mine: Mapping[str, object]
    text: str | None
    kept_at: datetime
    file: Path


class Shelf:
    """The files of one person at one server. The meetings in them are JSON as the SDK writes it.

    Each process has drafts of its own: two terminals may edit one meeting at the same time. When a
    process has ended, its drafts are there for all.
    """

    def __init__(self, folder: Path, *, whose: str) -> None:
        digest = hashlib.sha256(whose.lower().encode()).hexdigest()[:16]
        self._drafts = folder / "drafts" / digest
        self._seen = folder / "seen" / digest

    def keep(self, id: str, base: str, mine: Mapping[str, object], *, text: str = "") -> Path:
        """Keep a draft in the place of this process's earlier one. Raises Failure.

        `text` is what goes into the editor: as long as the page has that, it is no draft.
        """
        path = self._own(id)
        content = {
            "base": base,
            "mine": {name: _encoded(value) for name, value in mine.items()},
            "text": text,
            "kept_at": datetime.now(UTC).isoformat(),
        }
        folders.write(path, json.dumps(content, ensure_ascii=False, indent=1))
        return path

    def page(self, id: str) -> Path:
        """The file that the editor gets."""
        return _page(self._own(id))

    def draft(self, id: str) -> Draft | None:
        """The latest draft that is kept of a meeting, and that no other process works on."""
        files = self._drafts.glob(f"{_name(id)}{_BEFORE_PROCESS}*.json")
        drafts = [one for file in files if not _is_open(file) and (one := _read(file))]
        return max(drafts, key=lambda one: one.kept_at, default=None)

    def take(self, id: str, draft: Draft) -> None:
        """Go on with a draft: it is this process's from now on. Raises Failure."""
        if draft.file != self._own(id):
            try:
                if _page(draft.file).exists():
                    _page(draft.file).replace(self.page(id))
                draft.file.replace(self._own(id))
            except OSError as error:
                raise Failure(f"{draft.file} can't be moved: {error.strerror}.") from None

    def discard(self, draft: Draft) -> None:
        """Forget a draft."""
        folders.remove(draft.file)
        folders.remove(_page(draft.file))

    def drop(self, id: str) -> None:
        """Forget this process's draft of a meeting."""
        folders.remove(self._own(id))
        folders.remove(self.page(id))

    def _own(self, id: str) -> Path:
        return self._drafts / f"{_name(id)}{_BEFORE_PROCESS}{os.getpid()}.json"

    def see(self, id: str, meeting: str) -> None:
        """Remember the version that is being shown."""
        folders.write(self._seen_file(id), meeting)
        self._forget_old()

    def seen(self, id: str) -> str | None:
        """The version that was shown last."""
        return folders.read(self._seen_file(id))

    def forget(self, id: str) -> None:
        """Forget what was seen of a meeting."""
        folders.remove(self._seen_file(id))

    def ids(self) -> list[str]:
        """The meetings of which something is kept, to complete what is typed."""
        files = [*self._seen.glob("*.json"), *self._drafts.glob("*.json")]
        names = {path.stem.partition(_BEFORE_PROCESS)[0] for path in files}
        return sorted(one for one in names if _ID.fullmatch(one))

    def _seen_file(self, id: str) -> Path:
        return self._seen / f"{_name(id)}.json"

    def _forget_old(self) -> None:
        for path in self._seen.glob("*.json"):
            if path.stat().st_mtime < time.time() - _SEEN_LIFETIME:
                folders.remove(path)


def _name(id: str) -> str:
    """What a meeting's files are called. An id of a foreign server may hold what no name can."""
    if _ID.fullmatch(id.upper()):
        return id.upper()
    return f"-{hashlib.sha256(id.encode(errors='surrogatepass')).hexdigest()[:32]}"


def _page(draft: Path) -> Path:
    return draft.with_suffix(".txt")


def _read(file: Path) -> Draft | None:
    """The draft in a file; None if it is none, or says nothing."""
    try:
        content = json.loads(folders.read(file) or "null")
        page = folders.read(_page(file))
        found = Draft(
            base=str(content["base"]),
            mine={name: _decoded(value) for name, value in content["mine"].items()},
            text=None if page == content["text"] else page,
            kept_at=datetime.fromisoformat(content["kept_at"]),
            file=file,
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if found.mine or found.text else None


def _is_open(file: Path) -> bool:
    """Whether another process that still runs works on a draft."""
    process = file.stem.rpartition(_BEFORE_PROCESS)[2]
    if sys.platform == "win32" or not process.isdigit() or int(process) == os.getpid():
        return False  # Windows can't tell without ending it
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's, so not one of ours
        return False
    return True


def _encoded(value: object) -> object:
    if isinstance(value, datetime):
        return {_MOMENT: value.isoformat()}
    return list(value) if isinstance(value, tuple | set | frozenset) else value


def _decoded(value: object) -> object:
    if isinstance(value, dict) and value.keys() == {_MOMENT}:
        return datetime.fromisoformat(value[_MOMENT])
    return tuple(value) if isinstance(value, list) else value
