"""onlineMeetingSchedule: when a meeting takes place.

Ours (docs/extensions.md, docs/decisions/0078-the-time-of-a-meeting-stands-beside-it.md). It is
always there, so that a time is set as it is changed: by PUT, with its own ETag as If-Match.
"""

from collections.abc import Sequence

import msgspec

from openucwa.domain import meetings, schedules
from openucwa.domain.schedules import Schedule, Times
from openucwa.resources.change import Change
from openucwa.resources.online_meetings import quota
from openucwa.resources.online_meetings.access import BELOW, EDITORS, SHARED, keep_grants, reach
from openucwa.resources.online_meetings.history import changes, kept
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.schedules import Schedules
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.enums import MeetingRole
from openucwa.wire.errors import EntityTooLarge, ParameterValidationFailure
from openucwa.wire.given import Given


def properties(me: Me, found: Schedule) -> Times:
    return found.times


online_meeting_schedule = Resource[Schedule](
    rel="onlineMeetingSchedule",
    path=f"{BELOW}/schedule",
    shared_path=f"{SHARED}/schedule",
    properties=properties,
    kinds={"onlineMeetingSchedule": "schedule"},
    play_back="0d7c3c4e-52a8-4f5d-9a35-9c1f6f2b8e14",
)
online_meeting_schedule.sends(
    EventType.UPDATED, sender="onlineMeetings", embedded=True, extension=True
)


@online_meeting_schedule.find
def find(tx: Transaction, me: Me, online_meeting_id: str, organizer: str = "") -> Schedule | None:
    """The time of a meeting that the user organizes, or that is shared with her."""
    access = reach(tx, me, online_meeting_id, organizer)
    if access is None:
        return None
    unscheduled = Schedule(
        organizer_id=access.organizer_id,
        organizer=access.organizer,
        online_meeting_id=access.online_meeting_id,
    )
    return msgspec.structs.replace(access.meeting.schedule or unscheduled, role=access.role)


def may_change(me: Me, found: Schedule) -> bool:
    """There for those who may change the meeting."""
    return found.role in EDITORS


@online_meeting_schedule.put(
    Times, errors=(ParameterValidationFailure, EntityTooLarge), role=may_change
)
def update(tx: Transaction, me: Me, found: Schedule, given: Given[Times]) -> Schedule:
    """Set the time of the meeting, or move it.

    A meeting that would expire before it ends expires eight hours after its end instead.

    Raises ParameterValidationFailure, and EntityTooLarge beyond the organizer's limit.
    """
    times = schedules.validated(given.over(Times()), now=tx.now)
    return _replace(tx, me, found, times)


@online_meeting_schedule.delete(role=may_change)
def remove(tx: Transaction, me: Me, found: Schedule) -> None:
    """Take the time away; the meeting stays, and so does its expirationTime."""
    if found.has_time:
        _replace(tx, me, found, Times())


@online_meeting_schedule.latest_change
def latest_change(tx: Transaction, me: Me, found: Schedule, seen: Sequence[str]) -> Change | None:
    """Return who set the time, or took it away; None if nobody has."""
    latest = tx.of(Schedules).latest(found)
    return changes(tx, me, found.organizer_id, [latest])[0] if latest else None


def _replace(tx: Transaction, me: Me, found: Schedule, times: Times) -> Schedule:
    keep_grants(tx, found.organizer_id, found.role)
    meeting = tx.of(Meetings).get(found.organizer_id, found.online_meeting_id)
    assert meeting is not None  # it has been found in this transaction
    schedule = tx.of(Schedules).replace(
        found, times, by=me.application, on_behalf=found.role is MeetingRole.DELEGATE
    )
    tx.of(Meetings).tell_updated(meeting)  # which embeds it: a list that is shown has its times
    details = meetings.postponed(meeting.details, times.end_time, tx.now)
    if details:
        quota.check_meeting(tx, me, found.organizer_id, meetings.size(details), meeting.bytes)
        tx.of(Meetings).revise(
            meeting,
            details,
            by=me.application,
            role=found.role,
            keep=kept(me),
            keep_bytes=me.deployment.limits.history_bytes_per_meeting,
        )
    return schedule
