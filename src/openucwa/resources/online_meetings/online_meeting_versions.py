"""onlineMeetingVersions: the history of a meeting: who wrote which version, when, and what changed.

Ours (docs/extensions.md). It has no events of its own: those of the meeting tell of a new version.
"""

from openucwa.domain.meetings import Meeting
from openucwa.resources.online_meetings.history import history
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.meetings import Meetings
from openucwa.store.transaction import Transaction

online_meeting_versions = Resource[Meeting](
    rel="onlineMeetingVersions",
    path="applications/{application_id}/onlineMeetings/myOnlineMeetings/{online_meeting_id}"
    "/versions",
    is_long=True,
)
online_meeting_versions.embed("onlineMeetingVersion", history)


@online_meeting_versions.find
def find(tx: Transaction, me: Me, online_meeting_id: str) -> Meeting | None:
    """The history of a meeting that the user organizes."""
    return tx.of(Meetings).get(me.user.id, online_meeting_id.upper())
