"""onlineMeetingInvitation: the operation of joining a meeting, until one is in it or is not let in.

Source: onlineMeetingInvitation_ref.md, cancel_ref.md, OperationResource.md.
"""

from collections.abc import Callable

import msgspec

from openucwa.resources.communication.invited import (
    Invited,
    find_invited,
    incoming_from,
    invited_person,
    may_answer,
    may_cancel,
    outgoing_from,
    tell_as_operation,
)
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import (
    ConversationModalityType,
    Direction,
    Importance,
    InvitationState,
)
from openucwa.wire.representation import Link


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
tell_as_operation(online_meeting_invitation)


@online_meeting_invitation.find
def find(tx: Transaction, me: Me, invitation_id: str) -> Invited | None:
    """An invitation of the application, until some minutes after it was answered."""
    return find_invited(tx, me, invitation_id, KIND)


online_meeting_invitation.link("conversation", lambda tx, me, found: found)
online_meeting_invitation.link("from", outgoing_from)
online_meeting_invitation.embed("from", incoming_from)


def answer_link(rel: str) -> Callable[[Transaction, Me, Invited], Link]:
    def link(tx: Transaction, me: Me, found: Invited) -> Link:
        return Link(f"{online_meeting_invitation.template.fill(me, found)}/{rel}")

    return link


online_meeting_invitation.link("to", invited_person)
for rel in ("accept", "decline"):
    online_meeting_invitation.link(rel, answer_link(rel), when=may_answer)
online_meeting_invitation.link("cancel", answer_link("cancel"), when=may_cancel)
