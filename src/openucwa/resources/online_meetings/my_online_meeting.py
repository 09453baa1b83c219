"""myOnlineMeeting: a meeting that the user organizes; myAssignedOnlineMeeting: her standing one.

Source: myOnlineMeeting_ref.md, myAssignedOnlineMeeting_ref.md, UpdateAnOnlineMeeting.md.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from openucwa.domain import meetings
from openucwa.domain.extensions import Extension
from openucwa.domain.meetings import Details, Meeting
from openucwa.domain.schedules import Schedule
from openucwa.resources.change import Change
from openucwa.resources.online_meetings import quota
from openucwa.resources.online_meetings.history import changes, is_version, kept
from openucwa.resources.online_meetings.settable import with_details
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.extensions import Extensions
from openucwa.store.tables.meeting_versions import MeetingVersions
from openucwa.store.tables.meetings import Meetings
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import LIFE
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    LobbyBypassForPhoneUsers,
    OnlineMeetingRel,
    PhoneUserAdmission,
)
from openucwa.wire.errors import EntityTooLarge, ParameterValidationFailure
from openucwa.wire.given import Given


@with_details
class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order in which the original serves them. Members of ours follow."""

    access_level: AccessLevel
    entry_exit_announcement: EntryExitAnnouncement
    attendees: tuple[str, ...]
    """The SIP addresses of those who are invited."""
    automatic_leader_assignment: AutomaticLeaderAssignment
    description: str
    """The description, in any number of lines."""
    expiration_time: datetime | None
    """The end of the meeting; the server may remove it some time later."""
    leaders: tuple[str, ...]
    """The SIP addresses of those who lead it."""
    online_meeting_id: str
    """The id in its path."""
    online_meeting_uri: str
    """The SIP address of the meeting itself."""
    online_meeting_rel: OnlineMeetingRel
    organizer_uri: str
    """The SIP address of the organizer."""
    conference_id: str | None
    """The number that callers enter, if callers are admitted."""
    phone_user_admission: PhoneUserAdmission
    lobby_bypass_for_phone_users: LobbyBypassForPhoneUsers
    subject: str
    """The subject."""
    join_url: str
    """The page at which to join."""


def properties(me: Me, found: Meeting) -> Properties:
    """The conferenceId is for callers: it is served when they are admitted."""
    callable_ = found.details.phone_user_admission is PhoneUserAdmission.ENABLED
    return Properties(
        **msgspec.structs.asdict(found.details),
        online_meeting_id=found.online_meeting_id,
        online_meeting_uri=f"{me.user.uri};gruu;opaque=app:conf:focus:id:{found.online_meeting_id}",
        online_meeting_rel=found.online_meeting_rel,
        organizer_uri=me.user.uri,
        conference_id=found.conference_id if callable_ else None,
        join_url=f"{me.deployment.meet_url}/{me.user.join_name}/{found.online_meeting_id}",
    )


my_online_meeting = Resource[Meeting](
    rel="myOnlineMeeting",
    variants={"myAssignedOnlineMeeting": meetings.is_assigned},
    kinds={"myOnlineMeeting": "meeting", "myAssignedOnlineMeeting": "standing meeting"},
    path="applications/{application_id}/onlineMeetings/myOnlineMeetings/{online_meeting_id}",
    properties=properties,
    # The name that is printed in UpdateAnOnlineMeeting.md: a request as printed is accepted.
    play_back="56de7bbf-1081-43e6-bbf2-1cabf3224c83",
)
my_online_meeting.link("onlineMeetingExtensions")
my_online_meeting.link("onlineMeetingMerge")
my_online_meeting.link("onlineMeetingSchedule")
my_online_meeting.link("onlineMeetingVersions")
my_online_meeting.sends(
    *LIFE,
    sender="onlineMeetings",
    within="myOnlineMeetings",
    embedded=True,
    extension=True,
)


def extensions(tx: Transaction, me: Me, found: Sequence[Meeting]) -> list[list[Extension]]:
    ids = [one.online_meeting_id for one in found if one.has_extensions]  # most have none
    by_meeting = tx.of(Extensions).by_meeting(me.user.id, ids) if ids else {}
    return [by_meeting.get(one.online_meeting_id, []) for one in found]


def schedule(tx: Transaction, me: Me, found: Meeting) -> Schedule | None:
    """The time of the meeting, if it has one."""
    return found.schedule if found.schedule and found.schedule.has_time else None


my_online_meeting.embed("onlineMeetingExtension", load=extensions)
my_online_meeting.embed("onlineMeetingSchedule", schedule)


@my_online_meeting.find
def find(tx: Transaction, me: Me, online_meeting_id: str) -> Meeting | None:
    """A meeting of the user's own: only the organizer sees and changes it here."""
    return tx.of(Meetings).get(me.user.id, online_meeting_id.upper())


@my_online_meeting.put(Details, errors=(ParameterValidationFailure, EntityTooLarge))
def update(tx: Transaction, me: Me, found: Meeting, wanted: Given[Details]) -> Meeting:
    """Replace what the organizer decides; what is left out returns to its default.

    Raises ParameterValidationFailure, and EntityTooLarge beyond the user's limit.
    """
    details = meetings.validated(
        wanted.over(
            meetings.defaults(me.policy, found.online_meeting_rel, tx.now, ends_at=found.ends_at)
        ),
        me.policy,
        organizer_uri=me.user.uri,
        domain=me.deployment.domain,
        now=tx.now,
    )
    quota.check_meeting(tx, me, meetings.size(details), found.bytes)
    return tx.of(Meetings).revise(
        found,
        details,
        by=me.application,
        keep=kept(me),
        keep_bytes=me.deployment.limits.history_bytes_per_meeting,
    )


@my_online_meeting.delete
def cancel(tx: Transaction, me: Me, found: Meeting) -> None:
    """Take the meeting off the calendar, with its extensions and its history."""
    tx.of(Meetings).delete(found)


@my_online_meeting.latest_change
def latest_change(tx: Transaction, me: Me, found: Meeting, seen: Sequence[str]) -> Change:
    """Return who wrote the current version, and what differs from the last one that was `seen`.

    Where none was, what differs from the version before.
    """
    (change,) = changes(tx, me, found.organizer_id, [found.latest])
    if not seen:
        return change
    versions = {int(tag) for tag in seen if is_version(tag)}
    base = tx.of(MeetingVersions).last_of(found, versions, keep=kept(me)) if versions else None
    differing = tuple(meetings.differing(base, found.details)) if base else None
    return msgspec.structs.replace(change, changed_properties=differing)
