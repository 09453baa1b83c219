"""The relations of a resource to others: links, embedded resources, and events about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from openucwa.domain.facts import Priority
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction

E = TypeVar("E")


@dataclass(frozen=True)
class Relation(Generic[E]):
    """A link or an embedded resource: its rel, and which entity it leads to.

    `target` may return None, which leaves it out, or a sequence where there may be many. `when`
    tells of what the viewer sees whether it is there at all. `load` finds for many entities what
    `target` finds for one, so that a list makes one query and not one for each row. What is
    embedded `always` is there when it is an empty list, too.
    """

    rel: str
    target: Callable[[Transaction, Me, E], object] | None = None
    when: Callable[[Me, E], bool] | None = None
    load: Callable[[Transaction, Me, Sequence[E]], Sequence[object]] | None = None
    is_part: bool = False
    always: bool = False


@dataclass(frozen=True)
class Notice:
    """The form of an event about a resource: its sender, how soon it is told, and with what.

    `within` is the rel of the collection to which it is added, or from which it is deleted. An
    event that is `embedded` carries the resource itself, which spares the client a request. One
    that is an `extension` is told to clients that ask for those.
    """

    sender: str
    within: str | None
    priority: Priority
    embedded: bool
    extension: bool
    shared_within: str | None = None
    """The value of `within` for those with whom the resource is shared."""
    rel: str = ""
    """The rel that the resource has in the event, if not its own."""
