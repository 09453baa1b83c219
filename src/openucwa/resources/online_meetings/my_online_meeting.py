"""myOnlineMeeting: a meeting that the user organizes; myAssignedOnlineMeeting: her standing one.

sharedOnlineMeeting: a meeting of somebody else that is shared with her; ours (docs/extensions.md).

Source: myOnlineMeeting_ref.md, myAssignedOnlineMeeting_ref.md, UpdateAnOnlineMeeting.md.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from openucwa.domain import meetings
from openucwa.domain.extensions import Extension
from openucwa.domain.meetings import Details
from openucwa.domain.schedules import Schedule
from openucwa.resources.change import Change
from openucwa.resources.online_meetings import deletions, quota
from openucwa.resources.online_meetings.access import (
    BELOW,
    SHARED,
    Access,
    may_change,
    may_manage,
    reach,
)
from openucwa.resources.online_meetings.history import changes, is_version, kept
from openucwa.resources.online_meetings.settable import with_details
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.extensions import Extensions
from openucwa.store.tables.meeting_versions import MeetingVersions
from openucwa.store.tables.meetings import Meetings
from openucwa.store.transaction import Transaction
from openucwa.wire import conference
from openucwa.wire.channel import LIFE
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    LobbyBypassForPhoneUsers,
    MeetingRole,
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
    my_role: MeetingRole | None
    """The role of the user in a meeting of somebody else."""
    organizer_name: str | None
    """The name to show of that organizer."""
    organizer_email_address: str | None
    """The e-mail address of that organizer, if it is known."""


def properties(me: Me, found: Access) -> Properties:
    """The conferenceId is for callers: it is served when they are admitted."""
    meeting, owner = found.meeting, found.owner
    callable_ = meeting.details.phone_user_admission is PhoneUserAdmission.ENABLED
    return Properties(
        **msgspec.structs.asdict(meeting.details),
        online_meeting_id=meeting.online_meeting_id,
        online_meeting_uri=conference.uri_of(owner.uri, meeting.online_meeting_id),
        online_meeting_rel=meeting.online_meeting_rel,
        organizer_uri=owner.uri,
        conference_id=meeting.conference_id if callable_ else None,
        join_url=f"{me.deployment.meet_url}/{owner.join_name}/{meeting.online_meeting_id}",
        my_role=found.role if found.is_shared else None,
        organizer_name=owner.name if found.is_shared else None,
        organizer_email_address=(owner.email or None) if found.is_shared else None,
    )


def is_assigned(found: Access) -> bool:
    """There for the standing meeting."""
    return meetings.is_assigned(found.meeting)


my_online_meeting = Resource[Access](
    rel="myOnlineMeeting",
    variants={"myAssignedOnlineMeeting": is_assigned},
    kinds={"myOnlineMeeting": "meeting", "myAssignedOnlineMeeting": "standing meeting"},
    path=BELOW,
    shared_path=SHARED,
    shared_rel="sharedOnlineMeeting",
    properties=properties,
    # The name that is printed in UpdateAnOnlineMeeting.md: a request as printed is accepted.
    play_back="56de7bbf-1081-43e6-bbf2-1cabf3224c83",
)
my_online_meeting.link("onlineMeetingAttendance", when=may_change)
my_online_meeting.link("onlineMeetingExtensions")
my_online_meeting.link("onlineMeetingMerge", when=may_change)
my_online_meeting.link("onlineMeetingSchedule")
my_online_meeting.link("onlineMeetingShares", when=may_manage)
my_online_meeting.link("onlineMeetingVersions")
my_online_meeting.sends(
    *LIFE,
    sender="onlineMeetings",
    within="myOnlineMeetings",
    shared_within="sharedOnlineMeetings",
    embedded=True,
    extension=True,
)


my_online_meeting.tells_deletion(deletions.of_meeting)


def extensions(tx: Transaction, me: Me, found: Sequence[Access]) -> list[list[Extension]]:
    listed = [one.meeting for one in found if one.meeting.has_extensions]  # most have none
    by_meeting = tx.of(Extensions).by_meeting(listed) if listed else {}
    return [by_meeting.get((one.organizer_id, one.online_meeting_id), []) for one in found]


def schedule(tx: Transaction, me: Me, found: Access) -> Schedule | None:
    """The time of the meeting, if it has one."""
    time = found.meeting.schedule
    return time if time and time.has_time else None


my_online_meeting.embed("onlineMeetingExtension", load=extensions)
my_online_meeting.embed("onlineMeetingSchedule", schedule)


@my_online_meeting.find
def find(tx: Transaction, me: Me, online_meeting_id: str, organizer: str = "") -> Access | None:
    """A meeting of the user's own, or one of an organizer who shares it with her."""
    return reach(tx, me, online_meeting_id, organizer)


@my_online_meeting.put(
    Details, errors=(ParameterValidationFailure, EntityTooLarge), role=may_change
)
def update(tx: Transaction, me: Me, found: Access, wanted: Given[Details]) -> Access:
    """Replace what the organizer decides; what is left out returns to its default.

    Raises ParameterValidationFailure, and EntityTooLarge beyond the organizer's limit.
    """
    meeting = found.meeting
    details = meetings.validated(
        wanted.over(
            meetings.defaults(
                found.policy, meeting.online_meeting_rel, tx.now, ends_at=meeting.ends_at
            )
        ),
        found.policy,
        organizer_uri=found.owner.uri,
        domain=me.deployment.domain,
        now=tx.now,
    )
    quota.check_meeting(tx, me, found.organizer_id, meetings.size(details), meeting.bytes)
    return found.now(
        tx.of(Meetings).revise(
            meeting,
            details,
            by=me.application,
            role=found.role,
            keep=kept(me),
            keep_bytes=me.deployment.limits.history_bytes_per_meeting,
        )
    )


@my_online_meeting.delete(role=may_manage)
def cancel(tx: Transaction, me: Me, found: Access) -> None:
    """Take the meeting off the calendar, with its extensions and its history."""
    tx.of(Meetings).delete(found.meeting)


@my_online_meeting.latest_change
def latest_change(tx: Transaction, me: Me, access: Access, seen: Sequence[str]) -> Change:
    """Return who wrote the current version, and what differs from the last one that was `seen`.

    Where none was, what differs from the version before.
    """
    found = access.meeting
    (change,) = changes(tx, me, found.organizer_id, [found.latest])
    if not seen:
        return change
    versions = {int(tag) for tag in seen if is_version(tag)}
    base = tx.of(MeetingVersions).last_of(found, versions, keep=kept(me)) if versions else None
    differing = tuple(meetings.differing(base, found.details)) if base else None
    return msgspec.structs.replace(change, changed_properties=differing)
