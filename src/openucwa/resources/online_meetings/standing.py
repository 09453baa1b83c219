"""The standing meeting of a user, for those who show it or lead to it."""

from openucwa.resources.online_meetings.access import Access, own
from openucwa.resources.viewer import Me
from openucwa.store.tables.meetings import Meetings
from openucwa.store.transaction import Transaction


def standing_meeting(tx: Transaction, me: Me, _: object) -> Access | None:
    """The user's myAssignedOnlineMeeting, where policy gives her one."""
    found = tx.of(Meetings).assigned(me.user.id) if me.policy.assigned_meeting else None
    return own(me, found) if found else None
