"""conversation: a talk of two, or a meeting, as the application sees it.

Source: conversation_ref.md.
"""

from datetime import datetime

import msgspec

from openucwa.domain.conversations import View
from openucwa.resources.communication.views import (
    PATH,
    find_view,
    is_in_meeting,
    is_inside,
    leads,
)
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversations import Conversations
from openucwa.store.tables.rosters import Rosters
from openucwa.store.tables.views import Views
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import LIFE
from openucwa.wire.enums import (
    AudienceMessaging,
    ConversationModalityType,
    ConversationState,
    Importance,
)


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order of the page."""

    active_modalities: list[ConversationModalityType]
    """The modalities in use."""
    audience_messaging: AudienceMessaging | None
    """In a meeting, whether attendees may send messages."""
    created: datetime
    """The time at which it began."""
    importance: Importance
    participant_count: int | None
    """The number of people who take part, while the viewer is one of them."""
    recording: bool
    """Always false: nothing is recorded."""
    state: ConversationState
    subject: str
    """The subject; that of the meeting, if it is one."""
    thread_id: str
    """The thread that it belongs to, the same for all who take part."""


def properties(me: Me, view: View) -> Properties:
    found = view.conversation
    return Properties(
        active_modalities=[],
        audience_messaging=found.audience_messaging if view.is_in_meeting else None,
        created=found.created_at,
        importance=found.importance,
        participant_count=view.count if view.is_inside else None,
        recording=False,
        state=view.state,
        subject=found.subject,
        thread_id=found.thread_id,
    )


conversation = Resource[View](
    rel="conversation",
    path=PATH,
    properties=properties,
    kinds={"conversation": "conversation"},
    audience=Audience.EVERYBODY,
)
for rel in ("audioVideo", "phoneAudio", "applicationSharing", "dataCollaboration"):
    conversation.link(rel)
conversation.link("localParticipant", lambda tx, me, view: view.local, when=is_inside)
conversation.link("participants", when=is_inside)
for rel in ("onlineMeeting", "leaders", "attendees"):
    conversation.link(rel, when=is_in_meeting)
conversation.link("lobby", when=leads)
conversation.sends(*LIFE, sender="communication", embedded=True)
conversation.find(find_view)


@conversation.delete()
def leave(tx: Transaction, me: Me, view: View) -> None:
    """Leave it; others may stay. Who has left already has left."""
    tx.of(Conversations).turn(view.conversation)
    found = tx.of(Views).get(view.conversation_id, me.application)
    if found is not None and found.is_live:
        tx.of(Rosters).leave(found)
