"""Sharing: the others who may see a meeting, or change it."""

import msgspec

from openucwa.domain.meetings import Entry
from openucwa.domain.people import User
from openucwa.wire.enums import ShareRole

MOST_SHARES = 25
"""People with whom a meeting is shared."""
MOST_SHARED = 1000
"""Meetings of others that are shared with a user."""


class Share(msgspec.Struct, kw_only=True):
    """A person with whom a meeting is shared, and as what."""

    meeting: Entry
    person: User
    role: ShareRole
    version: int

    @property
    def organizer_id(self) -> int:
        return self.meeting.organizer_id

    @property
    def organizer(self) -> str:
        return self.meeting.organizer

    @property
    def online_meeting_id(self) -> str:
        return self.meeting.online_meeting_id

    @property
    def share_id(self) -> str:
        """The id in its path: the join name of the person."""
        return self.person.join_name
