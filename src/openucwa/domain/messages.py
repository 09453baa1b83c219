"""Messages of a conversation: their content, their readers, and the limits of their number.

Sources: message_ref.md, sendMessage_ref.md, setIsTyping_ref.md, SendAnIM.md.
"""

from datetime import datetime, timedelta

import msgspec

from openucwa.domain import html
from openucwa.wire import message
from openucwa.wire.enums import MessageFormat
from openucwa.wire.errors import BadRequest
from openucwa.wire.message import MessageBody

RECENT = timedelta(seconds=40)
"""Of the messages before, who comes late is told those of this time."""
MOST_RECENT = 50
TYPING = timedelta(seconds=10)
"""The time for which somebody is shown to type, after she has said so."""
TYPING_AGAIN = timedelta(seconds=5)
"""The time in which others are told only once that somebody types."""
REACHED_WITHIN = timedelta(seconds=30)
"""From the time at which a client should have asked for events, until it is not reached."""
FLOOD = timedelta(seconds=10)
"""The time in which messages are counted."""
MOST_OF_ONE = 300
"""The messages of one person to a conversation in that time."""
MOST_OF_ALL = 1500
"""The messages to a conversation in that time."""


class Content(msgspec.Struct, kw_only=True, frozen=True):
    """The content of a message: its text, and the sanitised HTML if its sender wrote HTML."""

    plain: str
    html: str | None = None

    @property
    def uri(self) -> str:
        """The text as a data URI."""
        return message.write_uri(MessageBody(MessageFormat.PLAIN, self.plain))

    @property
    def html_uri(self) -> str | None:
        """The HTML as a data URI."""
        if self.html is None:
            return None
        return message.write_uri(MessageBody(MessageFormat.HTML, self.html))


class Message(msgspec.Struct, kw_only=True, frozen=True):
    """A message as it was sent.

    `application_id` is where it comes from; `failed` are the addresses of those whom it did not
    reach, who never get it.
    """

    conversation_id: str
    number: int
    address: str
    user_id: int
    application_id: int
    sent_at: datetime
    content: Content
    operation_id: str = ""
    failed: tuple[str, ...] = ()


class Speaker(msgspec.Struct, kw_only=True, frozen=True):
    """A participant as a message names her; the title is her name, in a meeting."""

    conversation_id: str
    address: str
    title: str = ""


class Heard(msgspec.Struct, kw_only=True, frozen=True):
    """A message as an application sees it, and the formats that it takes."""

    message: Message
    user_id: int
    application_id: int
    formats: tuple[MessageFormat, ...] = ()
    sender: Speaker
    failed: tuple[Speaker, ...] = ()

    @property
    def conversation_id(self) -> str:
        return self.message.conversation_id

    @property
    def number(self) -> int:
        return self.message.number

    @property
    def is_own(self) -> bool:
        """True if its user has sent it, in whichever application."""
        return self.message.user_id == self.user_id

    @property
    def is_from_here(self) -> bool:
        """True if the application has sent it, which knows the text."""
        return self.is_own and self.message.application_id == self.application_id


def content_of(body: MessageBody) -> Content:
    """Return what a message says. Raises BadRequest for HTML that says nothing, or is too much."""
    if body.format is MessageFormat.PLAIN:
        return Content(plain=body.text)
    safe = html.sanitised(body.text)
    plain = html.plain_text(safe)
    if not plain:
        raise BadRequest("The HTML of the message has no text. Send some.")
    return Content(plain=plain, html=safe)


def read(content_type: str | None, body: bytes) -> Content:
    """Return what the body of a request says. Raises as `wire.message.read` and `content_of`."""
    return content_of(message.read(content_type, body))


def read_uri(uri: str) -> Content:
    """Return what a data URI, or a text, says. Raises the same."""
    return content_of(message.read_uri(uri))
