"""missedItems: how many conversations the user has missed, and has logs of.

Source: missedItems_ref.md.
"""

import msgspec

from openucwa.domain.conversation_logs import Counts
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversation_logs import ConversationLogs
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.enums import GenericPolicy


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order of the page."""

    conversation_logs_count: int
    """The number of conversation logs."""
    conversation_logs_notifications: GenericPolicy = GenericPolicy.ENABLED
    """Enabled: events tell that these have changed."""
    missed_conversations_count: int
    """The number of logs of missed conversations."""
    unread_missed_conversations_count: int
    """The number of those that are not marked as read."""
    unread_voicemails_count: int = 0
    """None: this server has no voice mail."""
    voice_mails_count: int = 0
    """The same."""


def properties(me: Me, found: Counts) -> Properties:
    return Properties(
        conversation_logs_count=found.logs,
        missed_conversations_count=found.missed,
        unread_missed_conversations_count=found.unread,
    )


missed_items = Resource[Counts](
    rel="missedItems",
    path="applications/{application_id}/communication/missedItems",
    properties=properties,
    kinds={"missedItems": "missed items"},
)
missed_items.sends(EventType.UPDATED, sender="communication", embedded=True)


@missed_items.find
def find(tx: Transaction, me: Me) -> Counts:
    """The counts of the user."""
    return tx.of(ConversationLogs).counts(me.user.id)
