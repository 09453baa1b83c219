"""typingParticipants: the people in a conversation who type a message just now.

Source: typingParticipants_ref.md.
"""

from openucwa.domain.conversations import Seen, View
from openucwa.resources.communication.views import PATH, find_view
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.participants import Participants
from openucwa.store.tables.typists import Typists
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import CallState

typing_participants = Resource[View](
    rel="typingParticipants",
    path=f"{PATH}/messaging/typingParticipants",
    audience=Audience.EVERYBODY,
)


@typing_participants.find
def find(tx: Transaction, me: Me, conversation_id: str) -> View | None:
    """The conversation, for who takes messages in it."""
    view = find_view(tx, me, conversation_id)
    return view if view and view.messaging is CallState.CONNECTED else None


def those_who_type(tx: Transaction, me: Me, view: View) -> list[Seen]:
    """The people who type, but for the viewer herself."""
    found = [
        tx.of(Participants).get(view.conversation_id, address)
        for address in tx.of(Typists).of(view.conversation_id)
        if address != view.own.address
    ]
    return [Seen(participant=one, view=view) for one in found if one]


typing_participants.link("participant", those_who_type)
