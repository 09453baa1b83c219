"""conversationLogTranscript, messageTranscript: a message in a log, and what it says.

Source: conversationLogTranscript_ref.md, messageTranscript_ref.md.
"""

from datetime import datetime

import msgspec

from openucwa.domain.conversation_logs import Transcript
from openucwa.domain.messages import Content
from openucwa.domain.people import address_of
from openucwa.resources.communication.conversation_log import PATH, find_log
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversation_logs import ConversationLogs
from openucwa.store.transaction import Transaction
from openucwa.wire.representation import Link

_PATH = f"{PATH}/conversationLogTranscripts/{{number}}"


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """Return when the message was sent."""

    time_stamp: datetime
    """The time at which the server took the message, the same for all."""


def properties(me: Me, found: Transcript) -> Properties:
    return Properties(time_stamp=found.sent_at)


def is_own(me: Me, found: Transcript) -> bool:
    """There for a message of the user's own."""
    return found.is_own


def is_of_others(me: Me, found: Transcript) -> bool:
    """There for a message of somebody else."""
    return not found.is_own


def find(tx: Transaction, me: Me, log_id: str, number: str) -> Transcript | None:
    """A message in a log of the user's."""
    log = find_log(tx, me, log_id)
    if log is None or not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    wanted = int(number)
    found = tx.of(ConversationLogs).transcripts(log, address_of(me.user), wanted - 1, 1)
    return found[0] if found and found[0].number == wanted else None


conversation_log_transcript = Resource[Transcript](
    rel="conversationLogTranscript", path=_PATH, properties=properties
)
conversation_log_transcript.find(find)
conversation_log_transcript.link("contact", lambda tx, me, found: found, when=is_of_others)
conversation_log_transcript.link("me", lambda tx, me, found: me, when=is_own)
conversation_log_transcript.embed("messageTranscript")

message_transcript = Resource[Transcript](
    rel="messageTranscript",
    path=f"{_PATH}/messageTranscript",
)
message_transcript.find(find)


def plain(tx: Transaction, me: Me, found: Transcript) -> Link:
    return Link(Content(plain=found.plain).uri)


def html(tx: Transaction, me: Me, found: Transcript) -> Link | None:
    """There, as a data URI, if the sender wrote HTML."""
    uri = Content(plain=found.plain, html=found.html).html_uri
    return Link(uri) if uri else None


message_transcript.link("plainMessage", plain)
message_transcript.link("htmlMessage", html)
