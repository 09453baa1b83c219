"""What the tables need of an engine: to run a statement."""

from collections.abc import Mapping
from typing import Any, Protocol


class Cursor(Protocol):
    """What a statement found."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """Runs one statement, with parameters by name (`:name`)."""

    def execute(self, sql: str, parameters: Mapping[str, Any], /) -> Cursor: ...
