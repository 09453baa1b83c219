"""onlineMeetingShare: a person with whom a meeting is shared.

Ours (docs/extensions.md).
"""

import msgspec

from openucwa.domain.sharing import Share
from openucwa.resources.online_meetings import deletions
from openucwa.resources.online_meetings.access import BELOW, SHARED, check_manages, reach
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.shares import Shares
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import LIFE
from openucwa.wire.enums import ShareRole
from openucwa.wire.given import Given


class Role(msgspec.Struct, kw_only=True, rename="camel"):
    """The members that can be changed."""

    role: ShareRole


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    share_id: str
    """The id in its path."""
    uri: str
    """The SIP address of the person."""
    name: str
    """The name to show."""
    role: ShareRole


def properties(me: Me, found: Share) -> Properties:
    return Properties(
        share_id=found.share_id, uri=found.person.uri, name=found.person.name, role=found.role
    )


online_meeting_share = Resource[Share](
    rel="onlineMeetingShare",
    path=f"{BELOW}/shares/{{share_id}}",
    shared_path=f"{SHARED}/shares/{{share_id}}",
    properties=properties,
    kinds={"onlineMeetingShare": "share"},
    play_back="4f0f2d5e-9a0b-4c53-8d6a-2f4a86c1b7d3",
)
online_meeting_share.sends(
    *LIFE,
    sender="onlineMeetings",
    within="onlineMeetingShares",
    embedded=True,
    extension=True,
)
online_meeting_share.tells_deletion(deletions.of_share)


@online_meeting_share.find
def find(
    tx: Transaction, me: Me, online_meeting_id: str, share_id: str, organizer: str = ""
) -> Share | None:
    """A share of a meeting, for its organizer and her delegates."""
    access = reach(tx, me, online_meeting_id, organizer)
    if access is None:
        return None
    check_manages(access)
    shares = tx.of(Shares).of(access.meeting)
    return next((one for one in shares if one.share_id == share_id.lower()), None)


@online_meeting_share.put(Role)
def update(tx: Transaction, me: Me, found: Share, given: Given[Role]) -> Share:
    """Give the person another role."""
    return tx.of(Shares).change(found, given.over(Role(role=found.role)).role)


@online_meeting_share.delete()
def remove(tx: Transaction, me: Me, found: Share) -> None:
    """Share the meeting with the person no more."""
    tx.of(Shares).remove(found)
