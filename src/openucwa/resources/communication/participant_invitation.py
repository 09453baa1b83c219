"""participantInvitation: an invitation of somebody to a conversation, until it is answered.

Source: participantInvitation_ref.md.
"""

from openucwa.domain.conversations import PARTICIPANT_INVITATION
from openucwa.resources.communication.invited import (
    Invited,
    find_invited,
    is_pending,
    outgoing_from,
    tell_as_operation,
)
from openucwa.resources.communication.messaging_invitation import (
    accepted_by,
    properties,
)
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.representation import Link

participant_invitation = Resource[Invited](
    rel=PARTICIPANT_INVITATION,
    path="applications/{application_id}/communication/participantInvitations/{invitation_id}",
    properties=properties,
    kinds={PARTICIPANT_INVITATION: PARTICIPANT_INVITATION},
)
tell_as_operation(participant_invitation)


@participant_invitation.find
def find(tx: Transaction, me: Me, invitation_id: str) -> Invited | None:
    """An invitation that the application has sent, until some minutes after it was answered."""
    return find_invited(tx, me, invitation_id, PARTICIPANT_INVITATION)


def cancel_link(tx: Transaction, me: Me, found: Invited) -> Link:
    return Link(f"{participant_invitation.template.fill(me, found)}/cancel")


def accepted(tx: Transaction, me: Me, found: Invited) -> object:
    """The participant who has accepted it."""
    return next(iter(accepted_by(tx, me, found)), None)


participant_invitation.link("conversation", lambda tx, me, found: found)
participant_invitation.link("from", outgoing_from)
participant_invitation.link("to", lambda tx, me, found: found)
participant_invitation.link("participant", accepted)
participant_invitation.link("cancel", cancel_link, when=is_pending)
participant_invitation.embed("acceptedByParticipant", accepted_by)
