"""conversationLogTranscripts, nextConversationLogTranscripts: the messages in a log.

Source: conversationLogTranscripts_ref.md, nextConversationLogTranscripts_ref.md.
"""

import msgspec

from openucwa.domain import conversation_logs
from openucwa.domain.conversation_logs import ConversationLog, Transcript
from openucwa.domain.people import address_of
from openucwa.resources.communication.conversation_log import PATH, find_log
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversation_logs import ConversationLogs
from openucwa.store.transaction import Transaction


class Page(msgspec.Struct, kw_only=True, frozen=True):
    """Some messages of a log in their order; `after` is the number of the message before them."""

    log: ConversationLog
    transcripts: list[Transcript]
    after: str = ""
    is_last: bool = True

    @property
    def log_id(self) -> str:
        return self.log.log_id


def page(tx: Transaction, me: Me, log_id: str, after: int) -> Page | None:
    """Return the messages of a log of the user's after a number."""
    log = find_log(tx, me, log_id)
    if log is None or log.is_missed:
        return None
    most = conversation_logs.PAGE
    found = tx.of(ConversationLogs).transcripts(log, address_of(me.user), after, most + 1)
    return Page(log=log, transcripts=found[:most], after=str(after), is_last=len(found) <= most)


def transcripts(tx: Transaction, me: Me, found: Page) -> list[Transcript]:
    """Return the messages in their order, of a hundred at most."""
    return found.transcripts


def next_page(tx: Transaction, me: Me, found: Page) -> Page | None:
    """There are more of them."""
    if found.is_last:
        return None
    return msgspec.structs.replace(found, after=str(found.transcripts[-1].number))


conversation_log_transcripts = Resource[Page](
    rel="conversationLogTranscripts", path=f"{PATH}/conversationLogTranscripts"
)
next_conversation_log_transcripts = Resource[Page](
    rel="nextConversationLogTranscripts",
    path=f"{PATH}/nextConversationLogTranscripts?after={{after}}",
)
for one in (conversation_log_transcripts, next_conversation_log_transcripts):
    one.embed("conversationLogTranscript", transcripts)
    one.link("nextConversationLogTranscripts", next_page)


@conversation_log_transcripts.find
def find(tx: Transaction, me: Me, log_id: str) -> Page | None:
    """The first messages in a log of the user's."""
    return page(tx, me, log_id, 0)


@next_conversation_log_transcripts.find
def find_next(tx: Transaction, me: Me, log_id: str, after: str) -> Page | None:
    """The messages in a log of the user's after a number."""
    is_number = after.isascii() and after.isdigit() and len(after) <= 18
    return page(tx, me, log_id, int(after)) if is_number else None
