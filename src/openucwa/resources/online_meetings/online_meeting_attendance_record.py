"""onlineMeetingAttendanceRecord: the time that somebody was in a meeting.

Ours (docs/extensions.md). Who comes back has another one.
"""

from datetime import datetime

import msgspec

from openucwa.domain.attendance import Attendance, parsed_id
from openucwa.domain.people import MeetingKey
from openucwa.resources.online_meetings.access import BELOW, EDITORS, SHARED, Access, reach
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.attendances import Attendances
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import Role
from openucwa.wire.errors import Forbidden


class Record(msgspec.Struct, kw_only=True, frozen=True):
    """A record, and how the viewer reaches its meeting."""

    access: Access
    attendance: Attendance

    @property
    def organizer_id(self) -> int:
        return self.access.organizer_id

    @property
    def organizer(self) -> str:
        return self.access.organizer

    @property
    def online_meeting_id(self) -> str:
        return self.access.online_meeting_id

    @property
    def record_id(self) -> str:
        return self.attendance.record_id


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order in which they are served, and of the columns of CSV."""

    name: str
    """The name to show; that which a guest has given."""
    uri: str
    """The SIP address."""
    role: Role
    """Leader for who led the meeting at any time."""
    anonymous: bool
    """True for a guest."""
    join_time: datetime
    """The time at which the meeting was entered."""
    leave_time: datetime | None
    """The time at which it was left; there is none while somebody is in it."""


def properties(me: Me, found: Record) -> Properties:
    attendance = found.attendance
    return Properties(
        name=attendance.name,
        uri=attendance.uri,
        role=attendance.role,
        anonymous=attendance.anonymous,
        join_time=attendance.joined_at,
        leave_time=attendance.left_at,
    )


online_meeting_attendance_record = Resource[Record](
    rel="onlineMeetingAttendanceRecord",
    path=f"{BELOW}/attendance/{{record_id}}",
    shared_path=f"{SHARED}/attendance/{{record_id}}",
    properties=properties,
)


@online_meeting_attendance_record.find
def find(
    tx: Transaction, me: Me, online_meeting_id: str, record_id: str, organizer: str = ""
) -> Record | None:
    """A record of a meeting, for its organizer, her delegates and editors."""
    access = reach(tx, me, online_meeting_id, organizer)
    if access is None:
        return None
    check_reads(access)
    parsed = parsed_id(record_id)
    attendance = tx.of(Attendances).get(key_of(access), *parsed) if parsed else None
    return Record(access=access, attendance=attendance) if attendance else None


def key_of(access: Access) -> MeetingKey:
    """Return the key of a meeting."""
    return MeetingKey(organizer_id=access.organizer_id, online_meeting_id=access.online_meeting_id)


def check_reads(access: Access) -> None:
    """Raise Forbidden for who may not see who was there."""
    if access.role not in EDITORS:
        raise Forbidden(
            "Only the organizer of the meeting, the organizer's delegates and editors see who was "
            "in it."
        )
