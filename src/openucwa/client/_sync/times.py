# Made from _async/times.py by `make synchronous`. Change that one.
"""onlineMeetingSchedule: the time of a meeting, a resource of its own beside it.

OpenUCWA has it and others need not (docs/extensions.md).
"""

from __future__ import annotations

from openucwa.client._sync.session import Session
from openucwa.client.errors import NotOffered
from openucwa.client.meeting import Meeting
from openucwa.client.resource import Resource
from openucwa.client.schedule import Schedule
from openucwa.wire.members import SCHEDULE


class Times:
    """The times of meetings at the server."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def check(self, meeting: Meeting) -> str:
        """Return the address of a meeting's time. Raises NotOffered."""
        href = meeting.resource.link(SCHEDULE)
        if href is None:
            raise NotOffered(
                "This server keeps no times of meetings. Set expires alone, and write the time "
                "into the description."
            )
        return href

    def of(self, meeting: Meeting) -> Resource:
        """Return the time of a meeting as it was served with it, or else as it is now."""
        for told in meeting.resource.embedded(SCHEDULE):
            if told.etag is not None:
                return told
        return self._session.get(self.check(meeting))

    def replace(self, meeting: Meeting, before: Resource, wanted: object) -> None:
        """Set the time of a meeting, or take it away, if it is as it was before.

        Raises PreconditionFailed.
        """
        href = self.check(meeting)
        if isinstance(wanted, Schedule):
            self._session.send(
                "PUT",
                href,
                {**before.properties, **wanted.served()},
                if_match=before.etag,
                repeatable=True,
                headers={"Prefer": "return=representation"},
            )
        else:
            self._session.send("DELETE", href, if_match=before.etag, repeatable=True)
