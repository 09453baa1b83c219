"""The check of a race: nobody writes without a grant, and each change has its author's name.

Whether one write wins for each ETag is the question of `prove/linearizability/chain.py`. It is not
asked about what was refused for want of a grant, which says nothing of the meeting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from prove.linearizability import chain
from prove.linearizability.operation import Kind, Operation
from prove.sharing.grant import CHANGES, Grant, Role, Timeline
from prove.verdict import Violation

_ORGANIZER = Timeline(
    [Grant(person="", what="", role=Role.ORGANIZER, invoked=0, returned=0, status=201)]
)


class Version(msgspec.Struct, kw_only=True):
    """A version in the history of the meeting: its ETag, and who it says wrote it."""

    etag: str
    author: str
    on_behalf: bool


class Race(msgspec.Struct, kw_only=True):
    """All that is known of a race for one meeting. `versions` are the newest first."""

    meeting: str
    organizer: str
    operations: Sequence[Operation]
    grants: Sequence[Grant]
    versions: Sequence[Version]


def person_of(operation: Operation) -> str:
    """Return who sent it: the name of a client is that of a person, and a number."""
    return operation.client.partition("-")[0]


def is_refused(operation: Operation) -> bool:
    """Return True if it was refused for want of a grant, or because there is nothing."""
    return operation.status in (403, 404)


def check(race: Race) -> tuple[int, list[Violation]]:
    """Return the length of the longest chain, and what is wrong."""
    people = {one.person for one in race.grants}
    timelines = {
        person: Timeline([one for one in race.grants if one.person == person]) for person in people
    }
    timelines[race.organizer] = _ORGANIZER
    judged = [one for one in race.operations if not is_refused(one)]
    found = chain.check(judged)
    wrong = [
        *found.violations,
        *(refused_grant(one) for one in race.grants if one.status not in (200, 201, 204)),
        *unauthorized(race.operations, timelines),
        *misattributed(race, timelines),
    ]
    return max(found.lengths.values(), default=0), wrong


def refused_grant(grant: Grant) -> Violation:
    """Tell of a grant or revocation that the organizer may make, and that was not accepted."""
    return Violation(f"{grant.what} was answered with {grant.status}", [grant])


class Sightings:
    """The last time that a version was seen to be current, and the first time that it was there."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._last: dict[tuple[str, str], Operation] = {}
        self._first: dict[tuple[str, str], int] = {}
        for one in operations:
            for seen in one.saw:
                place = seen.key, seen.etag
                if place not in self._last or one.invoked > self._last[place].invoked:
                    self._last[place] = one
                if one.returned is not None:
                    self._first[place] = min(one.returned, self._first.get(place, one.returned))

    def by(self, write: Operation) -> list[Operation]:
        """Return who was the last to see the version that a write replaced."""
        found = self._last.get((write.key, write.parent))
        return [found] if found and found.invoked > write.invoked else []

    def moment(self, one: Operation, returned: int) -> tuple[int, int]:
        """Return the time at which an operation took effect, as far as others bound it.

        A write happened after the version before it was last seen, and before its own was.
        """
        if one.kind is not Kind.PUT or not one.is_accepted:
            return one.invoked, returned
        since = max([one.invoked, *(seen.invoked for seen in self.by(one))])
        until = min(returned, self._first.get((one.key, one.etag), returned))
        return (since, until) if since <= until else (one.invoked, returned)


def unauthorized(
    operations: Sequence[Operation], timelines: Mapping[str, Timeline]
) -> Iterator[Violation]:
    """Find what was answered to whom it may not be, at any moment at which it may have happened."""
    sightings = Sightings(operations)
    for one in operations:
        if one.status is None or one.returned is None:
            continue
        person, timeline = person_of(one), timelines[person_of(one)]
        since, until = sightings.moment(one, one.returned)
        roles = timeline.roles(since, until)
        if one.status == 404:
            allowed = Role.NONE in roles
        elif one.status == 403:
            allowed = Role.READER in roles and one.kind is not Kind.READ
        elif one.kind is Kind.READ:
            allowed = roles != {Role.NONE}
        else:
            allowed = bool(roles & CHANGES)
        if not allowed:
            had = " or ".join(sorted(roles))
            what = f"{one.kind} of {person}, {had} all the time, was answered with {one.status}"
            yield Violation(what, [one, *sightings.by(one), *timeline.around(since, until)])


def misattributed(race: Race, timelines: Mapping[str, Timeline]) -> Iterator[Violation]:
    """Find versions that do not say who was told that her write was accepted."""
    writers = {
        one.etag: one
        for one in race.operations
        if one.key == race.meeting and one.is_accepted and one.mark
    }
    versions = {one.etag: one for one in race.versions}
    for etag, write in writers.items():
        if etag not in versions:
            yield Violation("an accepted write is not in the history", [write])
    for version, older in zip(race.versions, [*race.versions[1:], None], strict=True):
        found = writers.get(version.etag)
        if found is None:
            if not any(one.is_unknown for one in race.operations):
                yield Violation("the history has a version that nobody was told of", [version])
            continue
        person = person_of(found)
        if version.author != person:
            yield Violation(f"{person} wrote what the history says is another's", [found, version])
        if older is not None and found.parent != older.etag:
            yield Violation("the history has another order than the ETags", [found, older])
        if person != race.organizer and found.returned is not None:
            timeline = timelines[person]
            wanted = Role.DELEGATE if version.on_behalf else Role.EDITOR
            if wanted not in timeline.roles(found.invoked, found.returned):
                what = f"{person} was no {wanted} when a version says so"
                shown_by = [found, version, *timeline.around(found.invoked, found.returned)]
                yield Violation(what, shown_by)
