"""addParticipant: invites somebody to a conversation.

Source: addParticipant_ref.md.
"""

from openucwa.resources.communication.adding import Input, add
from openucwa.resources.communication.invited import Invited, invited
from openucwa.resources.communication.messaging_invitations import of_conversation
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import AlreadyExists, Conflict, TooManyConversations
from openucwa.wire.given import Given

participant_invitations = Resource[object](
    rel="addParticipant",
    path="applications/{application_id}/communication/participantInvitations",
    query=of_conversation,
    readable=False,
)
participant_invitations.find(lambda tx, me: me)


@participant_invitations.post(
    Input,
    answers="participantInvitation",
    errors=(AlreadyExists, Conflict, TooManyConversations),
)
def create(tx: Transaction, me: Me, _: object, given: Given[Input]) -> Invited:
    """Invite somebody, also to a talk of two, which is a meeting from then on.

    Events tell what becomes of it. Raises AlreadyExists, Conflict and TooManyConversations.
    """
    return invited(tx, me, add(tx, me, given))
