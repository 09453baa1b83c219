"""participantMessaging: it is there while a participant takes messages.

Source: participantMessaging_ref.md.
"""

from collections.abc import Sequence

import msgspec

from openucwa.domain.conversations import Seen
from openucwa.domain.facts import Fact
from openucwa.domain.people import address_of
from openucwa.resources.communication.participant import find as find_participant
from openucwa.resources.communication.participant import participant
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.views import OWN
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType

participant_messaging = Resource[Seen](
    rel="participantMessaging",
    path=f"{participant.path}/messaging",
    kinds={"participantMessaging": "participant messaging"},
    audience=Audience.EVERYBODY,
)
participant_messaging.sends(
    EventType.ADDED,
    EventType.UPDATED,
    EventType.DELETED,
    sender="conversation",
    within="participant",
)
participant_messaging.sends(
    EventType.ADDED,
    EventType.UPDATED,
    sender="conversation",
    within="localParticipant",
    collection=OWN,
    embedded=True,
)
participant_messaging.sends(
    EventType.DELETED, sender="conversation", within="localParticipant", collection=OWN
)


@participant_messaging.find
def find(tx: Transaction, me: Me, conversation_id: str, address: str) -> Seen | None:
    """A participant who takes messages, for those who see her."""
    found = find_participant(tx, me, conversation_id, address)
    return found if found and found.participant.in_messaging else None


participant_messaging.link("participant")


@participant_messaging.expands("messaging participant")
def somebody(tx: Transaction, me: Me, fact: Fact) -> Sequence[Fact]:
    """Somebody who takes messages: the viewer herself, or another one."""
    is_own = fact.keys["address"] == address_of(me.user)
    collection = OWN if is_own else ""
    return [msgspec.structs.replace(fact, kind="participant messaging", collection=collection)]
