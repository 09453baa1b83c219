"""The source or the target of a copy, on one engine."""

from collections.abc import Generator, Iterable
from typing import Any, Protocol

from openucwa.store.copying.tables import CopiedTable

Row = tuple[Any, ...]


class Contents(Protocol):
    """A database in a transaction of its own, which no other process uses.

    What has not been committed is undone when it is closed. All methods raise NotReady.
    """

    def count(self, table: CopiedTable) -> int: ...

    def rows(self, table: CopiedTable) -> Generator[Row]:
        """All rows, in their order, a few at a time."""
        ...

    def fill(self, table: CopiedTable, rows: Iterable[Row]) -> None:
        """Let a table have these rows, and no others."""
        ...

    def settle(self) -> None:
        """Bring the numbers with which the log counts to what the engine needs."""
        ...

    def commit(self) -> None: ...
