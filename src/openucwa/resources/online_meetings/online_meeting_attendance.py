"""onlineMeetingAttendance: who was in a meeting, from when to when.

Ours (docs/extensions.md). It is there as CSV, too.
"""

from datetime import datetime

import msgspec

from openucwa.domain.attendance import MOST_AT_ONCE
from openucwa.resources.online_meetings.access import BELOW, SHARED, Access, may_manage, reach
from openucwa.resources.online_meetings.online_meeting_attendance_record import (
    Record,
    check_reads,
    key_of,
)
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.attendances import Attendances
from openucwa.store.transaction import Transaction


class Asked(msgspec.Struct, kw_only=True, rename="camel"):
    """The query of GET."""

    start_time: datetime | None = None
    """Only those who joined at that time or later."""
    end_time: datetime | None = None
    """Only those who joined before that time."""


class Report(msgspec.Struct, kw_only=True, frozen=True):
    """The records of a meeting that were asked for; `more` tells that there are later ones."""

    access: Access
    records: list[Record]
    more: bool

    @property
    def organizer_id(self) -> int:
        return self.access.organizer_id

    @property
    def organizer(self) -> str:
        return self.access.organizer

    @property
    def online_meeting_id(self) -> str:
        return self.access.online_meeting_id


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """Return what the records don't tell."""

    more_records_available: bool
    """True if there are later records than these; startTime asks for them."""


def properties(me: Me, found: Report) -> Properties:
    return Properties(more_records_available=found.more)


online_meeting_attendance = Resource[Report](
    rel="onlineMeetingAttendance",
    path=f"{BELOW}/attendance",
    shared_path=f"{SHARED}/attendance",
    properties=properties,
    asked=Asked,
    as_table="onlineMeetingAttendanceRecord",
    is_long=True,
)


def records(tx: Transaction, me: Me, found: Report) -> list[Record]:
    """Return the records in the order in which people joined, of a thousand at most."""
    return found.records


online_meeting_attendance.embed("onlineMeetingAttendanceRecord", records, always=True)


@online_meeting_attendance.find
def find(
    tx: Transaction,
    me: Me,
    online_meeting_id: str,
    organizer: str = "",
    start_time: datetime | None = None,
    end_time: datetime | None = None,
) -> Report | None:
    """The attendance of a meeting, for its organizer, her delegates and editors."""
    access = reach(tx, me, online_meeting_id, organizer)
    if access is None:
        return None
    check_reads(access)
    found = tx.of(Attendances).of(
        key_of(access), since=start_time, until=end_time, most=MOST_AT_ONCE + 1
    )
    shown = [Record(access=access, attendance=one) for one in found[:MOST_AT_ONCE]]
    return Report(access=access, records=shown, more=len(found) > MOST_AT_ONCE)


def manages(me: Me, found: Report) -> bool:
    """For the organizer and delegates."""
    return may_manage(me, found.access)


@online_meeting_attendance.delete(role=manages)
def forget(tx: Transaction, me: Me, found: Report) -> None:
    """Forget who was in the meeting, but for who is in it now."""
    tx.of(Attendances).remove(key_of(found.access))
