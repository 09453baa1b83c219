"""Online meetings: what their organizer decides about them, and the rules for it.

To add a member that clients can set, add it to `Details`, with a default, and to the table in
wire/members.py. Nothing else names it.
"""

import secrets
import string
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, TypedDict

import msgspec

from openucwa.domain import times
from openucwa.domain.policies import Policy
from openucwa.domain.schedules import Schedule
from openucwa.wire import merge, sip
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    GenericPolicy,
    LobbyBypassForPhoneUsers,
    OnlineMeetingRel,
    PhoneUserAdmission,
)
from openucwa.wire.errors import ParameterValidationFailure
from openucwa.wire.limits import LONGEST_DESCRIPTION, LONGEST_SUBJECT, MOST_PEOPLE

Addresses = Annotated[tuple[str, ...], msgspec.Meta(max_length=MOST_PEOPLE)]
Subject = Annotated[str, msgspec.Meta(max_length=LONGEST_SUBJECT)]
Description = Annotated[str, msgspec.Meta(max_length=LONGEST_DESCRIPTION)]

_DEFAULT_LIFETIME = timedelta(hours=8)
_ID_ALPHABET = string.ascii_uppercase + string.digits


class Details(msgspec.Struct, kw_only=True, rename="camel"):
    """The members that the organizer sets: PUT replaces them, and the history keeps them."""

    access_level: AccessLevel
    entry_exit_announcement: EntryExitAnnouncement
    attendees: Addresses = ()
    """The SIP addresses of those who are invited."""
    automatic_leader_assignment: AutomaticLeaderAssignment
    description: Description = ""
    """The description, in any number of lines."""
    expiration_time: datetime | None = None
    """The end of the meeting; the server may remove it some time later."""
    leaders: Addresses = ()
    """The SIP addresses of those who lead it."""
    phone_user_admission: PhoneUserAdmission = PhoneUserAdmission.DISABLED
    lobby_bypass_for_phone_users: LobbyBypassForPhoneUsers
    subject: Subject = ""
    """The subject."""


class Entry(msgspec.Struct, kw_only=True):
    """A meeting without what it says. `version` is the number that clients know as its ETag.

    `organizer` is the join name of who organizes it.
    """

    organizer_id: int
    organizer: str
    online_meeting_id: str
    online_meeting_rel: OnlineMeetingRel
    version: int


class Meeting(Entry, kw_only=True):
    """A scheduled meeting in its current version.

    `ordinal` counts its versions from 1. It may be removed a grace period after `expires_at`: its
    expirationTime, its last change or the end of its schedule, whichever is the latest. `bytes` is
    how much its details take when stored, `kept_bytes` how much those of all its versions do.
    `latest` tells who wrote it. `schedule` is None if it has never had a time.
    """

    conference_id: str
    ordinal: int
    expires_at: datetime | None
    bytes: int
    kept_bytes: int
    details: Details
    latest: "Version"
    has_extensions: bool = False
    schedule: Schedule | None = None

    @property
    def ends_at(self) -> datetime | None:
        """The end that its schedule has."""
        return self.schedule.times.end_time if self.schedule else None


class MeetingKeys(TypedDict):
    """The keys of a meeting in facts."""

    organizer_id: str
    organizer: str
    online_meeting_id: str


class Version(msgspec.Struct, kw_only=True):
    """An accepted version of a meeting: who wrote it, from which application, and when.

    `client` is the user agent of the application, empty where nobody knows it any more, and
    `on_behalf` is True where a delegate wrote it for the organizer. `changed` names the properties
    in which it differs from the version before, None of the first.
    """

    version: int
    author_id: int
    application_id: int
    client: str
    on_behalf: bool
    written_at: datetime
    changed: tuple[str, ...] | None


def defaults(
    policy: Policy, rel: OnlineMeetingRel, now: datetime, *, ends_at: datetime | None = None
) -> Details:
    """The details of a meeting for which nothing was asked.

    A scheduled meeting expires eight hours after its end, or from now; the standing one doesn't.
    """
    scheduled = rel is OnlineMeetingRel.MY_ONLINE_MEETINGS
    return Details(
        access_level=policy.default_access_level,
        entry_exit_announcement=policy.default_entry_exit_announcement,
        automatic_leader_assignment=policy.default_automatic_leader_assignment,
        lobby_bypass_for_phone_users=policy.default_lobby_bypass_for_phone_users,
        expiration_time=_expiry(ends_at or now, now) if scheduled else None,
    )


def postponed(details: Details, ends_at: datetime | None, now: datetime) -> Details | None:
    """The details of a meeting that would expire before it ends, with a later expirationTime.

    None where that is not needed.
    """
    expires = details.expiration_time
    if expires is None or ends_at is None or ends_at <= expires:
        return None
    return msgspec.structs.replace(details, expiration_time=_expiry(ends_at, now))


