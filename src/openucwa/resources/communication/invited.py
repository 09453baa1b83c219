"""Invitations as an application sees them, with what they are to."""

import msgspec

from openucwa.domain.conversations import Invitation, Seen, View
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.invitations import Invitations
from openucwa.store.tables.participants import Participants
from openucwa.store.tables.views import Views
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.enums import Direction


class Invited(msgspec.Struct, kw_only=True, frozen=True):
    """An invitation, with the conversation as the application sees it.

    `sender` is who invites. The conversation is forgotten earlier than the invitation at times.
    """

    invitation: Invitation
    view: View | None
    sender: Seen | None

    @property
    def invitation_id(self) -> str:
        return self.invitation.invitation_id

    @property
    def conversation_id(self) -> str:
        return self.invitation.conversation_id

    @property
    def invited_uri(self) -> str | None:
        """The SIP address of who is invited, None for who comes by herself."""
        return self.invitation.details.to

    @property
    def address(self) -> str:
        """The same without its scheme, for paths."""
        return (self.invited_uri or "").removeprefix("sip:")

    @property
    def is_incoming(self) -> bool:
        return self.invitation.direction is Direction.INCOMING


def invited(tx: Transaction, me: Me, invitation: Invitation) -> Invited:
    """Return an invitation with what it is to."""
    view = tx.of(Views).get(invitation.conversation_id, me.application)
    sender = view.own if view else None
    address = invitation.details.sender
    if address is not None:
        sender = tx.of(Participants).get(invitation.conversation_id, address)
    seen = Seen(participant=sender, view=view) if view and sender else None
    return Invited(invitation=invitation, view=view, sender=seen)


def find_invited(tx: Transaction, me: Me, invitation_id: str, kind: str) -> Invited | None:
    """Find an invitation of the application by its id and its rel."""
    found = find_any(tx, me, invitation_id)
    return found if found and found.invitation.kind == kind else None


def find_any(tx: Transaction, me: Me, invitation_id: str) -> Invited | None:
    """Find an invitation of the application by its id, whatever it is to."""
    found = tx.of(Invitations).get(invitation_id.lower(), me.application)
    return invited(tx, me, found) if found else None


def is_pending(me: Me, found: Invited) -> bool:
    """Until it has been answered."""
    return found.invitation.is_pending


def is_outgoing(me: Me, found: Invited) -> bool:
    """For who has sent it."""
    return not found.is_incoming


def is_incoming(me: Me, found: Invited) -> bool:
    """For who has been invited."""
    return found.is_incoming


def invited_person(tx: Transaction, me: Me, found: Invited) -> Invited | None:
    """Whoever is invited, if it is somebody by name."""
    return found if found.invited_uri else None


def outgoing_from(tx: Transaction, me: Me, found: Invited) -> Seen | None:
    """The viewer, if it is hers."""
    return None if found.is_incoming else found.sender


def incoming_from(tx: Transaction, me: Me, found: Invited) -> Seen | None:
    """The participant who invites, if it is somebody else."""
    return found.sender if found.is_incoming else None


def may_answer(me: Me, found: Invited) -> bool:
    """For who is invited, until it is answered."""
    return is_incoming(me, found) and is_pending(me, found)


def may_cancel(me: Me, found: Invited) -> bool:
    """For who invites or joins, until it is answered."""
    return is_outgoing(me, found) and is_pending(me, found)


def tell_as_operation(resource: Resource[Invited]) -> None:
    """Declare the events of an operation, which carry the invitation (OperationResource.md)."""
    resource.sends(
        EventType.STARTED,
        EventType.UPDATED,
        EventType.COMPLETED,
        sender="communication",
        embedded=True,
    )
