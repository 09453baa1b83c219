"""The port to a database: operations that run whole, in a transaction."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from openucwa.store.transaction import Transaction

T = TypeVar("T")
Operation = Callable[[Transaction], T]


class Database(Protocol):
    """Runs operations. What an operation raises undoes it, and is raised to who awaits it.

    An operation may be run more than once before its changes are durable. Whatever it does besides
    must be right when only its last run counts.

    Where an engine runs operations on the event loop, what `is_long`, of lists or texts, goes to a
    thread, so that others do not have to wait for it. An operation that waits for something else
    than the database is long, too.

    `read`, `write` and `chore` raise ServiceUnavailable when the database can't be used just now.
    """

    async def read(self, operation: Operation[T], *, is_long: bool = False) -> T:
        """Run an operation that changes nothing, on a snapshot that holds all earlier writes."""
        ...

    async def write(self, operation: Operation[T], *, is_long: bool = False) -> T:
        """Run an operation, and return its result when its changes are durable."""
        ...

    async def chore(self, operation: Operation[T]) -> T | None:
        """Write, unless another process is about its chores just now: then do nothing."""
        ...

    def watch(self, listener: Callable[[], None]) -> None:
        """Call `listener` on the event loop after commits that have written facts.

        It is called soon after every one in this process. Those of others may be missed.
        """
        ...

    def tell(self, message: str) -> None:
        """Tell the other processes on this database something. It may get lost."""
        ...

    def hear(self, listener: Callable[[str], None]) -> None:
        """Call `listener` on the event loop with what other processes tell."""
        ...

    async def close(self) -> None:
        """Finish what has been taken on, then let go of the database."""
        ...
