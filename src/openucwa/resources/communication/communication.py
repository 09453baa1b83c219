"""communication: the dashboard of conversations, and what an application can do in them.

Its links come with what they lead to. Source: communication_ref.md.
"""

from openucwa.domain.communication import Communication, Preferences
from openucwa.domain.facts import Priority
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.communications import Communications
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.given import Given


def properties(me: Me, found: Communication) -> Preferences:
    return found.preferences


communication = Resource[Communication](
    rel="communication",
    path="applications/{application_id}/communication",
    properties=properties,
    kinds={"communication": "communication"},
    play_back_first=True,
    play_back="4f2c6a0e-8d51-4b7c-9e13-2a7d5c90b6f4",
    audience=Audience.EVERYBODY,
)


def is_user(me: Me, found: Communication) -> bool:
    """There for users, who are no guests."""
    return not me.is_guest


for rel in ("conversations", "joinOnlineMeeting"):
    communication.link(rel, lambda tx, me, found: me)
for rel in ("conversationLogs", "missedItems", "startMessaging", "startOnlineMeeting"):
    communication.link(rel, lambda tx, me, found: me, when=is_user)
communication.sends(
    EventType.UPDATED, sender="communication", priority=Priority.MEDIUM, embedded=True
)


@communication.find
def find(tx: Transaction, me: Me) -> Communication:
    """Return the capabilities of the request's application."""
    return tx.of(Communications).get(me.application)


@communication.put(Preferences, status=204)
def update(
    tx: Transaction, me: Me, found: Communication, wanted: Given[Preferences]
) -> Communication:
    """Replace what the application can do; what is left out returns to its default."""
    return tx.of(Communications).replace(found, wanted.over(Preferences()))
