"""One transaction: the tables, seen at one moment."""

from datetime import datetime

from openucwa.store.applications import Applications
from openucwa.store.connection import Connection
from openucwa.store.extensions import Extensions
from openucwa.store.meetings import Meetings
from openucwa.store.tokens import Tokens
from openucwa.store.users import Users


class Transaction:
    """The tables, and `now`: when all that happens in this transaction happens.

    `now` is in whole milliseconds, since no format and no table can tell more.
    """

    __slots__ = ("applications", "extensions", "meetings", "now", "tokens", "users")

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.now = now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self.users = Users(connection)
        self.tokens = Tokens(connection)
        self.applications = Applications(connection)
        self.meetings = Meetings(connection, now)
        self.extensions = Extensions(connection)
