"""A resource as it is served, before it is written in some format (PayloadFormat.md).

One neutral tree; the writers render it by the types of its values and never name a resource.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TypeAlias

import msgspec

Scalar: TypeAlias = str | int | bool | datetime
Value: TypeAlias = Scalar | Sequence[str | int]
"""A property's value. Enumeration members are strings; no resource of UCWA has a list of dates."""


class Link(msgspec.Struct):
    """A pointer to another resource.

    `revision` is the resource's, None for its first (Versioning.md); `title` is for people.
    """

    href: str
    revision: int | None = None
    title: str | None = None


class Representation(msgspec.Struct):
    """A resource for one viewer.

    `href` is where the resource is (its `self` link), `revision` that of its link; `etag` its tag,
    unquoted. A rel in `links` or `embedded` has one value, or a sequence where there may be many.
    `titled` is False for the resources of autodiscovery, which are served without a `rel` member
    (RootURL.md).
    """

    rel: str
    href: str
    properties: Mapping[str, Value] = msgspec.field(default_factory=dict)
    links: Mapping[str, Link | Sequence[Link]] = msgspec.field(default_factory=dict)
    embedded: Mapping[str, "Representation | Sequence[Representation]"] = msgspec.field(
        default_factory=dict
    )
    etag: str | None = None
    titled: bool = True
    revision: int | None = None


def weight(representation: Representation) -> int:
    """Return roughly the number of characters of a representation, in whatever format."""
    total = 500
    for value in representation.properties.values():
        if isinstance(value, str):
            total += len(value)
        elif isinstance(value, Sequence):
            total += sum(len(str(one)) + 3 for one in value)
    for found in representation.embedded.values():
        parts = [found] if isinstance(found, Representation) else found
        total += sum(map(weight, parts))
    return total


def served(properties: msgspec.Struct) -> dict[str, Value]:
    """The members of a structure under the names that are served; what is None is left out."""
    return {
        name: value
        for attribute, name in _names(type(properties))
        if (value := getattr(properties, attribute)) is not None
    }


@cache
def _names(type: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, field.encode_name) for field in msgspec.structs.fields(type))
