"""A table as its file declares it, and as a transaction has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from openucwa.domain.deployment import Lifetimes

if TYPE_CHECKING:
    from openucwa.store.transaction import Transaction


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of a table in SQL, and what becomes of them.

    `owner` is the column of the user with whom they are removed. `within` names the tables with
    whose rows they are removed, each with the columns that tell which row. `bytes` is the column
    that counts against what the owner may store.
    """

    name: str
    owner: str | None = None
    within: Mapping[str, Sequence[str]] = field(default_factory=dict)
    bytes: str | None = None


class Table:
    """The rows of one table, or of several that belong together, within a transaction."""

    rows: ClassVar[Sequence[Rows]] = ()

    def __init__(self, tx: "Transaction") -> None:
        self._tx = tx
        self._connection = tx.connection
        self._now = tx.now

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        """Remove what has had its time, some at a time. Returns how many of each kind."""
        return {}

    def next_due(self) -> datetime | None:
        """Return when the next of its rows is due, None where none is.

        It is asked every second, so it takes an index.
        """
        return None

    def settle_due(self, lifetimes: Lifetimes) -> int:
        """Do what is due by now, some at a time. Returns how many rows are due no longer.

        Whoever needs turns asks for those of all these rows at once.
        """
        return 0
