"""The history of a meeting: its versions, each with its author and what it changed."""

from collections.abc import Sequence

import msgspec

from openucwa.domain.meetings import Details, Meeting, Version
from openucwa.resources.change import Change
from openucwa.resources.online_meetings.access import Access
from openucwa.resources.viewer import Me
from openucwa.store.tables.meeting_versions import MeetingVersions
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction


class Written(msgspec.Struct, kw_only=True):
    """A version of a meeting, as its history shows it.

    `change` tells who wrote it, and what it changed. `details` are left out where many versions are
    listed.
    """

    organizer_id: int
    organizer: str
    online_meeting_id: str
    version: int
    change: Change
    details: Details | None = None
    is_base: bool = False


def history(tx: Transaction, me: Me, found: Access) -> list[Written]:
    """Return the versions that are kept, the newest first."""
    meeting = found.meeting
    return written(tx, me, meeting, tx.of(MeetingVersions).of(meeting, keep=kept(me)))


def kept(me: Me) -> int:
    """Return the greatest number of versions that a meeting keeps."""
    return me.deployment.limits.versions_per_meeting


def is_version(tag: str) -> bool:
    """Return True if an ETag can be one of ours."""
    return tag.isascii() and tag.isdigit() and not tag.startswith("0") and len(tag) <= 18


def written(
    tx: Transaction, me: Me, meeting: Meeting, versions: Sequence[Version]
) -> list[Written]:
    """Return consecutive versions as a history shows them, the newest first, without details."""
    return [
        Written(
            organizer_id=meeting.organizer_id,
            organizer=meeting.organizer,
            online_meeting_id=meeting.online_meeting_id,
            version=version.version,
            change=change,
        )
        for version, change in zip(
            versions, changes(tx, me, meeting.organizer_id, versions), strict=True
        )
    ]


def changes(
    tx: Transaction, me: Me, organizer_id: int, versions: Sequence[Version]
) -> list[Change]:
    """Return the changes of some versions, each with its author.

    Authors other than the viewer are looked up. One who is not known any more is left out.
    """
    people = {one.author_id for one in versions}
    people |= {organizer_id for one in versions if one.on_behalf}
    others = people - {me.user.id}
    known = {me.user.id: me.user} | (tx.of(Users).some(others) if others else {})
    found = []
    for version in versions:
        author = known.get(version.author_id)
        organizer = known.get(organizer_id) if version.on_behalf else None
        found.append(
            Change(
                changed_by=author.uri if author else None,
                changed_by_name=author.name if author else None,
                changed_with=version.client or None,
                changed_on_behalf_of=organizer.uri if organizer else None,
                changed_at=version.written_at,
                changed_properties=version.changed,
            )
        )
    return found
