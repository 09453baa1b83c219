"""The methods of a resource, and what they return beside entities."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypedDict, TypeVar

import msgspec

from openucwa.resources.offer import Rule
from openucwa.wire.errors import UcwaError

B = TypeVar("B", covariant=True)
N = TypeVar("N")


@dataclass(frozen=True, kw_only=True)
class RawBody(Generic[B]):
    """A body that is text as it is, whose members are in the query.

    `read` makes something of its Content-Type and its bytes, of which it has `longest` characters.
    """

    media_types: Sequence[str]
    longest: int
    read: Callable[[str | None, bytes], B]


@dataclass(frozen=True)
class Verb:
    """A POST, PUT or DELETE: a function of transaction, viewer, entity and input.

    `answers` is the rel of the entity that the function returns, None where there is no body.
    `errors` are what the function raises, and `complete` tells that it demands every member of the
    input that has no default. `repeatable` lets a client repeat it, by an Idempotency-Key, and
    `writes` is False for what only asks. It is forbidden where `role` does not hold. Where the body
    is `raw`, the function gets what is read from it behind the input.
    """

    function: Callable[..., Any]
    input: type[msgspec.Struct] | None
    answers: str | None = None
    status: int = 200
    errors: Sequence[type[UcwaError]] = ()
    complete: bool = False
    repeatable: bool = False
    writes: bool = True
    role: Rule[Any] | None = None
    raw: RawBody[Any] | None = None


class Options(TypedDict, total=False):
    """The same, as the declaration of a verb names it."""

    answers: str
    status: int
    errors: Sequence[type[UcwaError]]
    complete: bool
    repeatable: bool
    writes: bool


@dataclass(frozen=True)
class Existing(Generic[N]):
    """The result of a POST that was there already: the answer is 200."""

    entity: N
