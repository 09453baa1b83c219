"""onlineMeetingVersion: a version of a meeting; onlineMeetingBaseVersion: one that a merge is from.

Ours (docs/extensions.md). A version never changes. To restore it is to PUT what it says on the
meeting.
"""

import msgspec

from openucwa.resources.change import Change
from openucwa.resources.online_meetings.access import BELOW, SHARED, reach
from openucwa.resources.online_meetings.history import Written, is_version, kept, written
from openucwa.resources.online_meetings.settable import with_optional_details
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.meeting_versions import MeetingVersions
from openucwa.store.transaction import Transaction


@with_optional_details
class Properties(Change, kw_only=True, rename="camel"):
    """The author, and the content with the names in Details, but in a list of versions."""


def properties(me: Me, found: Written) -> Properties:
    """Return the properties, without the content in lists: a hundred versions may be large."""
    return Properties(
        **msgspec.structs.asdict(found.change),
        **(msgspec.structs.asdict(found.details) if found.details else {}),
    )


def is_base(found: Written) -> bool:
    """Return True if it is shown as the version from which both sides of a merge started."""
    return found.is_base


online_meeting_version = Resource[Written](
    rel="onlineMeetingVersion",
    variants={"onlineMeetingBaseVersion": is_base},
    path=f"{BELOW}/versions/{{version}}",
    shared_path=f"{SHARED}/versions/{{version}}",
    properties=properties,
)


@online_meeting_version.find
def find(
    tx: Transaction, me: Me, online_meeting_id: str, version: str, organizer: str = ""
) -> Written | None:
    """A version of a meeting that the user organizes or that is shared, while it is kept."""
    found = reach(tx, me, online_meeting_id, organizer)
    if found is None or not is_version(version):
        return None
    meeting = found.meeting
    number = int(version)
    kept_ones = tx.of(MeetingVersions).of(meeting, keep=kept(me), since=number, until=number)
    if not kept_ones:
        return None
    (shown,) = written(tx, me, meeting, kept_ones)
    details = tx.of(MeetingVersions).details(meeting, number, keep=kept(me))
    return msgspec.structs.replace(shown, details=details)
