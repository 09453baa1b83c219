"""startMessaging: calls somebody to talk by messages; addMessaging: adds them to a conversation.

Both have one address, as deployed clients use it. Source: startMessaging_ref.md,
addMessaging_ref.md.
"""

from collections.abc import Mapping

from openucwa.domain.conversations import View
from openucwa.resources.communication.calling import Input, invite
from openucwa.resources.communication.invited import Invited, invited
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import (
    Conflict,
    ThreadIdAlreadyExists,
    TooManyConversations,
)
from openucwa.wire.given import Given


def of_conversation(found: object) -> Mapping[str, str]:
    """The conversation to which something is added."""
    return {"conversation": found.conversation_id} if isinstance(found, View) else {}


messaging_invitations = Resource[object](
    rel="startMessaging",
    path="applications/{application_id}/communication/messagingInvitations",
    synonyms={"addMessaging": {}},
    query=of_conversation,
    audience=Audience.EVERYBODY,
    readable=False,
)
messaging_invitations.find(lambda tx, me: me)


@messaging_invitations.post(
    Input,
    answers="messagingInvitation",
    errors=(Conflict, ThreadIdAlreadyExists, TooManyConversations),
)
def create(tx: Transaction, me: Me, _: object, given: Given[Input]) -> Invited:
    """Call somebody, or take messages in a conversation. Events tell what becomes of it.

    Raises Conflict, ThreadIdAlreadyExists and TooManyConversations.
    """
    return invited(tx, me, invite(tx, me, given))
