"""Structures of what is served of a meeting, completed with the members that can be set."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast, get_type_hints

import msgspec

from openucwa.domain.meetings import Details

S = TypeVar("S", bound=msgspec.Struct)


def with_details(served: type[S]) -> type[S]:
    """Add the members of Details that a structure does not have itself, at its end."""
    return _completed(served, [(name, hint) for name, hint in _missing(served)])


def with_optional_details(served: type[S]) -> type[S]:
    """The same for a structure that may be served without them, as a version in a list is."""
    return _completed(served, [(name, hint | None, None) for name, hint in _missing(served)])


def _missing(served: type[msgspec.Struct]) -> list[tuple[str, Any]]:
    hints = get_type_hints(Details, include_extras=True)
    return [(name, hint) for name, hint in hints.items() if name not in served.__struct_fields__]


def _completed(served: type[S], missing: Sequence[Any]) -> type[S]:
    made = msgspec.defstruct(
        served.__name__,
        missing,
        bases=(served,),
        module=served.__module__,
        namespace={"__doc__": served.__doc__, "described_in": Details},
        kw_only=True,
        rename="camel",
    )
    return cast("type[S]", made)
