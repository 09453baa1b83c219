"""continueMessaging: calls the other one of a talk that has ended, to continue it.

Source: continueMessaging_ref.md.
"""

from typing import Annotated

import msgspec

from openucwa.resources.communication import calling
from openucwa.resources.communication.conversation_log import Shown, conversation_log
from openucwa.resources.communication.invited import Invited, invited
from openucwa.resources.communication.joining import Operation
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import BadRequest, ThreadIdAlreadyExists, TooManyConversations
from openucwa.wire.given import Given


class Input(msgspec.Struct, kw_only=True, rename="camel"):
    """The input of continueMessaging."""

    message: Annotated[str, msgspec.Meta(max_length=100_000)] = ""
    """The first message, as text or as a data URI. A link `message` may have it, too."""
    operation_id: Operation = ""
    """A name by which the client knows the operation."""


log = conversation_log
"""The resource with what is declared here."""


def is_of_two(me: Me, found: Shown) -> bool:
    """There if it was a talk of two."""
    return found.log.online_meeting_id is None and len(found.log.recipients) == 1


@conversation_log.capability(
    "continueMessaging",
    Input,
    when=is_of_two,
    answers="messagingInvitation",
    errors=(BadRequest, ThreadIdAlreadyExists, TooManyConversations),
)
def continue_messaging(tx: Transaction, me: Me, found: Shown, given: Given[Input]) -> Invited:
    """Call the other one again, in the same thread. Events tell what becomes of it.

    Raises BadRequest for a message that can't be read, ThreadIdAlreadyExists while the talk goes
    on, and TooManyConversations.
    """
    past = found.log
    (other,) = past.recipients
    values = {
        **given.values,
        "to": other.uri,
        "thread_id": past.thread_id,
        "subject": past.subject,
        "importance": past.importance,
    }
    wanted = Given(calling.Input, values, given.members)
    return invited(tx, me, calling.invite(tx, me, wanted))
