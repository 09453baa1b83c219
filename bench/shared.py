"""OpenUCWA with one change: everybody who is told of a meeting of the first user may see it.

No resource is shared by users yet. So their channels are made to follow the topic of its organizer,
and the rest is as it will be: each of them is shown it for herself, in her own application.
"""

from __future__ import annotations

from openucwa.cli.main import main
from openucwa.domain.meetings import Meeting
from openucwa.resources.online_meetings.my_online_meeting import my_online_meeting
from openucwa.resources.viewer import Me
from openucwa.store.tables.meetings import Meetings
from openucwa.store.transaction import Transaction

ORGANIZER = 1


def find(tx: Transaction, me: Me, online_meeting_id: str) -> Meeting | None:
    """Return a meeting of the organizer."""
    return tx.of(Meetings).get(ORGANIZER, online_meeting_id.upper())


if __name__ == "__main__":
    my_online_meeting.finder = find
    main()
