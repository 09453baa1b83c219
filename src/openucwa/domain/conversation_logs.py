"""Conversation logs: the conversations that a user has had, or has missed (conversationLog_ref.md).

A log is one user's. The messages of a conversation are kept once for all who have a log of it, and
each sees those that she has heard.
"""

from datetime import datetime

import msgspec

from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.enums import ConversationLogStatus, ConversationLogType, Direction, Importance

MOST_RECIPIENTS = 50
"""The people whom a log names. It tells how many there were."""
LONGEST_PREVIEW = 100
"""Characters."""
PAGE = 100
"""The transcripts that are shown together."""
MOST_LOGS = 1000
"""The logs of a user. Beyond that, the oldest are removed."""


class Recipient(msgspec.Struct, kw_only=True, frozen=True):
    """Somebody else who took part."""

    address: str
    uri: str
    name: str


class ConversationLog(msgspec.Struct, kw_only=True, frozen=True):
    """A conversation that has ended for a user, as she took part in it, or missed it.

    `heard_from` and `heard_to` are the numbers of the messages that she may see.
    """

    user_id: int
    conversation_id: str
    ended_at: datetime
    status: ConversationLogStatus
    direction: Direction
    importance: Importance = Importance.NORMAL
    subject: str = ""
    thread_id: str
    recipients: tuple[Recipient, ...] = ()
    recipients_count: int = 0
    organizer_id: int | None = None
    online_meeting_id: str | None = None
    heard_from: int | None = None
    heard_to: int | None = None
    is_unread: bool = False

    @property
    def log_id(self) -> str:
        """The id: somebody who comes back to a conversation has another log of it."""
        return f"{milliseconds(self.ended_at)}-{self.conversation_id}"

    @property
    def type(self) -> ConversationLogType:
        if self.online_meeting_id is None:
            return ConversationLogType.MESSAGE_LOG
        return ConversationLogType.CONFERENCE_LOG

    @property
    def is_missed(self) -> bool:
        return self.status is ConversationLogStatus.MISSED


class Counts(msgspec.Struct, kw_only=True, frozen=True):
    """The numbers of logs of a user: of all, of missed conversations, and of unread ones."""

    logs: int
    missed: int
    unread: int


class Transcript(msgspec.Struct, kw_only=True, frozen=True):
    """A message of a conversation that has ended, in a log."""

    log: ConversationLog
    number: int
    address: str
    user_id: int
    sent_at: datetime
    plain: str
    html: str | None = None

    @property
    def log_id(self) -> str:
        return self.log.log_id

    @property
    def is_own(self) -> bool:
        """True for a message of the user whose log it is."""
        return self.user_id == self.log.user_id


def parsed_id(log_id: str) -> tuple[datetime, str] | None:
    """Return when a conversation ended, and its id; None for what is no id."""
    count, dash, conversation_id = log_id.partition("-")
    if not dash or not (count.isascii() and count.isdigit() and len(count) <= 14):
        return None
    return from_milliseconds(int(count)), conversation_id.lower()
