"""Scheduling a meeting for an organizer, by herself or by a delegate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from openucwa.domain import meetings, schedules
from openucwa.domain.meetings import Details, Meeting
from openucwa.domain.people import User
from openucwa.domain.schedules import Schedule, Times
from openucwa.resources.online_meetings import quota
from openucwa.resources.viewer import Me
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.schedules import Schedules
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel
from openucwa.wire.errors import ParameterValidationFailure, TooManyOnlineMeetings


class Wanted(Details, kw_only=True, rename="camel"):
    """The meeting, and its time: both are scheduled in one request."""

    start_time: datetime | None = None
    """The start of the meeting."""
    end_time: datetime | None = None
    """The end of the meeting; expirationTime is eight hours later unless it is given."""
    time_zone: str | None = None
    """The time zone of its time, by its name in the IANA database: UTC unless it is given."""


def schedule(tx: Transaction, me: Me, owner: User, values: Mapping[str, Any]) -> Meeting:
    """Schedule a meeting of the owner, by the rules and limits for her.

    `values` are those of Wanted that are given. Raises ParameterValidationFailure,
    TooManyOnlineMeetings and EntityTooLarge.
    """
    limit = me.deployment.limits.meetings_per_user
    policy = me.deployment.policy(owner.policy)
    rel = OnlineMeetingRel.MY_ONLINE_MEETINGS
    given, times = _divided(values)
    if times is not None:
        times = schedules.validated(times, now=tx.now)
    ends_at = times.end_time if times else None
    details = meetings.validated(
        msgspec.structs.replace(meetings.defaults(policy, rel, tx.now, ends_at=ends_at), **given),
        policy,
        organizer_uri=owner.uri,
        domain=me.deployment.domain,
        now=tx.now,
    )
    if meetings.postponed(details, ends_at, tx.now):
        raise ParameterValidationFailure({"expirationTime": "must not be before endTime"})
    if tx.of(Meetings).count(owner.id) >= limit:
        who = "You have" if owner.id == me.user.id else f"{owner.name} has"
        raise TooManyOnlineMeetings(
            f"{who} reached the limit of {limit} meetings. Delete one that is not needed."
        )
    quota.check_meeting(tx, me, owner.id, meetings.size(details))
    meeting = tx.of(Meetings).add(rel, details, by=me.application, organizer_id=owner.id)
    if times is None:
        return meeting
    unscheduled = Schedule(
        organizer_id=meeting.organizer_id,
        organizer=meeting.organizer,
        online_meeting_id=meeting.online_meeting_id,
    )
    made = tx.of(Schedules).replace(
        unscheduled,
        times,
        by=me.application,
        on_behalf=owner.id != me.user.id,
        told=False,
    )
    return msgspec.structs.replace(meeting, schedule=made)


def _divided(values: Mapping[str, Any]) -> tuple[dict[str, Any], Times | None]:
    """Return the values of the meeting, and its time if any part of that is given."""
    names = Times.__struct_fields__
    times = {name: value for name, value in values.items() if name in names}
    return {name: value for name, value in values.items() if name not in names}, (
        Times(**times) if times else None
    )
