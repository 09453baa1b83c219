"""Structures of what is served of a meeting, completed with the members that can be set."""

from typing import TypeVar, cast, get_type_hints

import msgspec

from openucwa.domain.meetings import Details

S = TypeVar("S", bound=msgspec.Struct)


def with_details(served: type[S]) -> type[S]:
    """Add the members of Details that a structure does not have itself, at its end.

    They are optional: a version in a list has none of them.
    """
    missing = [
        (name, hint | None, None)
        for name, hint in get_type_hints(Details).items()
        if name not in served.__struct_fields__
    ]
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
