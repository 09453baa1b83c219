"""One transaction: the tables, seen at one moment."""

from datetime import datetime

from openucwa.store.applications import Applications
from openucwa.store.belongings import Belongings
from openucwa.store.channels import Channels
from openucwa.store.communications import Communications
from openucwa.store.connection import Connection
from openucwa.store.extensions import Extensions
from openucwa.store.facts import Facts
from openucwa.store.idempotency_keys import IdempotencyKeys
from openucwa.store.meetings import Meetings
from openucwa.store.networks import Networks
from openucwa.store.sessions import Sessions
from openucwa.store.throttle import Throttle
from openucwa.store.tokens import Tokens
from openucwa.store.users import Users


class Transaction:
    """The tables, and `now`: when all that happens in this transaction happens.

    `now` is in whole milliseconds, since no format and no table can tell more.
    """

    __slots__ = (
        "applications",
        "belongings",
        "channels",
        "communications",
        "extensions",
        "facts",
        "idempotency_keys",
        "meetings",
        "networks",
        "now",
        "sessions",
        "throttle",
        "tokens",
        "users",
    )

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.now = now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self.facts = facts = Facts(connection, now)
        self.users = Users(connection, facts)
        self.tokens = Tokens(connection, now)
        self.throttle = Throttle(connection, now)
        self.networks = Networks(connection, now)
        self.idempotency_keys = IdempotencyKeys(connection, now)
        self.channels = channels = Channels(connection, now, facts)
        self.applications = Applications(connection, channels)
        self.sessions = Sessions(connection, now, self.applications)
        self.communications = Communications(connection, facts)
        self.meetings = Meetings(connection, now, facts)
        self.extensions = Extensions(connection, facts)
        self.belongings = Belongings(connection, now, facts, self.applications, self.meetings)
