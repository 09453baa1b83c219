"""The port to a database: operations that run whole, in a transaction, on a thread of the store."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from openucwa.store.transaction import Transaction

T = TypeVar("T")
Operation = Callable[[Transaction], T]


class Database(Protocol):
    """Runs operations. What an operation raises undoes it, and is raised to who awaits it.

    An operation may be run more than once before its changes are durable. Whatever it does besides
    must be right when only its last run counts.

    Both methods raise ServiceUnavailable when the database can't be used just now.
    """

    async def read(self, operation: Operation[T]) -> T:
        """Run an operation that changes nothing, on a snapshot that holds all earlier writes."""
        ...

    async def write(self, operation: Operation[T]) -> T:
        """Run an operation, and return its result when its changes are durable."""
        ...

    def watch(self, listener: Callable[[], None]) -> None:
        """Call `listener` on the event loop after each commit here that has written facts."""
        ...

    async def close(self) -> None:
        """Finish what has been taken on, then let go of the database."""
        ...
