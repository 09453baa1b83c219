"""Marks by which a copy is recognised: it names the meeting that it was made from.

A finished copy has an extension that says so: a *marker*, which only the organizer sees. Meeting
and marker can't be written at once, so the last line of the description says the same until the
copy is finished: a *tag*. Neither depends on the machine that runs the import.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from openucwa.cli.person import fields
from openucwa.wire import members, sip
from openucwa.wire.limits import LONGEST_DESCRIPTION
from openucwa.wire.members import Kind

if TYPE_CHECKING:
    from openucwa.client import Meeting, Resource

_KNOWN = members.names()
"""The members whose change at the source counts. Unknown ones may change by themselves."""
_PEOPLE = members.names(Kind.PEOPLE)
_TAG = re.compile(r"\s*\[openucwa import: (\S+) (\S+) ([0-9a-f]{32})\]\s*")


@dataclass(frozen=True)
class Origin:
    """A meeting of somebody, wherever her server is reached: `organizer` is normalised."""

    organizer: str
    id: str

    def __str__(self) -> str:
        return f"{self.organizer} {self.id}"


@dataclass(frozen=True)
class Mark:
    """The mark of a copy: its origin, and the digest of the meeting that was copied."""

    origin: Origin
    digest: str


def origin_of(meeting: "Meeting", owner: str) -> Origin:
    """Which meeting it is. `owner` is whose list it stands in, if it does not say so itself."""
    id = meeting.id or meeting.uri or meeting.join_url
    return Origin(organizer(meeting.organizer or owner), "".join(id.upper().split()))


def organizer(address: str) -> str:
    """Somebody as she stands in an origin; what is no address stands for itself."""
    try:
        return sip.normalise(address)
    except ValueError:
        return "".join(address.lower().split())


def mark_of(meeting: "Meeting", owner: str) -> Mark:
    """Return the mark for a copy of the meeting."""
    return Mark(origin_of(meeting, owner), digest(meeting.properties))


def digest(properties: Mapping[str, object]) -> str:
    """The same for two versions in which nobody sees a difference, whoever serves them."""
    found = {name: _canonical(name, properties.get(name)) for name in _KNOWN}
    text = json.dumps({name: value for name, value in found.items() if value}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _canonical(name: str, value: object) -> object:
    if name in _PEOPLE:
        people = value if isinstance(value, list | tuple) else ()
        return sorted({organizer(str(one)) for one in people})
    if name == "description":
        return untagged(str(value or ""))
    if schedule := fields.schedule({name: value}):
        return [_canonical(one, value) for one, value in schedule.served().items()]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return None if value is None else str(value)


def marker(mark: Mark) -> dict[str, object]:
    """The extension of a finished copy. Its id is that of the origin: it is there once."""
    number = hashlib.sha256(str(mark.origin).encode()).hexdigest()[:16]
    return {
        "id": f"openucwa-import-{number}",
        "type": "RoamedOrganizerData",
        "importedFrom": mark.origin.organizer,
        "importedMeeting": mark.origin.id,
        "importedDigest": mark.digest,
    }


def marks_in(extensions: "Iterable[Resource]") -> list[Mark]:
    """Return the marks in the markers among a meeting's extensions."""
    found = []
    for one in extensions:
        names = ("importedFrom", "importedMeeting", "importedDigest")
        whose, id, text = (one.properties.get(name) for name in names)
        if isinstance(whose, str) and isinstance(id, str):
            found.append(Mark(Origin(organizer(whose), id.upper()), str(text or "")))
    return found


def tagged(description: str, mark: Mark) -> str:
    """A description that says where it comes from. A long one makes room for that."""
    tag = f"[openucwa import: {mark.origin} {mark.digest}]"
    if not description:
        return tag
    return f"{description[: LONGEST_DESCRIPTION - len(tag) - 2]}\n\n{tag}"


def tag_in(description: str) -> Mark | None:
    """Return the mark in the tag of a description, if it has one."""
    found = _TAG.search(description)
    return Mark(Origin(organizer(found[1]), found[2].upper()), found[3]) if found else None


def untagged(description: str) -> str:
    """A description without its tag, and otherwise as it is."""
    found = _TAG.search(description)
    if found is None:
        return description
    parts = (description[: found.start()], description[found.end() :])
    return "\n".join(part for part in parts if part)


def finished(description: str, wanted: str, mark: Mark) -> str:
    """The description of a finished copy; `description` is what it has now.

    What somebody has changed in it meanwhile stays. What had to make room for the tag comes back.
    """
    if description == tagged(wanted, mark):
        return wanted
    return untagged(description)
