"""conversation, enableAudienceMessaging, disableAudienceMessaging: a talk of two, or a meeting.

Source: conversation_ref.md.
"""

from datetime import datetime

import msgspec

from openucwa.domain.conversations import View
from openucwa.resources.communication.views import (
    PATH,
    current,
    find_view,
    is_in_meeting,
    is_inside,
    leads,
)
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversations import Conversations
from openucwa.store.tables.rosters import Rosters
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import LIFE
from openucwa.wire.enums import (
    AudienceMessaging,
    CallState,
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


def uses_messages(view: View) -> bool:
    """Return True while the application takes messages, or is invited to that."""
    is_called = view.state is ConversationState.INCOMING and not view.conversation.is_meeting
    return is_called or view.messaging is CallState.CONNECTED


def properties(me: Me, view: View) -> Properties:
    found = view.conversation
    return Properties(
        active_modalities=[ConversationModalityType.MESSAGING] if uses_messages(view) else [],
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
conversation.link("messaging")
conversation.link("addParticipant", lambda tx, me, view: view, when=is_inside)
conversation.link("localParticipant", lambda tx, me, view: view.local, when=is_inside)
conversation.link("participants", when=is_inside)
for rel in ("onlineMeeting", "leaders", "attendees"):
    conversation.link(rel, when=is_in_meeting)
conversation.link("lobby", when=leads)
conversation.sends(*LIFE, sender="communication", embedded=True)
conversation.find(find_view)


def is_meeting_led(me: Me, view: View) -> bool:
    """For leaders of a meeting."""
    return view.leads


def speaks(me: Me, view: View) -> bool:
    """While attendees may send messages."""
    return view.is_in_meeting and is_speaking(me, view)


def is_speaking(me: Me, view: View) -> bool:
    return view.conversation.audience_messaging is not AudienceMessaging.DISABLED


def is_silent(me: Me, view: View) -> bool:
    """While attendees may not send messages."""
    return view.is_in_meeting and not is_speaking(me, view)


@conversation.capability(
    "disableAudienceMessaging", when=speaks, role=is_meeting_led, done=is_silent
)
def disable(tx: Transaction, me: Me, view: View) -> None:
    """Let leaders alone send messages."""
    _let_audience_speak(tx, me, view, AudienceMessaging.DISABLED)


@conversation.capability(
    "enableAudienceMessaging", when=is_silent, role=is_meeting_led, done=speaks
)
def enable(tx: Transaction, me: Me, view: View) -> None:
    """Let attendees send messages, too."""
    _let_audience_speak(tx, me, view, AudienceMessaging.ENABLED)


def _let_audience_speak(tx: Transaction, me: Me, view: View, wanted: AudienceMessaging) -> None:
    view = current(tx, me, view)
    if view.leads:
        changed = msgspec.structs.replace(view.conversation, audience_messaging=wanted)
        tx.of(Conversations).change(changed)
        tx.of(Conversations).tell_attendees(changed, "messaging")


@conversation.delete()
def leave(tx: Transaction, me: Me, view: View) -> None:
    """Leave it; others may stay. Who has left already has left."""
    view = current(tx, me, view)
    if view.is_live:
        tx.of(Rosters).leave(view)
