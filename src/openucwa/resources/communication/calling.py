"""Calling: an invitation to a talk of two, which rings at the applications of whoever is called.

Source: startMessaging_ref.md, addMessaging_ref.md, makeMeAvailable_ref.md.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from openucwa.domain import messages
from openucwa.domain.admission import Place
from openucwa.domain.applications import Application
from openucwa.domain.conversations import (
    BUSY,
    MESSAGING_INVITATION,
    NOBODY_THERE,
    RINGING,
    UNREACHABLE,
    Conversation,
    Invitation,
    new_conversation_id,
    new_thread_id,
)
from openucwa.domain.messages import Content
from openucwa.domain.people import User, address_of
from openucwa.resources.communication.inviting import outgoing, ringing
from openucwa.resources.communication.joining import Operation, Text
from openucwa.resources.communication.limits import check_entries, check_room
from openucwa.resources.communication.messaging import can_be_added
from openucwa.resources.communication.views import current, find_view
from openucwa.resources.viewer import Me
from openucwa.store.tables.communications import Communications
from openucwa.store.tables.conversations import Conversations
from openucwa.store.tables.invitations import Invitations
from openucwa.store.tables.messages import Messages
from openucwa.store.tables.messaging import Messaging
from openucwa.store.tables.presences import Presences
from openucwa.store.tables.talks import Talks
from openucwa.store.tables.users import Users
from openucwa.store.tables.views import Views
from openucwa.store.transaction import Transaction
from openucwa.wire import sip
from openucwa.wire.channel import EventType, Reason
from openucwa.wire.enums import (
    Importance,
    InvitationState,
    MessageFormat,
    ModalityType,
    PreferredAvailability,
)
from openucwa.wire.errors import (
    Conflict,
    Forbidden,
    NotFound,
    ParameterValidationFailure,
    ThreadIdAlreadyExists,
)
from openucwa.wire.given import Given

_LONGEST_URI = 512


class Input(msgspec.Struct, kw_only=True, rename="camel"):
    to: Annotated[str, msgspec.Meta(max_length=_LONGEST_URI)] = ""
    """The SIP address of whoever is called."""
    conversation: Annotated[str, msgspec.Meta(max_length=100)] = ""
    """In the query: the id of the conversation to which messaging is added, for which it is there
    in the link `addMessaging`."""
    importance: Importance = Importance.NORMAL
    message: Annotated[str, msgspec.Meta(max_length=100_000)] = ""
    """The first message, as text or as a data URI. A link `message` may have it, too."""
    operation_id: Operation = ""
    """A name by which the client knows the operation."""
    subject: Text = ""
    thread_id: Text = ""
    """The thread that the talk continues."""


def invite(tx: Transaction, me: Me, given: Given[Input]) -> Invitation:
    """Call somebody, or take messages in a conversation. Events tell what becomes of it.

    Raises ParameterValidationFailure, BadRequest, Forbidden, NotFound, and Conflict.
    """
    wanted = given.over(Input())
    uri = wanted.message or _linked(given.members, "message")
    content = messages.read_uri(uri) if uri else None
    invitation = (
        _add(tx, me, wanted, content) if wanted.conversation else _start(tx, me, wanted, content)
    )
    found = tx.of(Invitations).get(invitation.invitation_id, me.application)
    assert found is not None
    return found


def target(me: Me, to: str) -> str:
    """Return the SIP address of somebody else. Raises ParameterValidationFailure."""
    try:
        uri = sip.normalise("".join(to.split()))
    except ValueError:
        what = "must be a SIP address such as sip:dana@contoso.com" if to else "is missing"
        raise ParameterValidationFailure({"to": what}) from None
    if uri == sip.normalise(me.user.uri):
        raise ParameterValidationFailure({"to": "is your own address"})
    return uri


def formats_of(tx: Transaction, application: Application) -> tuple[MessageFormat, ...]:
    """Return the formats of messages that an application takes."""
    return tx.of(Communications).get(application).preferences.supported_message_formats


def reached(tx: Transaction, uri: str) -> tuple[User | None, list[Application], Reason | None]:
    """Return who has an address, where an invitation would ring, and why it would not."""
    callee = tx.of(Users).by_uri(uri)
    if callee is None or callee.disabled:
        return None, [], NOBODY_THERE
    applications = tx.of(Communications).available(callee.id, ModalityType.MESSAGING)
    if not applications:
        return callee, [], UNREACHABLE
    if tx.of(Presences).get(callee.id).chosen is PreferredAvailability.DO_NOT_DISTURB:
        return callee, [], BUSY
    return callee, applications, None


def _linked(members: Mapping[str, Any], rel: str) -> str:
    """Return the address of a link in a request's body; empty where there is none."""
    links = members.get("_links")
    link = links.get(rel) if isinstance(links, Mapping) else None
    href = link.get("href") if isinstance(link, Mapping) else None
    return href if isinstance(href, str) else ""


