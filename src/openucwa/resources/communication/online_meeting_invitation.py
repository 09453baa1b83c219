"""onlineMeetingInvitation: the operation of joining a meeting, until one is in it or is not let in.

Source: onlineMeetingInvitation_ref.md, cancel_ref.md, OperationResource.md.
"""

import msgspec

from openucwa.domain.conversations import CANCELLED, Seen
from openucwa.resources.communication.invited import (
    Invited,
    find_invited,
    is_outgoing,
    is_pending,
)
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversations import Conversations
from openucwa.store.tables.rosters import Rosters
from openucwa.store.tables.views import Views
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.enums import (
    ConversationModalityType,
    Direction,
    Importance,
    InvitationState,
)
from openucwa.wire.errors import Conflict


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order of the page."""

    anonymous_display_name: str | None
    """The name that a guest has given."""
    available_modalities: list[ConversationModalityType]
    """The modalities that the meeting offers, once one is in it."""
    direction: Direction
    importance: Importance
    online_meeting_uri: str
    """The SIP URI of the meeting."""
    operation_id: str | None
    """The name by which the client knows the operation, if it gave one."""
    state: InvitationState
    subject: str
    """The subject of the meeting."""
    thread_id: str
    """The thread of the conversation."""


def properties(me: Me, found: Invited) -> Properties:
    invitation, details = found.invitation, found.invitation.details
    is_in = invitation.state is InvitationState.CONNECTED or found.is_incoming
    return Properties(
        anonymous_display_name=details.anonymous_display_name,
        available_modalities=[ConversationModalityType.MESSAGING] if is_in else [],
        direction=invitation.direction,
        importance=details.importance,
        online_meeting_uri=details.online_meeting_uri or "",
        operation_id=invitation.operation_id or None,
        state=invitation.state,
        subject=details.subject,
        thread_id=details.thread_id,
    )


KIND = "onlineMeetingInvitation"
online_meeting_invitation = Resource[Invited](
    rel=KIND,
    path="applications/{application_id}/communication/onlineMeetingInvitations/{invitation_id}",
    properties=properties,
    kinds={KIND: KIND},
    audience=Audience.EVERYBODY,
)
online_meeting_invitation.sends(
    EventType.STARTED,
    EventType.UPDATED,
    EventType.COMPLETED,
    sender="communication",
    embedded=True,
)


@online_meeting_invitation.find
def find(tx: Transaction, me: Me, invitation_id: str) -> Invited | None:
    """An invitation of the application, until some minutes after it was answered."""
    return find_invited(tx, me, invitation_id, KIND)


def outgoing_from(tx: Transaction, me: Me, found: Invited) -> Seen | None:
    """The viewer, if it is hers."""
    return None if found.is_incoming else found.sender


def incoming_from(tx: Transaction, me: Me, found: Invited) -> Seen | None:
    """The participant who invites, if it is somebody else."""
    return found.sender if found.is_incoming else None


online_meeting_invitation.link("conversation", lambda tx, me, found: found)
online_meeting_invitation.link("from", outgoing_from)
online_meeting_invitation.embed("from", incoming_from)


def is_being_cancelled(me: Me, found: Invited) -> bool:
    return found.invitation.state is InvitationState.CANCELLED


@online_meeting_invitation.capability(
    "cancel", when=is_pending, role=is_outgoing, done=is_being_cancelled
)
def cancel(tx: Transaction, me: Me, found: Invited) -> None:
    """Join it no more."""
    assert found.view is not None
    tx.of(Conversations).turn(found.view.conversation)
    view = tx.of(Views).get(found.conversation_id, me.application)
    if view is None or not view.is_live or view.is_inside:
        raise Conflict("You are in the meeting already. Leave the conversation instead.")
    tx.of(Rosters).leave(view, CANCELLED)
