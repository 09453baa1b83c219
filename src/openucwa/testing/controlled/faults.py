"""Faults: what goes wrong with the next request that is such as the test says."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from openucwa.domain.meetings import Details
from openucwa.http.authentication import TOKEN_PATH
from openucwa.http.routes import Routes
from openucwa.resources.all import REGISTRY
from openucwa.resources.online_meetings.my_online_meeting import my_online_meeting
from openucwa.resources.path import ROOT
from openucwa.resources.root import root, user
from openucwa.testing.controlled.wrong import Wrong
from openucwa.wire import given

MEETING = my_online_meeting.rel
TOKEN = "token"  # noqa: S105 - the name of an endpoint
_LONGEST = 3600

Seconds = Annotated[float, msgspec.Meta(ge=0, le=_LONGEST)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]


class Kind(StrEnum):
    """The kind of a fault."""

    DROP = "drop"
    """The connection breaks."""
    DELAY = "delay"
    """It takes a while."""
    UNAVAILABLE = "unavailable"
    """The answer is 503."""
    CONFLICT = "conflict"
    """Somebody else changes the meeting first."""
    KILL = "kill"
    """The server's process dies."""


class When(StrEnum):
    """Before the request is done, or after: its changes are durable, and it is not answered yet."""

    BEFORE = "before"
    AFTER = "after"


_WHEN = {Kind.DROP: When.AFTER, Kind.KILL: When.AFTER}
"""The stages of faults whose stage is not given, except `before`."""


class Fault(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A fault of `times` requests, by `method` and `rel` if given."""

    fault: Kind
    when: When | None = None
    method: str | None = None
    rel: str | None = None
    times: AtLeastOne = 1
    seconds: Seconds | None = None
    """Of a delay."""
    retry_after: Annotated[int, msgspec.Meta(ge=0, le=_LONGEST)] = 1
    """Seconds, of a 503."""
    changes: dict[str, Any] = {}
    """The change of the meeting by somebody else; without any it is a new version of the same."""
    by: str | None = None
    """The address of the other one; the organizer herself where it is left out."""

    def checked(self) -> "Fault":
        """The fault as it will happen, with its defaults. Raises Wrong, UcwaError."""
        when = self.when or _WHEN.get(self.fault, When.BEFORE)
        method, rel = self.method and self.method.upper(), self.rel
        if self.fault is Kind.DELAY and self.seconds is None:
            raise Wrong("A delay needs seconds.")
        if self.fault is Kind.CONFLICT:
            method, rel = method or "PUT", rel or MEETING
            if when is When.AFTER or _served(rel) != MEETING or method not in ("PUT", "DELETE"):
                raise Wrong(f"A conflict needs a PUT or a DELETE of {MEETING}.")
            read_changes(self.changes)
        if rel is not None:
            rel = _served(rel)
        return msgspec.structs.replace(self, when=when, method=method, rel=rel)

    def hits(self, method: str, rel: str | None) -> bool:
        """Return whether the fault applies to a request."""
        return self.method in (None, method) and self.rel in (None, rel)


class Faults:
    """The faults that are still to happen, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._waiting)

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, method: str, path: bytes) -> Fault | None:
        """The fault that happens to a request: one at most, the first that was asked for."""
        rel, _ = place(path)
        found = next((one for one in self._waiting if one.hits(method, rel)), None)
        if found is not None:
            found.times -= 1
            if not found.times:
                self._waiting.remove(found)
        return found


def read_changes(members: dict[str, Any]) -> given.Given[Details]:
    """Return the change of a meeting. Raises Wrong, UcwaError."""
    changes = given.read(Details, members)
    if changes.others:
        raise Wrong(f"A meeting has no {', '.join(map(repr, changes.others))} that can be changed.")
    return changes


def place(path: bytes) -> tuple[str | None, dict[str, str]]:
    """The rel of what is at a path, None where nothing is; and the keys in the path."""
    match = _PLACES.match(path)
    return (match.endpoint, match.keys) if match else (None, {})


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


_PLACES = Routes(
    [
        (_segments("/"), "root"),
        (_segments(root.PATH), "root"),
        (_segments(user.PATH), "user"),
        (_segments(root.PATH + "/user"), "user"),
        (_segments(TOKEN_PATH), TOKEN),
        *(
            ((*_segments(ROOT), *path.segments), one.rel)
            for one in REGISTRY.resources
            for path in one.templates
        ),
    ]
)
_RELS = {
    "root": "root",
    "user": "user",
    TOKEN: TOKEN,
    **{rel: one.rel for one in REGISTRY.resources for rel in one.rels},
}
"""The rels that can be named, and the rel that is served at the same path."""


def _served(rel: str) -> str:
    """Raises Wrong."""
    if rel not in _RELS:
        raise Wrong(f"There is no rel {quote(rel)[:100]}. The rels are {', '.join(sorted(_RELS))}.")
    return _RELS[rel]
