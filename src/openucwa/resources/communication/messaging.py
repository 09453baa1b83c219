"""messaging, sendMessage, setIsTyping, stopMessaging: instant messages in a conversation.

Each application of a participant takes part in them by itself, or not. Source:
messaging_ref.md, sendMessage_ref.md, setIsTyping_ref.md, stopMessaging_ref.md.
"""

from typing import Annotated

import msgspec

from openucwa.domain import messages
from openucwa.domain.conversations import View
from openucwa.domain.messages import Content, Heard
from openucwa.resources.communication.message import message as message_resource
from openucwa.resources.communication.views import PATH, current, find_view
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.verb import RawBody
from openucwa.resources.viewer import Me
from openucwa.store.tables.messages import Messages
from openucwa.store.tables.messaging import Messaging
from openucwa.store.tables.rosters import Rosters
from openucwa.store.tables.typists import Typists
from openucwa.store.tables.views import Views
from openucwa.store.transaction import Transaction
from openucwa.wire import message
from openucwa.wire.channel import EventType
from openucwa.wire.enums import AudienceMessaging, CallState, MessageFormat
from openucwa.wire.errors import (
    AttendeeNotAllowed,
    Conflict,
    Forbidden,
)
from openucwa.wire.given import Given

TEXT = RawBody(media_types=[*message.MEDIA_TYPES], longest=message.LONGEST, read=messages.read)


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order of the page."""

    negotiated_message_formats: list[MessageFormat] | None
    """The formats of the messages that the application gets, while it takes messages."""
    state: CallState
    """The state of instant messaging in this application."""


def properties(me: Me, view: View) -> Properties:
    return Properties(
        negotiated_message_formats=list(view.formats) or None,
        state=view.messaging,
    )


messaging = Resource[View](
    rel="messaging",
    path=f"{PATH}/messaging",
    properties=properties,
    kinds={"messaging": "messaging"},
    audience=Audience.EVERYBODY,
)
messaging.sends(EventType.UPDATED, sender="conversation", embedded=True)
messaging.find(find_view)
messaging.link("conversation")


def is_connected(me: Me, view: View) -> bool:
    """While the application takes messages."""
    return view.messaging is CallState.CONNECTED


def may_speak(me: Me, view: View) -> bool:
    """For leaders; for others unless a leader has disabled it."""
    is_enabled = view.conversation.audience_messaging is not AudienceMessaging.DISABLED
    return is_enabled or view.leads or not view.conversation.is_meeting


def may_not() -> Forbidden:
    return AttendeeNotAllowed("A leader has disabled messages of attendees in this meeting.")


def is_used(me: Me, view: View) -> bool:
    """While the application takes messages, or waits for that."""
    return view.messaging is not CallState.DISCONNECTED


def is_unused(me: Me, view: View) -> bool:
    return not is_used(me, view)


class Sending(msgspec.Struct, kw_only=True, rename="camel"):
    operation_id: Annotated[str, msgspec.Meta(max_length=50)] = ""
    """A name by which the client knows the operation."""


@messaging.capability(
    "sendMessage",
    Sending,
    raw=TEXT,
    at="messages",
    when=is_connected,
    role=may_speak,
    forbidden=may_not,
    answers="message",
    repeatable=True,
)
def send(tx: Transaction, me: Me, view: View, given: Given[Sending], content: Content) -> Heard:
    """Send a message to all who take messages in the conversation."""
    return sent(tx, me, view, given.over(Sending()).operation_id, content)


def sent(tx: Transaction, me: Me, view: View, operation_id: str, content: Content) -> Heard:
    """Send a message, and return it. Raises Conflict, AttendeeNotAllowed and TooManyRequests."""
    view = current(tx, me, view)
    if not is_connected(me, view):
        raise Conflict("You take no messages in this conversation any more. Fetch messaging.")
    if not may_speak(me, view):
        raise may_not()
    message = tx.of(Messaging).send(view, content, operation_id)
    found = tx.of(Messages).heard(
        view.conversation_id, message.number, me.application, view.own.address
    )
    assert found is not None
    return found


@message_resource.post(
    Sending, raw=TEXT, answers="message", errors=(AttendeeNotAllowed, Conflict), repeatable=True
)
def reply(tx: Transaction, me: Me, found: Heard, given: Given[Sending], content: Content) -> Heard:
    """Send a message to all, as sendMessage does.

    Raises AttendeeNotAllowed, and Conflict for who takes no messages any more.
    """
    view = tx.of(Views).get(found.conversation_id, me.application)
    assert view is not None  # or she could not see the message
    return sent(tx, me, view, given.over(Sending()).operation_id, content)


@messaging.capability(
    "setIsTyping", at="typing", when=is_connected, role=may_speak, forbidden=may_not
)
def show_typing(tx: Transaction, me: Me, view: View) -> None:
    """Let the others see for ten seconds that the user types."""
    view = current(tx, me, view)
    if is_connected(me, view):
        tx.of(Typists).start(view.own)


messaging.link("typingParticipants", when=is_connected)


@messaging.capability("stopMessaging", at="terminate", when=is_used, done=is_unused)
def stop(tx: Transaction, me: Me, view: View) -> None:
    """Take no messages any more. A talk of two is over then; a meeting goes on."""
    view = current(tx, me, view)
    if not view.conversation.is_meeting:
        if view.is_live:
            tx.of(Rosters).leave(view)
        return
    if is_used(me, view):
        tx.of(Messaging).disconnect(view)
        tx.of(Views).tell_of(view, EventType.UPDATED, "messaging")
        tx.of(Views).tell(view, EventType.UPDATED)


def can_be_added(me: Me, view: View) -> bool:
    """There while the viewer takes part, and the application takes no messages."""
    return view.is_inside and view.messaging is CallState.DISCONNECTED


messaging.link("addMessaging", lambda tx, me, view: view, when=can_be_added)
