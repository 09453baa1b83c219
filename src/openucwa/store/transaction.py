"""One transaction: the tables, seen at one moment."""

from datetime import datetime

from openucwa.store.applications import Applications
from openucwa.store.connection import Connection
from openucwa.store.extensions import Extensions
from openucwa.store.meetings import Meetings
from openucwa.store.tokens import Tokens
from openucwa.store.users import Users


class Transaction:
    """The tables, and `now`: the moment at which all that happens in this transaction happens."""

    __slots__ = ("applications", "extensions", "meetings", "now", "tokens", "users")

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.now = now
        self.users = Users(connection)
        self.tokens = Tokens(connection)
        self.applications = Applications(connection)
        self.meetings = Meetings(connection, now)
        self.extensions = Extensions(connection)
