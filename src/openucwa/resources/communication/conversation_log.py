"""conversationLog, conversationLogRecipient, markAsRead: a conversation that has ended.

Source: conversationLog_ref.md, conversationLogRecipient_ref.md, markAsRead_ref.md.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from openucwa.domain.conversation_logs import ConversationLog, Recipient, parsed_id
from openucwa.domain.people import User, address_of
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversation_logs import ConversationLogs
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire import conference
from openucwa.wire.enums import (
    ConversationLogStatus,
    ConversationLogType,
    Direction,
    Importance,
    ModalityType,
)

PATH = "applications/{application_id}/communication/conversationLogs/{log_id}"


class Shown(msgspec.Struct, kw_only=True, frozen=True):
    """A log, with what it says first, and the organizer of its meeting while she is known."""

    log: ConversationLog
    preview: str
    organizer: User | None

    @property
    def log_id(self) -> str:
        return self.log.log_id


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order of the page."""

    creation_time: datetime
    """The time at which the conversation ended for the user."""
    direction: Direction
    """Outgoing if the user has started the conversation."""
    importance: Importance
    modalities: Sequence[ModalityType]
    """The modalities: instant messaging alone, on this server."""
    online_meeting_uri: str | None
    """The SIP URI of the meeting, if it was one and its organizer is still there."""
    preview_message: str
    """The beginning of the first message."""
    status: ConversationLogStatus
    subject: str
    """The subject."""
    thread_id: str
    """The thread, by which the conversation can be continued."""
    total_recipients_count: int
    """The number of the others who took part; some of them are embedded."""
    type: ConversationLogType


def properties(me: Me, found: Shown) -> Properties:
    log = found.log
    uri = None
    if found.organizer and log.online_meeting_id:
        uri = conference.uri_of(found.organizer.uri, log.online_meeting_id)
    return Properties(
        creation_time=log.ended_at,
        direction=log.direction,
        importance=log.importance,
        modalities=[ModalityType.MESSAGING],
        online_meeting_uri=uri,
        preview_message=found.preview,
        status=log.status,
        subject=log.subject,
        thread_id=log.thread_id,
        total_recipients_count=log.recipients_count,
        type=log.type,
    )


conversation_log = Resource[Shown](rel="conversationLog", path=PATH, properties=properties)


def find_log(tx: Transaction, me: Me, log_id: str) -> ConversationLog | None:
    """Find a log of the user's. This is the one check of whose it is."""
    parsed = parsed_id(log_id)
    return tx.of(ConversationLogs).get(me.user.id, *parsed) if parsed else None


@conversation_log.find
def find(tx: Transaction, me: Me, log_id: str) -> Shown | None:
    """A log of the user's."""
    log = find_log(tx, me, log_id)
    if log is None:
        return None
    organizer = tx.of(Users).get(log.organizer_id) if log.organizer_id is not None else None
    preview = tx.of(ConversationLogs).preview(log, address_of(me.user))
    return Shown(log=log, preview=preview, organizer=organizer)


def is_kept(me: Me, found: Shown) -> bool:
    """There unless the conversation was missed."""
    return not found.log.is_missed


def is_unread(me: Me, found: Shown) -> bool:
    """While a missed conversation is not marked as read."""
    return found.log.is_unread


def is_read(me: Me, found: Shown) -> bool:
    return not found.log.is_unread


conversation_log.link("conversationLogTranscripts", when=is_kept)


@conversation_log.capability("markAsRead", when=is_unread, done=is_read)
def mark_as_read(tx: Transaction, me: Me, found: Shown) -> None:
    """Mark it as read."""
    tx.of(ConversationLogs).read(found.log)


@conversation_log.delete()
def remove(tx: Transaction, me: Me, found: Shown) -> None:
    """Remove the log. Others who took part keep theirs."""
    tx.of(ConversationLogs).remove(found.log)


class LoggedRecipient(msgspec.Struct, kw_only=True, frozen=True):
    """Somebody in a log."""

    log_id: str
    recipient: Recipient

    @property
    def address(self) -> str:
        return self.recipient.address


class RecipientProperties(msgspec.Struct, kw_only=True, rename="camel"):
    display_name: str
    """The name to show."""
    sip_uri: str
    """The SIP address."""


def recipient_properties(me: Me, found: LoggedRecipient) -> RecipientProperties:
    return RecipientProperties(display_name=found.recipient.name, sip_uri=found.recipient.uri)


conversation_log_recipient = Resource[LoggedRecipient](
    rel="conversationLogRecipient",
    path=f"{PATH}/recipients/{{address}}",
    properties=recipient_properties,
)
conversation_log_recipient.link("contact", lambda tx, me, found: found)


@conversation_log_recipient.find
def find_recipient(tx: Transaction, me: Me, log_id: str, address: str) -> LoggedRecipient | None:
    """Somebody in a log of the user's."""
    log = find_log(tx, me, log_id)
    wanted = address.lower()
    for one in log.recipients if log else ():
        if one.address == wanted:
            return LoggedRecipient(log_id=log_id, recipient=one)
    return None


def recipients(tx: Transaction, me: Me, found: Shown) -> list[LoggedRecipient]:
    """Return the others who took part, of fifty at most."""
    return [LoggedRecipient(log_id=found.log_id, recipient=one) for one in found.log.recipients]


conversation_log.embed("conversationLogRecipient", recipients)
