"""The history of a meeting, for those who show it: who wrote which version, and what changed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from openucwa.domain.meetings import Details, Meeting, Version
from openucwa.resources.viewer import Me
from openucwa.store.tables.meeting_versions import MeetingVersions
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction


class Written(msgspec.Struct, kw_only=True):
    """A version of a meeting, as its history shows it.

    `by` is the address of who wrote it, None when that user is not known any more. `changed` names
    the properties in which it differs from the version before, None where there was none.
    `details` are left out where many versions are listed.
    """

    online_meeting_id: str
    version: int
    by: str | None
    at: datetime
    changed: Sequence[str] | None
    details: Details | None = None
    is_base: bool = False


def history(tx: Transaction, me: Me, meeting: Meeting) -> list[Written]:
    """The versions that are kept, the newest first."""
    return written(tx, meeting, tx.of(MeetingVersions).of(meeting, keep=kept(me)))


def kept(me: Me) -> int:
    """Return the number of versions of a meeting at most."""
    return me.deployment.limits.versions_per_meeting


def is_version(tag: str) -> bool:
    """Return True if an ETag can be one of ours."""
    return tag.isascii() and tag.isdigit() and not tag.startswith("0") and len(tag) <= 18


def written(tx: Transaction, meeting: Meeting, versions: Sequence[Version]) -> list[Written]:
    """Versions one after the other, the newest first, without what they say."""
    authors = {author: tx.of(Users).get(author) for author in {one.author_id for one in versions}}
    return [
        Written(
            online_meeting_id=meeting.online_meeting_id,
            version=version.version,
            by=author.uri if (author := authors[version.author_id]) else None,
            at=version.written_at,
            changed=version.changed,
        )
        for version in versions
    ]
