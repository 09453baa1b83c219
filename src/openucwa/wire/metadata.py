"""The input of a resource, as OPTIONS describes it (applications_ref.md)."""

import enum
from collections.abc import Iterable, Sequence

import msgspec


class Parameter(msgspec.Struct, frozen=True, rename="camel"):
    """A member of a request. Where any value will do, `supported_values` is empty."""

    name: str
    supported_values: Sequence[str]


class Method(msgspec.Struct, frozen=True, rename="camel"):
    """A method, and what a request of it may say."""

    http_method: str
    parameters: Sequence[Parameter]


def parameters(input: type[msgspec.Struct]) -> Sequence[Parameter]:
    """The members of an input, under the names that are sent."""
    return [
        Parameter(field.encode_name, list(_values(field.type)))
        for field in msgspec.structs.fields(input)
    ]


def _values(type: object) -> Iterable[str]:
    return map(str, type) if isinstance(type, enum.EnumMeta) else ()
