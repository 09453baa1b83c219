"""One transaction: the tables, seen at one moment."""

from datetime import datetime
from typing import TypeVar

from openucwa.store.connection import Connection
from openucwa.store.table import Table
from openucwa.store.tables.facts import Facts

T = TypeVar("T", bound=Table)


class Transaction:
    """The tables, each made when it is first used, and the log of facts.

    All that happens in it happens at `now`. That is in whole milliseconds, since no format and no
    table can tell more.
    """

    __slots__ = ("_tables", "connection", "facts", "now")

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self._tables: dict[type[Table], Table] = {}
        self.facts = self.of(Facts)

    def of(self, table: type[T]) -> T:
        """Return a table, such as `tx.of(Meetings)`."""
        found = self._tables.get(table)
        if found is None:
            found = self._tables[table] = table(self)
        assert isinstance(found, table)
        return found
