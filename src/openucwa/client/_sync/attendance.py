# Made from _async/attendance.py by `make synchronous`. Change that one.
"""onlineMeetingAttendance: who was in a meeting.

OpenUCWA has it and others need not (docs/extensions.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from openucwa.client._sync.folder import offered
from openucwa.client._sync.session import Session
from openucwa.client.attendance import Attendance
from openucwa.client.meeting import Meeting

_REL = "onlineMeetingAttendanceRecord"


class Attendances:
    """The attendance of meetings at the server."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(
        self, meeting: Meeting, since: datetime | None, until: datetime | None
    ) -> Sequence[Attendance]:
        """Return the records of those who joined in a time. Raises NotOffered and Forbidden."""
        href = offered(meeting.resource, "onlineMeetingAttendance")
        found: dict[str, Attendance] = {}
        while True:
            report = self._session.get(_asking(href, since, until))
            records = [Attendance(one) for one in report.embedded(_REL)]
            fresh = [one for one in records if one.resource.href not in found]
            found |= {one.resource.href: one for one in records}
            last = records[-1].joined if records else None
            if not (report.properties.get("moreRecordsAvailable") and fresh and last):
                return list(found.values())
            since = last  # some may have joined at the same time as the last one

    def forget(self, meeting: Meeting) -> None:
        """Forget who was in a meeting. Raises NotOffered and Forbidden."""
        href = offered(meeting.resource, "onlineMeetingAttendance")
        self._session.send("DELETE", href, repeatable=True)


def _asking(href: str, since: datetime | None, until: datetime | None) -> str:
    asked = {"startTime": since, "endTime": until}
    query = urlencode({name: _iso(time) for name, time in asked.items() if time is not None})
    return f"{href}{'&' if '?' in href else '?'}{query}" if query else href


def _iso(time: datetime) -> str:
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone. Give it one, as in tzinfo=UTC.")
    return time.astimezone(UTC).isoformat()
