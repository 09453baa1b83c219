"""A draft of a meeting: changes to one version of it, on their way to be saved.

Source: UpdateAnOnlineMeeting.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar, overload

from openucwa.client.attributes import Attribute, Holder, member, moment, text
from openucwa.client.meeting import NAMES, READ, Meeting, part, schedule, served_name
from openucwa.client.outcome import Outcome
from openucwa.client.people import People
from openucwa.client.resource import Resource, encode
from openucwa.client.schedule import Schedule
from openucwa.wire import merge
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    LobbyBypassForPhoneUsers,
    PhoneUserAdmission,
)
from openucwa.wire.members import MEMBERS, SCHEDULE, Kind, names
from openucwa.wire.text import near

T = TypeVar("T")

_PEOPLE = names(Kind.PEOPLE)
_PARTS = ("starts", "ends", "time_zone")
"""The parts of the time of a meeting, as attributes."""
_TEXTS = names(Kind.LINE, Kind.TEXT)
_TIMES = names(Kind.TIME)


def _meant(name: str) -> str:
    """The question for a name that is nearly one of a meeting's, or how to set it all the same."""
    if found := near(name, [*NAMES, *NAMES.values()]):
        return f" Did you mean {found[0]}?"
    return " Pass a property that only your server knows as extra."


def _as_served(properties: Mapping[str, object]) -> dict[str, object]:
    """Copies as they will be served: times to the millisecond, a list for all that is one."""
    return Resource.parse(encode(properties)).properties


def _listed(people: object) -> Iterable[str]:
    """The people whom a version names, however it lists them; nobody where it does not."""
    return map(str, people) if isinstance(people, Iterable) and not isinstance(people, str) else ()


class Settable(Attribute[T]):
    """A property that can be set."""

    def __set__(self, holder: Holder, value: T) -> None:
        assert isinstance(holder, Draft)
        holder[self.name] = value


class _Part(Generic[T]):
    """A part of the time of a draft. Where both ends of it are None, there is none."""

    def __init__(self, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, holder: None, owner: type) -> _Part[T]: ...
    @overload
    def __get__(self, holder: Draft, owner: type) -> T: ...
    def __get__(self, holder: Draft | None, owner: type) -> _Part[T] | T:
        found: T = part(holder and holder.schedule, self.name)
        return self if holder is None else found

    def __set__(self, holder: Draft, value: T) -> None:
        parts = {name: part(holder.schedule, name) for name in _PARTS} | {self.name: value}
        if parts["starts"] is None and parts["ends"] is None:
            if self.name == "time_zone" and value is not None:
                raise ValueError("The meeting has no time. Give starts and ends before time_zone.")
            holder.schedule = None
        else:
            holder.schedule = Schedule.of(*parts.values())


class _ListOfPeople:
    """The people of a draft, as a set that can be changed in place or replaced."""

    def __init__(self, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, holder: None, owner: type) -> _ListOfPeople: ...
    @overload
    def __get__(self, holder: Draft, owner: type) -> People: ...
    def __get__(self, holder: Draft | None, owner: type) -> _ListOfPeople | People:
        return self if holder is None else holder._people[self.name]

    def __set__(self, holder: Draft, value: Iterable[str]) -> None:
        holder[self.name] = value


