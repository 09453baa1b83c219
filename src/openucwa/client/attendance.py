"""Attendance: who was in a meeting, from when to when. OpenUCWA has it, others need not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from openucwa.client.attributes import Attribute, TypedResource, flag, member, moment, text
from openucwa.wire import csv
from openucwa.wire.enums import Role

_COLUMNS = ("name", "uri", "role", "anonymous", "joinTime", "leaveTime")


class Attendance(TypedResource):
    """The time that a person was in a meeting. Who comes back has another one."""

    name: Attribute[str] = Attribute("name", text)
    """The name to show; that which a guest has given."""
    uri: Attribute[str] = Attribute("uri", text)
    """The SIP address."""
    role: Attribute[Role | str] = Attribute("role", member(Role))
    """Leader for who led the meeting at any time."""
    anonymous: Attribute[bool] = Attribute("anonymous", flag)
    """True for a guest."""
    joined: Attribute[datetime | None] = Attribute("joinTime", moment)
    """The time at which the meeting was entered."""
    left: Attribute[datetime | None] = Attribute("leaveTime", moment)
    """The time at which it was left; None while the person is in it."""

    def __repr__(self) -> str:
        return f"Attendance({self.uri!r}, {self.joined}, {self.left})"


def as_csv(attendance: Iterable[Attendance]) -> bytes:
    """Return a table for a spreadsheet, in UTF-8: a row for each."""
    return csv.write(
        _COLUMNS, ([one.properties.get(name) for name in _COLUMNS] for one in attendance)
    )
