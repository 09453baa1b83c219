"""presence: how available the user is to others, and what the user does.

Source: presence_ref.md.
"""

import msgspec

from openucwa.domain.facts import Priority
from openucwa.domain.presence import Presence
from openucwa.resources.me.availability import available_first
from openucwa.resources.me.me import is_available
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.presences import Presences
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.enums import Availability, PreferredAvailability
from openucwa.wire.errors import MakeMeAvailableRequired
from openucwa.wire.given import Given

COMES = (EventType.ADDED, EventType.UPDATED)


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order in which they are served."""

    activity: str | None
    """The activity of the user, as a token such as off-work."""
    availability: Availability
    """The availability that others see."""


class Input(msgspec.Struct, kw_only=True, rename="camel"):
    """The input of POST, in its body or in its query."""

    availability: PreferredAvailability | None = None
    """The availability to choose. Without it, it is worked out again."""


def own(tx: Transaction, me: Me) -> Presence:
    """Return what the user tells others of herself, once she is available in the application.

    Raises MakeMeAvailableRequired before.
    """
    if not is_available(me, me):
        raise available_first()
    return tx.of(Presences).get(me.user.id)


def properties(me: Me, found: Presence) -> Properties:
    return Properties(activity=found.activity, availability=found.availability)


presence = Resource[Presence](
    rel="presence",
    path="applications/{application_id}/me/presence",
    properties=properties,
    kinds={"presence": "presence"},
    refusals=(MakeMeAvailableRequired,),
)
presence.find(own)
presence.sends(*COMES, sender="me", priority=Priority.MEDIUM)


@presence.post(Input)
def choose(tx: Transaction, me: Me, _: Presence, given: Given[Input]) -> None:
    """Choose the availability that others see, or let it be worked out."""
    tx.of(Presences).choose(me.user.id, given.values.get("availability"))
