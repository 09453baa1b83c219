"""myOnlineMeetings: the meetings that the user organizes, and where she schedules one.

Source: myOnlineMeetings_ref.md, ScheduleAnOnlineMeeting.md.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any

import msgspec

from openucwa.domain import meetings, schedules
from openucwa.domain.meetings import Details, Entry, Meeting
from openucwa.domain.schedules import Schedule, Times
from openucwa.resources.dashboard import dashboard
from openucwa.resources.online_meetings import quota
from openucwa.resources.online_meetings.standing import standing_meeting
from openucwa.resources.viewer import Me
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.schedules import Schedules
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel
from openucwa.wire.errors import EntityTooLarge, ParameterValidationFailure, TooManyOnlineMeetings
from openucwa.wire.given import Given

my_online_meetings = dashboard(
    "myOnlineMeetings",
    "applications/{application_id}/onlineMeetings/myOnlineMeetings",
    is_long=True,
)


LARGEST = 2 * 1024 * 1024
"""Bytes that the embedded meetings may hold together."""
_OVERHEAD = 1024
"""Bytes that a meeting takes beside what its organizer has written, roughly."""


def scheduled(tx: Transaction, me: Me, _: Me) -> list[Meeting]:
    """The meetings that the user has scheduled. Where they are too large together, the smaller."""
    embedded, _others = _divided(tx, me)
    if not embedded:
        return []
    largest, last = embedded[-1]
    found = tx.of(Meetings).of(me.user.id, up_to=(largest, last.online_meeting_id))
    return [one for one in found if not meetings.is_assigned(one)]


def others(tx: Transaction, me: Me, _: Me) -> list[Entry]:
    """The meetings that are too large to be embedded with the others."""
    _embedded, others = _divided(tx, me)
    return [entry for _, entry in others]


_Sized = tuple[int, Entry]


def _divided(tx: Transaction, me: Me) -> tuple[list[_Sized], list[_Sized]]:
    """The meetings by their size, with those that are embedded, as many as possible, apart."""
    sizes = [one for one in tx.of(Meetings).sizes(me.user.id) if not meetings.is_assigned(one[1])]
    sizes.sort(key=lambda one: (one[0], one[1].online_meeting_id))
    totals = accumulate(size + _OVERHEAD for size, _ in sizes)
    count = sum(total <= LARGEST for total in totals)
    return sizes[:count], sizes[count:]


def assigned(tx: Transaction, me: Me, _: Me) -> list[Meeting]:
    """The user's standing meeting, where policy gives her one."""
    found = standing_meeting(tx, me, me)
    return [found] if found else []


my_online_meetings.embed("myAssignedOnlineMeeting", assigned)
my_online_meetings.embed("myOnlineMeeting", scheduled)
my_online_meetings.link("myOnlineMeeting", others)


class Wanted(Details, kw_only=True, rename="camel"):
    """The meeting, and its time: both are scheduled in one request."""

    start_time: datetime | None = None
    """The start of the meeting."""
    end_time: datetime | None = None
    """The end of the meeting; expirationTime is eight hours later unless it is given."""
    time_zone: str | None = None
    """The time zone of its time, by its name in the IANA database: UTC unless it is given."""


# 200 and not 201: the task page prints it so, and it counts more than the reference page.
@my_online_meetings.post(
    Wanted,
    answers="myOnlineMeeting",
    status=200,
    errors=(ParameterValidationFailure, TooManyOnlineMeetings, EntityTooLarge),
    repeatable=True,
)
def schedule(tx: Transaction, me: Me, _: Me, wanted: Given[Wanted]) -> Meeting:
    """Schedule a meeting, with a time if one is given.

    Raises ParameterValidationFailure; TooManyOnlineMeetings and EntityTooLarge beyond the user's
    limits.
    """
    limit = me.deployment.limits.meetings_per_user
    rel = OnlineMeetingRel.MY_ONLINE_MEETINGS
    given, times = _divided_input(wanted.values)
    if times is not None:
        times = schedules.validated(times, now=tx.now)
    ends_at = times.end_time if times else None
    details = meetings.validated(
        msgspec.structs.replace(
            meetings.defaults(me.policy, rel, tx.now, ends_at=ends_at), **given
        ),
        me.policy,
        organizer_uri=me.user.uri,
        domain=me.deployment.domain,
        now=tx.now,
    )
    if meetings.postponed(details, ends_at, tx.now):
        raise ParameterValidationFailure({"expirationTime": "must not be before endTime"})
    if tx.of(Meetings).count(me.user.id) >= limit:
        raise TooManyOnlineMeetings(
            f"You have reached the limit of {limit} meetings. Delete one that you don't need."
        )
    quota.check_meeting(tx, me, meetings.size(details))
    meeting = tx.of(Meetings).add(rel, details, by=me.application)
    if times is None:
        return meeting
    unscheduled = Schedule(
        organizer_id=meeting.organizer_id, online_meeting_id=meeting.online_meeting_id
    )
    made = tx.of(Schedules).replace(unscheduled, times, by=me.application, told=False)
    return msgspec.structs.replace(meeting, schedule=made)


def _divided_input(values: Mapping[str, Any]) -> tuple[dict[str, Any], Times | None]:
    """What is given of the meeting, and of its time, if any of it is."""
    names = Times.__struct_fields__
    times = {name: value for name, value in values.items() if name in names}
    return {name: value for name, value in values.items() if name not in names}, (
        Times(**times) if times else None
    )
