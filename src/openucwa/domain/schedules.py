"""Schedules: when a meeting takes place."""

from datetime import datetime, timedelta

import msgspec

from openucwa.domain import times
from openucwa.wire import zones
from openucwa.wire.enums import MeetingRole
from openucwa.wire.errors import ParameterValidationFailure

LONGEST = timedelta(days=31)

UNSCHEDULED = 1
"""The version of a schedule that has never had a time: no row says so. All others are higher."""


class Times(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """The time of a meeting. All of it is None where it has none.

    A recurrence would be one more member, as RFC 5545 writes its rules: the zone is here already,
    without which "each Monday at 10:00" means nothing.
    """

    start_time: datetime | None = None
    """The start of the meeting."""
    end_time: datetime | None = None
    """The end of the meeting."""
    time_zone: str | None = None
    """The time zone in which it was scheduled, by its name in the IANA database."""


class Schedule(msgspec.Struct, kw_only=True):
    """The schedule of a meeting, which is always there, with or without a time.

    `organizer` is the join name of who organizes the meeting, `role` that of who sees it.
    """

    organizer_id: int
    organizer: str
    online_meeting_id: str
    version: int = UNSCHEDULED
    times: Times = Times()
    role: MeetingRole = MeetingRole.READER

    @property
    def has_time(self) -> bool:
        """True if the meeting has a time."""
        return self.times.start_time is not None


def validated(wanted: Times, *, now: datetime) -> Times:
    """The wanted time; without a zone it is in UTC.

    Raises ParameterValidationFailure that names what is missing, an end that is not after the
    start, a meeting that is too long, a time outside of its limits, and an unknown zone.
    """
    start, end, zone = wanted.start_time, wanted.end_time, wanted.time_zone or zones.UTC
    wrong: dict[str, str] = {}
    for name, moment in (("startTime", start), ("endTime", end)):
        if moment is None:
            wrong[name] = "is missing: send both startTime and endTime"
        elif not times.is_in_reach(moment, now):
            wrong[name] = times.OUT_OF_REACH
    if start is not None and end is not None and not wrong:
        if end <= start:
            wrong["endTime"] = "must be after startTime"
        elif end - start > LONGEST:
            wrong["endTime"] = f"must be at most {LONGEST.days} days after startTime"
    if not zones.is_zone(zone):
        wrong["timeZone"] = "must be a name of the IANA time zone database, such as Europe/Berlin"
    if wrong:
        raise ParameterValidationFailure(wrong)
    return msgspec.structs.replace(wanted, time_zone=zone)
