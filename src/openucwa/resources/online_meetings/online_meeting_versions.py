"""onlineMeetingVersions: the history of a meeting: who wrote which version, when, and what changed.

Ours (docs/extensions.md). It has no events of its own: those of the meeting tell of a new version.
"""

from openucwa.resources.online_meetings.access import BELOW, SHARED, Access, reach
from openucwa.resources.online_meetings.history import history
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction

online_meeting_versions = Resource[Access](
    rel="onlineMeetingVersions",
    path=f"{BELOW}/versions",
    shared_path=f"{SHARED}/versions",
    is_long=True,
)
online_meeting_versions.embed("onlineMeetingVersion", history)


@online_meeting_versions.find
def find(tx: Transaction, me: Me, online_meeting_id: str, organizer: str = "") -> Access | None:
    """The history of a meeting that the user organizes, or that is shared with her."""
    return reach(tx, me, online_meeting_id, organizer)
