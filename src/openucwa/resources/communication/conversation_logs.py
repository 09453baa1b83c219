"""conversationLogs: the logs of the conversations that the user has had, or has missed.

Source: conversationLogs_ref.md.
"""

from typing import Annotated

import msgspec

from openucwa.domain.conversation_logs import ConversationLog
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversation_logs import ConversationLogs
from openucwa.store.transaction import Transaction

DEFAULT_LIMIT = 100


class Asked(msgspec.Struct, kw_only=True, rename="camel"):
    """The query of GET."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = DEFAULT_LIMIT
    """The largest number of logs."""


class LogList(msgspec.Struct, frozen=True):
    """The logs that were asked for."""

    members: list[ConversationLog]


conversation_logs = Resource[LogList](
    rel="conversationLogs",
    path="applications/{application_id}/communication/conversationLogs",
    asked=Asked,
)


def logs(tx: Transaction, me: Me, found: LogList) -> list[ConversationLog]:
    """Those that were asked for, the newest first."""
    return found.members


conversation_logs.link("conversationLog", logs)


@conversation_logs.find
def find(tx: Transaction, me: Me, limit: int = DEFAULT_LIMIT) -> LogList:
    """The logs of the user."""
    return LogList(tx.of(ConversationLogs).of(me.user.id, limit))
