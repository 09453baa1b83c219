"""The merge of two changes of one meeting, when both started from the same version.

`base` is the version that both started from, `mine` is what I want, `theirs` is what the server has
now. Each is a mapping of a meeting's members by their served names, decoded (times are datetimes),
without `_links` and `_embedded`, and whole: a member that is left out, or is None, has no value.

What one side alone has changed is kept; what both have changed in different ways is a conflict, for
a person to decide. docs/decisions/0023-merging.md has the rules for each member.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from openucwa.wire import members, sip
from openucwa.wire.limits import LONGEST_DESCRIPTION, MOST_PEOPLE
from openucwa.wire.lines import combined_lines
from openucwa.wire.members import Kind

Properties: TypeAlias = Mapping[str, object]
"""The members of a meeting, by their served names."""
Side: TypeAlias = Literal["mine", "theirs"]
"""The side whose value a conflict is decided for."""

_PEOPLE = members.names(Kind.PEOPLE)
_TEXTS = members.names(Kind.TEXT)
_ADMITTANCE = tuple(one.name for one in members.MEMBERS if one.is_admittance)

_SERVER_OWNED = {
    "conferenceId",
    "etag",
    "href",
    "joinUrl",
    "legacyOnlineMeetingUri",
    "myRole",
    "onlineMeetingId",
    "onlineMeetingRel",
    "onlineMeetingUri",
    "organizerEmailAddress",
    "organizerName",
    "organizerUri",
    "rel",
    "_embedded",
    "_links",
}
_PLAY_BACK = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""The random member that PUT plays back is named by a GUID."""


class _Clash(Exception):
    """Both sides have changed the same, each in its own way."""


@dataclass(frozen=True)
class Conflict:
    """A member that needs a decision: its `name` and its three values, None where a side lacks it.

    `base` is what both started from, `theirs` what the server has now, `mine` what I want.
    """

    name: str
    base: object
    theirs: object
    mine: object
    disputed: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """Normalised addresses of those whom one side wants in the meeting and the other does not."""

    def decided(self, side: Side) -> object:
        """The value where a side decides.

        Of a list of people it decides who is disputed, and nobody else: so nobody gets lost.
        """
        chosen = self.mine if side == "mine" else self.theirs
        if not self.disputed:
            return chosen
        people = _together(self.base, self.mine, self.theirs)
        wanted = _by_address(chosen)
        for address in self.disputed:
            people.pop(address, None)
        return (*people.values(), *(wanted[one] for one in wanted if one in self.disputed))


@dataclass(frozen=True)
class Merge:
    """The result of a merge: the whole meeting, which has their value for each conflict.

    `conflicts` are by name, in served order. `mine` names the members in which `merged` has a
    change of mine over theirs, `theirs` those that they have changed and that were kept.
    """

    merged: dict[str, object]
    conflicts: Mapping[str, Conflict]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """True if there is nothing to decide."""
        return not self.conflicts


@dataclass(frozen=True)
class Kept:
    """A change of theirs that a merge has kept.

    `name` is the member, `before` its value with my changes alone, `after` its value with theirs.
    """

    name: str
    before: object
    after: object

    @property
    def added(self) -> tuple[str, ...]:
        """The addresses that they have added, if it is a list of people."""
        return self._only_in(self.after, self.before)

    @property
    def removed(self) -> tuple[str, ...]:
        """The addresses that they have removed, if it is a list of people."""
        return self._only_in(self.before, self.after)

    def _only_in(self, one: object, other: object) -> tuple[str, ...]:
        if self.name not in _PEOPLE:
            return ()
        others = _by_address(other)
        return tuple(spelled for key, spelled in _by_address(one).items() if key not in others)


def kept(mine: Properties, merged: Properties) -> tuple[Kept, ...]:
    """Return in what a merged meeting is otherwise than one side wanted it, with the values.

    >>> kept({"attendees": ("sip:chris@contoso.com",)}, {"attendees": ()})[0].removed
    ('sip:chris@contoso.com',)
    """
    return tuple(Kept(name, mine.get(name), merged.get(name)) for name in differing(mine, merged))


def is_server_owned(name: str) -> bool:
    """Return whether the server alone decides the member, so that its value always stands."""
    return name in _SERVER_OWNED or _PLAY_BACK.fullmatch(name) is not None


def differing(one: Properties, other: Properties) -> list[str]:
    """The names of members in which two versions differ for a person, in the order of `one`.

    What the server owns is left out. People are compared as sets of normalised addresses.
    """
    return [
        name
        for name in {**one, **other}
        if not is_server_owned(name) and _differ(name, one.get(name), other.get(name))
    ]


