"""onlineMeetingShares: with whom a meeting is shared, and where it is shared with more people.

Ours (docs/extensions.md). Shares are no property of a meeting: a PUT of it replaces all of those,
and whoever is changing it need not begin anew because it was shared.
"""

import msgspec

from openucwa.domain.sharing import MOST_SHARED, MOST_SHARES, Share
from openucwa.resources.colleague import user_named
from openucwa.resources.online_meetings.access import (
    BELOW,
    SHARED,
    Access,
    check_manages,
    reach,
)
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.shares import Shares
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import ShareRole
from openucwa.wire.errors import AlreadyExists, LimitExceeded, ParameterValidationFailure
from openucwa.wire.given import Given


class ShareList(list[Share]):
    """The shares of one meeting."""

    def __init__(self, access: Access, members: list[Share]) -> None:
        super().__init__(members)
        self.access = access
        self.organizer_id = access.organizer_id
        self.organizer = access.organizer
        self.online_meeting_id = access.online_meeting_id


class Wanted(msgspec.Struct, kw_only=True, rename="camel"):
    """The person, by SIP address or address alone, and the role."""

    uri: str
    role: ShareRole = ShareRole.EDITOR


online_meeting_shares = Resource[ShareList](
    rel="onlineMeetingShares",
    path=f"{BELOW}/shares",
    shared_path=f"{SHARED}/shares",
)
online_meeting_shares.embed("onlineMeetingShare")


@online_meeting_shares.find
def find(tx: Transaction, me: Me, online_meeting_id: str, organizer: str = "") -> ShareList | None:
    """The shares of a meeting, for its organizer and her delegates."""
    access = reach(tx, me, online_meeting_id, organizer)
    if access is None:
        return None
    check_manages(access)
    return ShareList(access, tx.of(Shares).of(access.meeting))


@online_meeting_shares.post(
    Wanted,
    answers="onlineMeetingShare",
    errors=(AlreadyExists, LimitExceeded, ParameterValidationFailure),
    complete=True,
)
def share(tx: Transaction, me: Me, found: ShareList, given: Given[Wanted]) -> Share:
    """Share the meeting with a person of the organization.

    Raises ParameterValidationFailure for who can't be given a share, AlreadyExists for who has one,
    and LimitExceeded.
    """
    wanted = given.complete()
    meeting, owner = found.access.meeting, found.access.owner
    person = user_named(tx, me, wanted.uri, "uri")
    if person.id == owner.id:
        raise ParameterValidationFailure({"uri": "is the organizer, who needs no share"})
    tx.of(Shares).alone(meeting, person)
    if any(one.person.id == person.id for one in found):
        raise AlreadyExists(
            f"The meeting is shared with {person.name} already. Change that share with PUT."
        )
    if len(found) >= MOST_SHARES:
        raise LimitExceeded(
            f"The meeting is shared with {MOST_SHARES} people, which is the limit. Remove one."
        )
    if tx.of(Shares).count(person.id) >= MOST_SHARED:
        raise LimitExceeded(
            f"{person.name} has reached the limit of {MOST_SHARED} meetings that are shared with "
            "one person."
        )
    return tx.of(Shares).add(meeting, person, wanted.role)