def _start(tx: Transaction, me: Me, wanted: Input, content: Content | None) -> Invitation:
    """Call somebody. Raises Forbidden for a guest, and if the thread is in use."""
    if me.is_guest:
        raise Forbidden("A guest can't call people. Send messages in the meeting.")
    to = target(me, wanted.to)
    check_entries(tx, me)
    for view in check_room(tx, me):
        if wanted.thread_id and view.conversation.thread_id == wanted.thread_id:
            raise ThreadIdAlreadyExists(
                "You are in a conversation of this thread. Continue there, or use another thread."
            )
    conversation = Conversation(
        conversation_id=new_conversation_id(),
        subject=wanted.subject,
        importance=wanted.importance,
        thread_id=wanted.thread_id or new_thread_id(),
        created_at=tx.now,
    )
    tx.of(Conversations).add(conversation)
    call = _invitation(tx, me, conversation, wanted, to, content)
    view = tx.of(Talks).call(conversation, me.user, call)
    callee, applications, reason = reached(tx, to)
    if callee is None or reason is not None:
        tx.of(Talks).fail(view, reason or NOBODY_THERE)
        return call
    person = tx.of(Talks).person(conversation, callee, Place.OUTSIDE)
    tx.of(Talks).ring(view, person, ringing(call, callee, applications))
    return call


def _add(tx: Transaction, me: Me, wanted: Input, content: Content | None) -> Invitation:
    """Take messages in a conversation that the application is in. Raises NotFound and Conflict."""
    found = find_view(tx, me, wanted.conversation)
    if found is None:
        raise NotFound("There is no such conversation.")
    view = current(tx, me, found)
    if not can_be_added(me, view):
        raise Conflict(
            "The conversation does not offer addMessaging in its current state. Fetch messaging "
            "for the links that it has now."
        )
    invitation = _invitation(tx, me, view.conversation, wanted, None, content)
    tx.of(Invitations).add(msgspec.structs.replace(invitation, due_at=None))
    first = tx.of(Messages).first_recent(view.conversation_id)
    view = tx.of(Messaging).connect(view, formats_of(tx, me.application), heard_from=first)
    tx.of(Views).tell_of(view, EventType.UPDATED, "messaging")
    tx.of(Views).tell(view, EventType.UPDATED)
    tx.of(Invitations).complete(invitation, InvitationState.CONNECTED)
    tx.of(Messaging).tell_recent(view, first)
    if content:
        tx.of(Messaging).send(view, content)
    return invitation


def _invitation(
    tx: Transaction,
    me: Me,
    conversation: Conversation,
    wanted: Input,
    to: str | None,
    content: Content | None,
) -> Invitation:
    return outgoing(
        me,
        MESSAGING_INVITATION,
        conversation,
        wanted.operation_id,
        due_at=tx.now + RINGING,
        to=to,
        sender=address_of(me.user),
        message=(content.html_uri or content.uri) if content else None,
    )
