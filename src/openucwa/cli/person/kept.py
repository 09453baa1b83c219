"""What is kept of meetings between two commands, in files that only the user can read.

- A *draft* is what somebody wanted and could not save: a conflict that she left, a server that was
  gone, an editor that was killed. It is offered again with the next edit or update.
- The *seen* version is the one that was shown last. A change is made from that one, so that what
  somebody else has changed since then is noticed.
"""

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from openucwa.cli.person import folders

_SEEN_LIFETIME = 30 * 24 * 3600.0
"""Seconds after which what was seen counts as forgotten."""
_MOMENT = "time"
"""The member that stands for a time in a JSON object."""


@dataclass(frozen=True)
class Draft:
    """What was wanted. `base` is the version that it started from; `mine` is what it changes.

    `text` is what stands in the editor's file, if one was left behind.
    """

    base: str
    mine: Mapping[str, object]
    text: str | None
    kept_at: datetime


class Shelf:
    """The files of one person at one server. The meetings in them are JSON as the SDK writes it."""

    def __init__(self, folder: Path, *, whose: str) -> None:
        digest = hashlib.sha256(whose.lower().encode()).hexdigest()[:16]
        self._drafts = folder / "drafts" / digest
        self._seen = folder / "seen" / digest

    def keep(self, id: str, base: str, mine: Mapping[str, object], *, text: str = "") -> Path:
        """Keep a draft in the place of an earlier one. Raises Failure if that is impossible.

        `text` is what goes into the editor: as long as the page has that, it is no draft.
        """
        path = self._drafts / _file(id)
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
        return (self._drafts / _file(id)).with_suffix(".txt")

    def draft(self, id: str) -> Draft | None:
        """The draft that is kept of a meeting."""
        try:
            content = json.loads(folders.read(self._drafts / _file(id)) or "null")
            page = folders.read(self.page(id))
            found = Draft(
                base=str(content["base"]),
                mine={name: _decoded(value) for name, value in content["mine"].items()},
                text=None if page == content["text"] else page,
                kept_at=datetime.fromisoformat(content["kept_at"]),
            )
        except (ValueError, TypeError, KeyError, AttributeError):  # none, or not ours
            return None
        return found if found.mine or found.text else None

    def drop(self, id: str) -> None:
        """Forget the draft of a meeting."""
        folders.remove(self._drafts / _file(id))
        folders.remove(self.page(id))

    def see(self, id: str, meeting: str) -> None:
        """Remember the version that is being shown."""
        folders.write(self._seen / _file(id), meeting)
        self._forget_old()

    def seen(self, id: str) -> str | None:
        """The version that was shown last."""
        return folders.read(self._seen / _file(id))

    def forget(self, id: str) -> None:
        """Forget what was seen of a meeting."""
        folders.remove(self._seen / _file(id))

    def ids(self) -> list[str]:
        """The meetings of which something is kept, to complete what is typed."""
        found = {
            path.stem for folder in (self._seen, self._drafts) for path in folder.glob("*.json")
        }
        return sorted(found)

    def _forget_old(self) -> None:
        for path in self._seen.glob("*.json"):
            if path.stat().st_mtime < time.time() - _SEEN_LIFETIME:
                folders.remove(path)


def _file(id: str) -> str:
    """The name of a meeting's file. An id of a foreign server may hold what no file name can."""
    if re.fullmatch(r"[A-Z0-9]{1,64}", id.upper()):
        return f"{id.upper()}.json"
    return f"-{hashlib.sha256(id.encode()).hexdigest()[:32]}.json"


def _encoded(value: object) -> object:
    if isinstance(value, datetime):
        return {_MOMENT: value.isoformat()}
    return list(value) if isinstance(value, tuple | set | frozenset) else value


def _decoded(value: object) -> object:
    if isinstance(value, dict) and value.keys() == {_MOMENT}:
        return datetime.fromisoformat(value[_MOMENT])
    return tuple(value) if isinstance(value, list) else value