class Draft:
    """A set of changes to one version of a meeting, its `base`.

    Attributes are those of the meeting, and can be set; `attendees` and `leaders` are sets. The
    time is set by `starts` and `ends`, or moved by `move`; `schedule = None` takes it away. What
    the server serves beyond them is at `draft["itsName"]`. Once it is saved it is a draft of the
    saved meeting, without changes, so that it may be changed and saved again.
    """

    __slots__ = ("_others", "_people", "base", "outcome", "saved")

    base: Meeting
    saved: Meeting | None
    """The meeting as the server has it, once it is saved."""
    outcome: Outcome | None
    """The result of the save, once it is saved."""

    def __init__(self, base: Meeting, properties: Mapping[str, object] | None = None) -> None:
        self.base = base
        self.saved = None
        self.outcome = None
        self._people = {name: People() for name in _PEOPLE}
        self._have(base.properties if properties is None else properties)

    def _have(self, properties: Mapping[str, object]) -> None:
        """Want these properties. Sets of people that somebody holds stay those of this draft."""
        self._others = _as_served(properties)
        for name, people in self._people.items():
            people.become(_listed(properties.get(name)))

    def settle(self, saved: Meeting, outcome: Outcome) -> Meeting:
        """Note what became of it: from now on it is a draft of the meeting as it was saved."""
        self.base = self.saved = saved
        self.outcome = outcome
        self._have(saved.properties)
        return saved

    def settle_but_for_time(self, saved: Meeting) -> None:
        """Note that all but the time is saved: a change of the time is all that it still has."""
        wanted = self.schedule
        self.base = saved.at(self.base.schedule)
        self._have(self.base.properties)
        self.take(SCHEDULE, wanted)

    subject: Settable[str] = Settable("subject", text)
    description: Settable[str] = Settable("description", text)
    attendees: _ListOfPeople = _ListOfPeople("attendees")
    leaders: _ListOfPeople = _ListOfPeople("leaders")
    schedule: Settable[Schedule | None] = Settable(SCHEDULE, schedule)
    starts: _Part[datetime | None] = _Part("starts")
    """The start; setting it alone leaves the end where it is."""
    ends: _Part[datetime | None] = _Part("ends")
    time_zone: _Part[str | None] = _Part("time_zone")
    expires: Settable[datetime | None] = Settable("expirationTime", moment)
    access_level: Settable[AccessLevel | str] = Settable("accessLevel", member(AccessLevel))
    entry_exit_announcement: Settable[EntryExitAnnouncement | str] = Settable(
        "entryExitAnnouncement", member(EntryExitAnnouncement)
    )
    automatic_leader_assignment: Settable[AutomaticLeaderAssignment | str] = Settable(
        "automaticLeaderAssignment", member(AutomaticLeaderAssignment)
    )
    phone_user_admission: Settable[PhoneUserAdmission | str] = Settable(
        "phoneUserAdmission", member(PhoneUserAdmission)
    )
    lobby_bypass_for_phone_users: Settable[LobbyBypassForPhoneUsers | str] = Settable(
        "lobbyBypassForPhoneUsers", member(LobbyBypassForPhoneUsers)
    )

    def move(
        self, starts: datetime, ends: datetime | None = None, *, time_zone: str | None = None
    ) -> None:
        """Set the time, or move it: without `ends` it stays as long as it was.

        The time zone stays, too, unless it is given. Raises ValueError where there is no time yet
        that tells how long it is.

        >>> draft = Draft(weekly)
        >>> draft.move(datetime(2027, 1, 4, 9, tzinfo=UTC), datetime(2027, 1, 4, 9, 45, tzinfo=UTC))
        >>> draft.move(datetime(2027, 1, 4, 14, tzinfo=UTC), time_zone="Europe/Berlin")
        >>> str(draft.schedule)
        '2027-01-04 15:00 to 15:45 Europe/Berlin'
        """
        zone = time_zone or self.time_zone
        if ends is None:
            if self.schedule is None:
                raise ValueError("The meeting has no time yet, so ends must be given, too.")
            ends = self.schedule.moved(starts).ends
        self.schedule = Schedule.of(starts, ends, zone)

    @property
    def properties(self) -> Mapping[str, object]:
        """All that is wanted, under served names."""
        lists = {n: tuple(one) for n, one in self._people.items() if one or n in self._others}
        return {**self._others, **lists}

    def __getitem__(self, name: str) -> object:
        return self.properties[served_name(name)]

    def __setitem__(self, name: str, value: object) -> None:
        served = served_name(name)
        if not self._knows(served):  # most likely it is misspelt, and a server would pass it over
            raise ValueError(f"A meeting has no property {name} that can be set.{_meant(name)}")
        self._set(name, served, value)

    def _knows(self, served: str) -> bool:
        """Return whether a property is one of UCWA's, or one that the server has served."""
        return (
            served in NAMES.values()
            or served in self.base.properties
            or served in self._others
            or merge.is_server_owned(served)
        )

    def _set(self, name: str, served: str, value: object) -> None:
        if merge.is_server_owned(served):
            raise ValueError(f"{name} is set by the server.")
        if served in _PEOPLE:
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise ValueError(f"{name} must be a list of addresses, not {value!r}.")
            self._people[served].replace(value)
            return
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError(
                f"{name} has no time zone. Give it one: {value!r}.astimezone() uses the local zone."
            )
        if served in _TIMES and not isinstance(value, datetime | None):
            raise ValueError(f"{name} must be a datetime with a time zone, or None, not {value!r}.")
        if served == SCHEDULE and not isinstance(value, Schedule | None):
            raise ValueError(f"{name} must be a Schedule, or None, not {value!r}.")
        if served in _TEXTS and value is None:
            value = ""
        self._others |= _as_served({served: value})

    def take(self, name: str, value: object) -> None:
        """Set a property by its served name to what some version has there; None: has not."""
        if name in _PEOPLE:
            self._people[name].become(_listed(value))
        elif value is None:
            self._others.pop(name, None)
        else:
            self._others |= _as_served({name: value})

    def change(self, extra: Mapping[str, object] | None = None, /, **changes: object) -> None:
        """Set several attributes at once. `starts` without `ends` moves a meeting that has a time.

        `extra` has properties by served name that neither this client nor the meeting has yet, for
        servers that know more. Raises ValueError for any other name that is not known.

        >>> draft = Draft(weekly)
        >>> draft.change({"roomNumber": "18/2107"}, subject="Q3 review")
        >>> draft["roomNumber"]
        '18/2107'
        """
        self._change_time({name: changes.pop(name) for name in _PARTS if name in changes})
        for name, value in changes.items():
            self[name] = value
        for name, value in (extra or {}).items():
            self._set(name, served_name(name), value)

    def _change_time(self, parts: Mapping[str, Any]) -> None:
        if "starts" in parts and "ends" not in parts and self.schedule:
            self.move(**parts)
            return
        for name, value in parts.items():
            setattr(self, name, value)

    def changes(self) -> dict[str, object]:
        """Return the properties that differ from the base, by served name.

        >>> draft = Draft(weekly)
        >>> draft.subject = "Q3 review"
        >>> draft.changes()
        {'subject': 'Q3 review'}
        """
        wanted = self.properties
        return {name: wanted.get(name) for name in merge.differing(self.base.properties, wanted)}

    def to_json(self) -> str:
        """The draft as text, with its base, for `from_json` in another process.

        >>> draft = Draft(weekly)
        >>> draft.subject = "Q3 review"
        >>> Draft.from_json(draft.to_json()).changes()
        {'subject': 'Q3 review'}
        """
        return json.dumps({"base": self.base.to_json(), "changes": encode(self.changes())})

    @classmethod
    def from_json(cls, text: str) -> Draft:
        """The draft that `to_json` wrote. Raises ValueError for any other text."""
        try:
            found = json.loads(text)
            draft = cls(Meeting.from_json(found["base"]))
            changes = Resource.parse(found["changes"]).properties
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("This text is not a draft written by to_json.") from error
        for name, value in changes.items():
            draft.take(name, value)
        return draft


for _one in MEMBERS:
    if not hasattr(Draft, _one.attribute):  # one that has no typed attribute above
        _settable = (
            _ListOfPeople(_one.name)
            if _one.kind is Kind.PEOPLE
            else Settable(_one.name, READ[_one.kind])
        )
        setattr(Draft, _one.attribute, _settable)
