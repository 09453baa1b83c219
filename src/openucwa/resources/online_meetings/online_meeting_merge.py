"""onlineMeetingMerge: what comes of a change that was made from a version that is not current.

Ours (docs/extensions.md, docs/decisions/0024-history-and-resolving-in-the-server.md). It writes
nothing: what it answers is the client's to show, and to PUT.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from openucwa.domain import meetings
from openucwa.domain.meetings import Details
from openucwa.resources.online_meetings.access import BELOW, SHARED, Access, may_change, reach
from openucwa.resources.online_meetings.history import Written, is_version, kept, written
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.meeting_versions import MeetingVersions
from openucwa.store.transaction import Transaction
from openucwa.wire import merge
from openucwa.wire.errors import ParameterValidationFailure, VersionNotFound
from openucwa.wire.given import Given


class Wanted(Details, kw_only=True, rename="camel"):
    """The content that the client would PUT."""

    etag: str
    """The ETag of the version from which it was made."""


class Merging(msgspec.Struct, kw_only=True):
    """A meeting into which a change is merged, and what has come of that.

    `since` are the versions that were written since `base`, the newest first. `version` is that of
    the meeting into which it was merged.
    """

    access: Access
    version: int | None = None
    outcome: merge.Merge | None = None
    base: Written | None = None
    since: list[Written] = []

    @property
    def organizer_id(self) -> int:
        return self.access.organizer_id

    @property
    def organizer(self) -> str:
        return self.access.organizer

    @property
    def online_meeting_id(self) -> str:
        return self.access.online_meeting_id


class Properties(Details, kw_only=True, rename="camel"):
    """The merged meeting, in which the current value stands at each conflict; and what it is of."""

    conflicting_properties: tuple[str, ...]
    """The properties that both sides have changed differently, which need a decision."""
    my_properties: tuple[str, ...]
    """The properties in which the merged meeting has the client's change."""
    their_properties: tuple[str, ...]
    """The properties that others have changed since the base and that are kept."""


def properties(me: Me, found: Merging) -> Properties:
    assert found.outcome is not None  # POST has seen to it
    merged: Mapping[str, Any] = msgspec.structs.asdict(
        msgspec.convert(found.outcome.merged, Details)
    )
    return Properties(
        **merged,
        conflicting_properties=tuple(found.outcome.conflicts),
        my_properties=found.outcome.mine,
        their_properties=found.outcome.theirs,
    )


online_meeting_merge = Resource[Merging](
    rel="onlineMeetingMerge",
    path=f"{BELOW}/merge",
    shared_path=f"{SHARED}/merge",
    properties=properties,
    # That of myOnlineMeeting, so that the answer can be PUT there as it is.
    play_back="56de7bbf-1081-43e6-bbf2-1cabf3224c83",
    readable=False,
    is_long=True,
)


def since(tx: Transaction, me: Me, found: Merging) -> list[Written]:
    """The versions since the base, the newest first."""
    return found.since


def base(tx: Transaction, me: Me, found: Merging) -> Written:
    """The version from which both sides started, with what it says."""
    assert found.base is not None  # POST has seen to it
    return found.base


online_meeting_merge.embed("onlineMeetingVersion", since)
online_meeting_merge.embed("onlineMeetingBaseVersion", base)


@online_meeting_merge.find
def find(tx: Transaction, me: Me, online_meeting_id: str, organizer: str = "") -> Merging | None:
    """A meeting that the user organizes, or that is shared with her."""
    access = reach(tx, me, online_meeting_id, organizer)
    return Merging(access=access) if access else None


def may_merge(me: Me, found: Merging) -> bool:
    """There for those who may change the meeting."""
    return may_change(me, found.access)


@online_meeting_merge.post(
    Wanted,
    answers="onlineMeetingMerge",
    status=200,
    errors=(ParameterValidationFailure, VersionNotFound),
    complete=True,
    writes=False,
    role=may_merge,
)
def merged(tx: Transaction, me: Me, found: Merging, wanted: Given[Wanted]) -> Merging:
    """Merge what is wanted with what has changed since it was made, and write nothing.

    Takes what PUT takes, and refuses what that refuses.

    Raises ParameterValidationFailure, and VersionNotFound when the server has no such version.
    """
    wanted.complete()
    access, meeting = found.access, found.access.meeting
    values = dict(wanted.values)
    tag = values.pop("etag")
    mine = meetings.validated(
        msgspec.structs.replace(
            meetings.defaults(
                access.policy, meeting.online_meeting_rel, tx.now, ends_at=meeting.ends_at
            ),
            **values,
        ),
        access.policy,
        organizer_uri=access.owner.uri,
        domain=me.deployment.domain,
        now=tx.now,
    )
    versions = (
        tx.of(MeetingVersions).of(meeting, keep=kept(me), since=int(tag)) if is_version(tag) else []
    )
    was = tx.of(MeetingVersions).details(meeting, int(tag), keep=kept(me)) if versions else None
    if was is None:
        raise VersionNotFound(
            "The server does not keep the version that etag names, or no longer. Merge with your "
            "own copy of it, or start from the current version."
        )
    *newer, oldest = written(tx, me, meeting, versions)
    return Merging(
        access=access,
        version=meeting.version,
        outcome=merge.merge(
            meetings.members(was),
            meetings.members(mine),
            meetings.members(meeting.details),
        ),
        base=msgspec.structs.replace(oldest, details=was, is_base=True),
        since=newer,
    )