def _expiry(end: datetime, now: datetime) -> datetime:
    """The expirationTime that suits an end, within its limits."""
    return min(end + _DEFAULT_LIFETIME, times.latest(now))


def validated(
    wanted: Details, policy: Policy, *, organizer_uri: str, domain: str, now: datetime
) -> Details:
    """The wanted details, with repeated addresses left out, the first spelling kept.

    The organizer always leads: she is added to the leaders that are named. Where none is named she
    leads alone, and the list stays empty as it is printed in UpdateAnOnlineMeeting.md.

    Raises ParameterValidationFailure that names every property with a value that is not eligible,
    an invalid address, a leader outside of `domain` beside the organizer, more leaders than
    Addresses may hold, or a time outside of its limits.
    """
    wrong: dict[str, str] = {}
    wrong.update(_ineligible(wanted, policy))
    if wanted.expiration_time and not times.is_in_reach(wanted.expiration_time, now):
        wrong["expirationTime"] = times.OUT_OF_REACH
    attendees = _people(wanted.attendees, "attendees", wrong)
    leaders = _people(wanted.leaders, "leaders", wrong)
    organizer = sip.normalise(organizer_uri)
    strangers = [
        spelled
        for address, spelled in leaders.items()
        if address != organizer and sip.host(address) != domain.lower()
    ]
    if strangers:
        wrong["leaders"] = f"must belong to {domain}; {strangers[0]} does not"
    if leaders:
        leaders.setdefault(organizer, organizer_uri)
    if len(leaders) > MOST_PEOPLE:
        wrong["leaders"] = f"must be at most {MOST_PEOPLE} people, the organizer among them"
    if wrong:
        raise ParameterValidationFailure(wrong)
    return msgspec.structs.replace(
        wanted, attendees=tuple(attendees.values()), leaders=tuple(leaders.values())
    )


def _ineligible(wanted: Details, policy: Policy) -> Iterable[tuple[str, str]]:
    admission = (
        tuple(PhoneUserAdmission)
        if policy.phone_user_admission is GenericPolicy.ENABLED
        else (PhoneUserAdmission.DISABLED,)
    )
    choices: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("accessLevel", wanted.access_level, policy.access_levels),
        (
            "automaticLeaderAssignment",
            wanted.automatic_leader_assignment,
            policy.automatic_leader_assignments,
        ),
        ("entryExitAnnouncement", wanted.entry_exit_announcement, policy.entry_exit_announcements),
        (
            "lobbyBypassForPhoneUsers",
            wanted.lobby_bypass_for_phone_users,
            policy.lobby_bypass_for_phone_users,
        ),
        ("phoneUserAdmission", wanted.phone_user_admission, admission),
    )
    for name, value, eligible in choices:
        if value not in eligible:
            yield name, f"is limited by policy to {', '.join(eligible)}"


def _people(addresses: Iterable[str], name: str, wrong: dict[str, str]) -> dict[str, str]:
    """Normalised address → the address as first spelled, in the order given."""
    people: dict[str, str] = {}
    for address in addresses:
        try:
            people.setdefault(sip.normalise(address), address.strip())
        except ValueError:
            wrong[name] = (
                f"must be SIP addresses such as sip:alex@contoso.com, not {address[:80]!r}"
            )
            break
    return people


def differing(one: Details, other: Details) -> list[str]:
    """The names, as served, of the properties in which two versions differ.

    Lists of people are compared as sets of normalised addresses.
    """
    values = zip(
        Details.__struct_encode_fields__,
        msgspec.structs.astuple(one),
        msgspec.structs.astuple(other),
        strict=True,
    )
    # What is equal needs no normalising, which takes longer.
    unlike = [(name, value, another) for name, value, another in values if value != another]
    return merge.differing(
        {name: value for name, value, _ in unlike}, {name: another for name, _, another in unlike}
    )


def members(details: Details) -> dict[str, object]:
    """The details by the names under which they are served."""
    return dict(
        zip(Details.__struct_encode_fields__, msgspec.structs.astuple(details), strict=True)
    )


def size(details: Details) -> int:
    """Return the bytes that the details take when they are stored."""
    return len(msgspec.json.encode(details))


def new_id() -> str:
    """An id of eight characters that can't be guessed, as the original gives to meetings."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(8))


def new_conference_id() -> str:
    """Nine digits to key in on a telephone."""
    return str(10**8 + secrets.randbelow(9 * 10**8))


def keys_of(meeting: Entry) -> MeetingKeys:
    """Return the keys of a meeting in facts, by which whoever may see it finds it."""
    return {
        "organizer_id": str(meeting.organizer_id),
        "organizer": meeting.organizer,
        "online_meeting_id": meeting.online_meeting_id,
    }


def is_assigned(meeting: Entry) -> bool:
    """Return whether it is the organizer's standing meeting."""
    return meeting.online_meeting_rel is OnlineMeetingRel.MY_ASSIGNED_ONLINE_MEETING
