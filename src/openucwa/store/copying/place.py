"""The source or the target of a copy, on one engine."""

from collections.abc import Generator, Iterable
from typing import Any, Protocol

from openucwa.store.copying.tables import Table

Row = tuple[Any, ...]


class Place(Protocol):
    """A database in a transaction of its own, which no other process uses.

    What has not been committed is undone when it is closed. All methods raise NotReady.
    """

    def count(self, table: Table) -> int: ...

    def rows(self, table: Table) -> Generator[Row]:
        """All rows, in their order, a few at a time."""
        ...

    def fill(self, table: Table, rows: Iterable[Row]) -> None:
        """Let a table have these rows, and no others."""
        ...

    def settle(self) -> None:
        """Bring the numbers with which the log counts to what the engine needs."""
        ...

    def commit(self) -> None: ...
