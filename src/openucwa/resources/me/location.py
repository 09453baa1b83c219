"""location: where the user is, in her own words.

Source: location_ref.md.
"""

from typing import Annotated

import msgspec

from openucwa.domain.facts import Priority
from openucwa.domain.presence import Presence
from openucwa.resources.me.presence import COMES, own
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.presences import Presences
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import MakeMeAvailableRequired
from openucwa.wire.given import Given


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """Return what the user has told."""

    location: str
    """The text; empty if the user tells nothing."""


class Input(msgspec.Struct, kw_only=True, rename="camel"):
    """The input of POST, in its body or in its query."""

    location: Annotated[str, msgspec.Meta(max_length=60)] = ""
    """The text. Without it, what was told is taken away."""


def properties(me: Me, found: Presence) -> Properties:
    return Properties(location=found.location)


location = Resource[Presence](
    rel="location",
    path="applications/{application_id}/me/location",
    properties=properties,
    kinds={"location": "location"},
    refusals=(MakeMeAvailableRequired,),
)
location.find(own)
location.sends(*COMES, sender="me", priority=Priority.MEDIUM)


@location.post(Input)
def move(tx: Transaction, me: Me, _: Presence, given: Given[Input]) -> None:
    """Tell where the user is, or take that away."""
    tx.of(Presences).move(me.user.id, given.complete().location)
