"""Attendance: who was in a meeting, from when to when."""

from datetime import datetime

import msgspec

from openucwa.domain.people import MeetingKey
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.enums import Role

MOST_AT_ONCE = 1000
"""The records that are shown together."""
MOST_OF_A_PERSON = 100
"""The records of one person in one meeting. Who comes more often has been there since the last."""


class Attendance(msgspec.Struct, kw_only=True, frozen=True):
    """The time that a person was in a meeting; `left_at` is None while she is there."""

    meeting: MeetingKey
    address: str
    uri: str
    name: str
    role: Role
    anonymous: bool
    joined_at: datetime
    left_at: datetime | None = None

    @property
    def record_id(self) -> str:
        """The id: an address may have a comma in it, and a number has none."""
        return f"{milliseconds(self.joined_at)},{self.address}"


def parsed_id(record_id: str) -> tuple[datetime, str] | None:
    """Return when somebody joined, and her address; None for what is no id."""
    count, comma, address = record_id.partition(",")
    if not comma or not (count.isascii() and count.isdigit() and len(count) <= 14):
        return None
    return from_milliseconds(int(count)), address.lower()
