"""messagingInvitation: a call to talk by messages, until it is answered.

Source: messagingInvitation_ref.md, SendAnIM.md, ReceiveAnIM.md.
"""

import msgspec

from openucwa.domain.conversations import MESSAGING_INVITATION, Seen
from openucwa.resources.communication.invited import (
    Invited,
    find_invited,
    incoming_from,
    invited_person,
    is_incoming,
    may_answer,
    may_cancel,
    outgoing_from,
    tell_as_operation,
)
from openucwa.resources.communication.messaging import messaging
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.participants import Participants
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import Direction, Importance, InvitationState
from openucwa.wire.representation import Link


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order of the page."""

    direction: Direction
    importance: Importance
    operation_id: str | None
    """The name by which the client knows the operation, if it gave one."""
    state: InvitationState
    subject: str
    """The subject of the talk."""
    thread_id: str
    """The thread of the conversation."""


def properties(me: Me, found: Invited) -> Properties:
    invitation, details = found.invitation, found.invitation.details
    return Properties(
        direction=invitation.direction,
        importance=details.importance,
        operation_id=invitation.operation_id or None,
        state=invitation.state,
        subject=details.subject,
        thread_id=details.thread_id,
    )


messaging_invitation = Resource[Invited](
    rel=MESSAGING_INVITATION,
    path="applications/{application_id}/communication/messagingInvitations/{invitation_id}",
    properties=properties,
    kinds={MESSAGING_INVITATION: MESSAGING_INVITATION},
    audience=Audience.EVERYBODY,
)
tell_as_operation(messaging_invitation)


@messaging_invitation.find
def find(tx: Transaction, me: Me, invitation_id: str) -> Invited | None:
    """An invitation of the application, until some minutes after it was answered."""
    return find_invited(tx, me, invitation_id, MESSAGING_INVITATION)


def accepted_by(tx: Transaction, me: Me, found: Invited) -> list[Seen]:
    """The participant who has accepted it, for who has called."""
    is_accepted = found.invitation.state is InvitationState.CONNECTED
    if found.is_incoming or not is_accepted or found.view is None or not found.invited_uri:
        return []
    return [
        Seen(participant=one, view=found.view)
        for one in tx.of(Participants).everybody(found.conversation_id)
        if one.address == found.address
    ]


def accept_link(tx: Transaction, me: Me, found: Invited) -> Link:
    return Link(f"{messaging_invitation.template.fill(me, found)}/accept")


def decline_link(tx: Transaction, me: Me, found: Invited) -> Link:
    return Link(f"{messaging_invitation.template.fill(me, found)}/decline")


def cancel_link(tx: Transaction, me: Me, found: Invited) -> Link:
    return Link(f"{messaging.template.fill(me, found)}/terminate")


def message_link(tx: Transaction, me: Me, found: Invited) -> Link | None:
    """The first message, as a data URI."""
    uri = found.invitation.details.message
    return Link(uri) if uri else None


messaging_invitation.link("conversation", lambda tx, me, found: found)
messaging_invitation.link("messaging", lambda tx, me, found: found)
messaging_invitation.link("from", outgoing_from)
messaging_invitation.link("to", invited_person)
messaging_invitation.link("message", message_link, when=is_incoming)
messaging_invitation.link("accept", accept_link, when=may_answer)
messaging_invitation.link("decline", decline_link, when=may_answer)
messaging_invitation.link("cancel", cancel_link, when=may_cancel)
messaging_invitation.embed("from", incoming_from)
messaging_invitation.embed("acceptedByParticipant", accepted_by)
