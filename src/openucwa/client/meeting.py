"""An online meeting as it was fetched, in one version.

Source: myOnlineMeeting_ref.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from openucwa.client.attributes import Attribute, TypedResource, member, moment, text, texts
from openucwa.client.resource import Resource, encode
from openucwa.client.schedule import Schedule
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    LobbyBypassForPhoneUsers,
    MeetingRole,
    PhoneUserAdmission,
)
from openucwa.wire.members import MEMBERS, SCHEDULE, Kind

NAMES: Mapping[str, str] = {one.attribute: one.name for one in MEMBERS}
"""The settable members of a meeting: the attribute in Python, and the name that is served."""

OWN = tuple(one.name for one in MEMBERS if not one.is_apart)
"""The served names of those that are properties of the meeting itself, and of its versions."""


def served_name(name: str) -> str:
    """The served name of an attribute. Any other name is one that this client does not know."""
    return NAMES.get(name, name)


def schedule(value: object) -> Schedule | None:
    return value if isinstance(value, Schedule) else None


def part(time: object, name: str) -> Any:
    return getattr(time, name) if isinstance(time, Schedule) else None


def _role(value: object) -> MeetingRole | str:
    return MeetingRole.ORGANIZER if value is None else member(MeetingRole)(value)


class Meeting(TypedResource):
    """A meeting in one version.

    Two are equal when they are the same version of the same meeting, wherever they were got.
    """

    subject: Attribute[str] = Attribute("subject", text)
    """The subject, one line."""
    description: Attribute[str] = Attribute("description", text)
    """The description, any number of lines."""
    attendees: Attribute[tuple[str, ...]] = Attribute("attendees", texts)
    """SIP addresses of those who are invited."""
    leaders: Attribute[tuple[str, ...]] = Attribute("leaders", texts)
    """SIP addresses of those who present, and let others in."""
    schedule: Attribute[Schedule | None] = Attribute(SCHEDULE, schedule)
    """Its time: start, end and time zone as one value. None where it has none."""
    starts: Attribute[datetime | None] = Attribute(SCHEDULE, lambda time: part(time, "starts"))
    """The start in its time zone, if it has a time."""
    ends: Attribute[datetime | None] = Attribute(SCHEDULE, lambda time: part(time, "ends"))
    """The end in its time zone, if it has a time."""
    time_zone: Attribute[str | None] = Attribute(SCHEDULE, lambda time: part(time, "time_zone"))
    """The time zone of its time, by its name in the IANA database."""
    expires: Attribute[datetime | None] = Attribute("expirationTime", moment)
    """The time after which the server may remove it."""
    access_level: Attribute[AccessLevel | str] = Attribute("accessLevel", member(AccessLevel))
    entry_exit_announcement: Attribute[EntryExitAnnouncement | str] = Attribute(
        "entryExitAnnouncement", member(EntryExitAnnouncement)
    )
    automatic_leader_assignment: Attribute[AutomaticLeaderAssignment | str] = Attribute(
        "automaticLeaderAssignment", member(AutomaticLeaderAssignment)
    )
    phone_user_admission: Attribute[PhoneUserAdmission | str] = Attribute(
        "phoneUserAdmission", member(PhoneUserAdmission)
    )
    lobby_bypass_for_phone_users: Attribute[LobbyBypassForPhoneUsers | str] = Attribute(
        "lobbyBypassForPhoneUsers", member(LobbyBypassForPhoneUsers)
    )
    id: Attribute[str] = Attribute("onlineMeetingId", text)
    """The id of the meeting."""
    uri: Attribute[str] = Attribute("onlineMeetingUri", text)
    """The SIP address of the meeting, with which guests sign in."""
    organizer: Attribute[str] = Attribute("organizerUri", text)
    """SIP address of whose meeting it is."""
    role: Attribute[MeetingRole | str] = Attribute("myRole", _role)
    """The user's role: Organizer, or that in a meeting of somebody else."""
    organizer_name: Attribute[str] = Attribute("organizerName", text)
    """The name of the organizer of a shared meeting; empty in one's own."""
    organizer_email: Attribute[str] = Attribute("organizerEmailAddress", text)
    """The e-mail address of that organizer, if it is known."""
    conference_id: Attribute[str] = Attribute("conferenceId", text)
    """The number that callers enter, if the meeting can be called."""
    join_url: Attribute[str] = Attribute("joinUrl", text)
    """The URL at which people join it."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Meeting):
            return NotImplemented
        return self._version == other._version

    def __hash__(self) -> int:
        return hash(self._version)

    @property
    def _version(self) -> tuple[str, str | None, str | None]:
        return self.id, self.etag, self.schedule_etag

    def __repr__(self) -> str:
        return f"Meeting({self.id!r}, {self.subject!r}, etag={self.etag!r})"

    @property
    def href(self) -> str:
        """The address in the application of its client."""
        return self.resource.href

    @property
    def etag(self) -> str | None:
        """The ETag of the version, if the server sends one."""
        return self.resource.etag

    @property
    def properties(self) -> Mapping[str, object]:
        """All that the server told by served name, also what this client does not know.

        Values are text, numbers, truth values, lists, aware datetimes, and the Schedule, which the
        server keeps in a resource of its own: `onlineMeetingSchedule`.
        """
        told = self.resource.properties
        if SCHEDULE not in told:
            for one in self.resource.embedded(SCHEDULE):
                return {**told, SCHEDULE: Schedule.read(one.properties)}
        return told

    @property
    def schedule_etag(self) -> str | None:
        """The ETag of its time, if it has one. Moving a meeting does not change its own ETag."""
        return next((one.etag for one in self.resource.embedded(SCHEDULE)), None)

    def at(self, schedule: Schedule | None) -> Meeting:
        """The same version of the meeting, as if it took place at another time."""
        raw = {**self.resource.raw, **encode({SCHEDULE: schedule})}
        told = self.resource
        return Meeting(Resource.parse(raw, told.href, rel=told.rel, etag=told.etag))

    @property
    def is_shared(self) -> bool:
        """True for a meeting of somebody else."""
        return self.role != MeetingRole.ORGANIZER

    @property
    def may_change(self) -> bool:
        """True unless the user may only read it."""
        return self.role != MeetingRole.READER

    @property
    def may_cancel(self) -> bool:
        """True if the user may cancel and share it."""
        return self.role in (MeetingRole.ORGANIZER, MeetingRole.DELEGATE)

    @property
    def is_standing(self) -> bool:
        """True for the organizer's standing meeting, which always exists."""
        return "myAssignedOnlineMeeting" in (
            self.resource.rel,
            self.properties.get("onlineMeetingRel"),
        )

    def to_json(self) -> str:
        """The meeting as text, for `from_json` in another process.

        >>> Meeting.from_json(weekly.to_json()) == weekly
        True
        """
        told = self.resource
        return json.dumps(
            {"rel": told.rel, "href": told.href, "etag": told.etag, "resource": told.raw}
        )

    @classmethod
    def from_json(cls, text: str) -> Meeting:
        """The meeting that `to_json` wrote. Raises ValueError for any other text."""
        try:
            found = json.loads(text)
            aside = {name: found[name] for name in ("rel", "href", "etag")}
            return cls(Resource.parse(found["resource"], **aside))
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("This text is not a meeting written by to_json.") from error


READ: Mapping[Kind, Callable[[object], object]] = {
    Kind.LINE: text,
    Kind.TEXT: text,
    Kind.PEOPLE: texts,
    Kind.TIME: moment,
    Kind.SCHEDULE: schedule,
    Kind.CHOICE: text,
}
"""The values of attributes by their kind."""

for _one in MEMBERS:
    if not hasattr(Meeting, _one.attribute):  # one that has no typed attribute above
        setattr(Meeting, _one.attribute, Attribute(_one.name, READ[_one.kind]))