def merge(base: Properties, mine: Properties, theirs: Properties) -> Merge:
    """Merge my changes of `base` into theirs.

    >>> base = {"subject": "Weekly", "attendees": ("sip:chris@contoso.com",)}
    >>> mine = {**base, "subject": "Q3 review"}
    >>> theirs = {**base, "attendees": ()}
    >>> merge(base, mine, theirs).merged
    {'subject': 'Q3 review', 'attendees': ()}
    """
    disputed = _disputed(base, mine, theirs)
    clashing = {*disputed, *_clashing_admittance(base, mine, theirs)}
    merged: dict[str, object] = {}
    conflicts: dict[str, Conflict] = {}
    for name in {**theirs, **mine, **base}:
        was, wanted, value = base.get(name), mine.get(name), theirs.get(name)
        if is_server_owned(name):
            if name in theirs:
                merged[name] = value
            continue
        try:
            if name in clashing:
                raise _Clash
            value = _combined(name, was, wanted, value)
        except _Clash:
            who = disputed.get(name, frozenset())
            conflicts[name] = Conflict(name, base=was, theirs=value, mine=wanted, disputed=who)
        if value is not None or (name in mine and name in theirs):
            merged[name] = value
    return Merge(
        merged,
        conflicts,
        mine=tuple(differing(theirs, merged)),
        theirs=tuple(name for name in differing(theirs, base) if name not in conflicts),
    )


def _combined(name: str, base: object, mine: object, theirs: object) -> object:
    """The value of one member. Raises _Clash."""
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    if name in _PEOPLE:
        return _combined_people(base, mine, theirs)
    if name in _TEXTS:
        return _combined_text(base, mine, theirs)
    raise _Clash


def _combined_people(base: object, mine: object, theirs: object) -> tuple[str, ...]:
    """The people whom a list has then. Raises _Clash where it can't hold as many."""
    combined = _together(base, mine, theirs)
    if len(combined) > MOST_PEOPLE:
        raise _Clash
    return tuple(combined.values())


def _together(base: object, mine: object, theirs: object) -> dict[str, str]:
    """Theirs, with those whom I have added, without those whom I have removed."""
    before, wanted, combined = _by_address(base), _by_address(mine), _by_address(theirs)
    for address, spelled in wanted.items():
        if address not in before:
            combined.setdefault(address, spelled)
    for address in before.keys() - wanted.keys():
        combined.pop(address, None)
    return combined


def _combined_text(base: object, mine: object, theirs: object) -> str:
    """The text with the lines that either side has changed. Raises _Clash.

    It is taken only where merging it once more would change nothing: a merge may be repeated.
    """
    if not (isinstance(base, str) and isinstance(mine, str) and isinstance(theirs, str)):
        raise _Clash
    combined = combined_lines(base, mine, theirs)
    if (
        combined is None
        or len(combined) > LONGEST_DESCRIPTION
        or combined_lines(base, combined, theirs) != combined
        or combined_lines(base, mine, combined) != combined
    ):
        raise _Clash
    return combined


def _disputed(base: Properties, mine: Properties, theirs: Properties) -> dict[str, frozenset[str]]:
    """The lists about which there is no agreement whether somebody is to be in the meeting at all.

    One side has put somebody in a list, who is new or leads now; the other one has removed the same
    person, and wants her in no list any more. Returns list → the normalised addresses of all such.
    """
    found: dict[str, frozenset[str]] = {}
    for wanting, removing in ((mine, theirs), (theirs, mine)):
        added = {name: _new(base, wanting, name) for name in _PEOPLE}
        removed = {name: _new(removing, base, name) for name in _PEOPLE}
        gone = set().union(*removed.values())
        gone.difference_update(*(_by_address(removing.get(name)) for name in _PEOPLE))
        disputed = gone.intersection(set().union(*added.values()))
        for name in _PEOPLE:
            if who := disputed & (added[name] | removed[name]):
                found[name] = found.get(name, frozenset()) | who
    return found


def _new(before: Properties, after: Properties, name: str) -> set[str]:
    """The addresses of those who stand in a list after, and not before."""
    return _by_address(after.get(name)).keys() - _by_address(before.get(name)).keys()


def _clashing_admittance(base: Properties, mine: Properties, theirs: Properties) -> list[str]:
    """Return the members for admittance that have to be decided together.

    Where both sides have changed some of it, the two changes member by member could make a meeting
    that nobody chose; unless one side has changed all that the other one has, in the same way.
    """
    my_changes, their_changes = (
        {name: one.get(name) for name in _ADMITTANCE if one.get(name) != base.get(name)}
        for one in (mine, theirs)
    )
    if my_changes.items() <= their_changes.items() or their_changes.items() <= my_changes.items():
        return []
    return [name for name in _ADMITTANCE if mine.get(name) != theirs.get(name)]


def _differ(name: str, one: object, other: object) -> bool:
    if name in _PEOPLE and one != other:
        return _by_address(one).keys() != _by_address(other).keys()
    return one != other


def _by_address(people: object) -> dict[str, str]:
    """Normalised address → the address as first spelled. What is no address stands for itself."""
    found: dict[str, str] = {}
    for spelled in map(str, people if isinstance(people, Collection) else ()):
        found.setdefault(sip.key(spelled), spelled)
    return found
