"""The port of the tables to an engine: it runs statements, and keeps others out."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol


class Turn(NamedTuple):
    """A turn: transactions that ask for the same kind and id run one after the other."""

    kind: str
    id: int | str


def turn_of_user(user_id: int) -> Turn:
    """The turn of who depends on what a user has, or has not."""
    return Turn("user", user_id)


class Cursor(Protocol):
    """The rows that a statement found."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """A transaction's way to the engine. All statements of one see the same snapshot."""

    @property
    def position(self) -> str:
        """SQL for the position of a transaction's fact that is its `:ordinal`th, from 0 on."""
        ...

    @property
    def before(self) -> str:
        """SQL for a position below that of this transaction's `:ordinal`th fact, and above those of
        the facts before it.
        """
        ...

    @property
    def settled(self) -> str:
        """SQL for the position up to which no fact can appear any more, as this snapshot sees it.

        What is above may be visible already, while something below it is not.
        """
        ...

    def execute(self, sql: str, parameters: Mapping[str, Any], /) -> Cursor:
        """Run one statement, with parameters by name (`:name`)."""
        ...

    def change_one(self, sql: str, parameters: Mapping[str, Any], otherwise: Exception, /) -> None:
        """Run a statement that changes one row, which this transaction has read.

        Where another has changed that row meanwhile, the transaction does not commit: `otherwise`
        is raised, here or later, or it starts anew.
        """
        ...

    def alone(self, *turns: Turn) -> None:
        """Let no other transaction that asks for one of these turns happen meanwhile.

        What depends on rows that are not there, a limit or a unique name, asks for it. The
        transaction may start anew for that, and then sees all that the others before it did.
        """
        ...
