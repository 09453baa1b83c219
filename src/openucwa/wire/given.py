"""The input of a request: which members of a declared type it gives, each checked by itself.

Names compare without case, an explicit null means "not given", and so do a date in year 1 and a
span of no time (compatibility of deployed clients). XML and queries know only text: it is brought
to what JSON would hold, and then checked alike.
"""

import enum
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

import msgspec

from openucwa.wire import dates, spans
from openucwa.wire.errors import DeserializationFailure, ParameterValidationFailure
from openucwa.wire.text import is_writable

T = TypeVar("T", bound=msgspec.Struct)


class Given(msgspec.Struct, Generic[T], frozen=True):
    """The members of `type` that a request gave, by attribute, among all its `members`.

    `body` is what was read from a body that has no members.
    """

    type: type[T]
    values: Mapping[str, Any]
    members: Mapping[str, object]
    body: Any = None

    def over(self, defaults: T) -> T:
        """`defaults`, with what was given in its place. What was left out is the default."""
        return msgspec.structs.replace(defaults, **self.values)

    def complete(self) -> T:
        """The whole input. Raises ParameterValidationFailure that names what is missing."""
        missing = {
            field.encode_name: "is missing"
            for field in msgspec.structs.fields(self.type)
            if field.required and field.name not in self.values
        }
        if missing:
            raise ParameterValidationFailure(missing)
        return self.type(**self.values)

    @property
    def others(self) -> dict[str, object]:
        """The values under names that the type does not have."""
        known = _parameters(self.type)
        return {name: value for name, value in self.members.items() if name.lower() not in known}


def read(type: type[T], members: Mapping[str, object]) -> Given[T]:
    """Take the members of `type` out of `members`.

    Raises ParameterValidationFailure that names every member with a wrong value, and
    DeserializationFailure when one member comes twice in different spellings.
    """
    lowered = {name.lower(): value for name, value in members.items()}
    if len(lowered) < len(members):
        raise _twice(members)
    parameters = _parameters(type)
    values: dict[str, Any] = {}
    try:
        found = msgspec.convert(lowered, _partial(type))
        for parameter in parameters.values():
            value = getattr(found, parameter.name)
            if value is not None and parameter.parse:
                value = parameter.parse(value)
            if value is not None:
                values[parameter.name] = value
    except ValueError:  # msgspec.ValidationError is one
        raise _wrong(parameters, lowered) from None
    return Given(type, values, members)


def from_text(type: type[T], members: Mapping[str, object]) -> dict[str, object]:
    """Return members that are all text as JSON would hold them.

    An empty text gives nothing, except where text is wanted; a single one is a list of one where a
    list is. Text that can't be what is wanted stays, and `read` tells so.
    """
    parameters = _parameters(type)
    return {
        name: _from_text(parameters[name.lower()], value)
        if isinstance(value, str) and name.lower() in parameters
        else value
        for name, value in members.items()
    }


def with_query(
    type: type[T], members: Mapping[str, object], query: Mapping[str, Sequence[str]]
) -> Mapping[str, object]:
    """The members of a body, and what only the query gives of those that the type knows.

    Query names are in lower case. Raises DeserializationFailure for text that can't be kept.
    """
    found = {
        name: texts[0] if len(texts) == 1 else texts
        for name, texts in query.items()
        if name in _parameters(type)
    }
    if not all(is_writable(text) for name in found for text in query[name]):
        raise DeserializationFailure(
            "The query contains a character that can't be stored, or is not UTF-8."
        )
    body = {
        name: value
        for name, value in members.items()
        if value is not None or name.lower() not in found
    }
    given = {name.lower() for name in body}
    return body | from_text(type, {n: value for n, value in found.items() if n not in given})


_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def _from_text(parameter: "_Parameter", text: str) -> object:
    annotated = hasattr(parameter.type, "__metadata__")
    plain = get_args(parameter.type)[0] if annotated else parameter.type
    if plain is str and not parameter.parse:
        return text
    if not text.strip():
        return None
    if get_origin(plain) is tuple:
        return [text]
    text = text.strip()
    if plain is bool:
        return _TRUTH.get(text.lower(), text)
    if plain is int and _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return text


def _date(text: str) -> datetime | None:
    moment = dates.parse(text)
    return moment if moment.year > 1 else None


def _span(given: str | float) -> timedelta | None:
    return spans.parse(given) or None


_PARSED: Mapping[Any, tuple[Any, Callable[[Any], object]]] = {
    datetime: (str, _date),
    timedelta: (str | int | float, _span),
}
"""The types that no format has: what they come as, and how that is read."""


def _wrong(
    parameters: Mapping[str, "_Parameter"], lowered: Mapping[str, object]
) -> ParameterValidationFailure:
    """The failure that names every member which can't be converted."""
    wrong: dict[str, str] = {}
    for key, parameter in parameters.items():
        try:
            value = msgspec.convert(lowered.get(key), parameter.type | None)
            if value is not None and parameter.parse:
                parameter.parse(value)
        except ValueError:
            wrong[parameter.served] = f"must be {parameter.expected}"
    return ParameterValidationFailure(wrong)


def _twice(members: Mapping[str, object]) -> DeserializationFailure:
    twice, _ = Counter(name.lower() for name in members).most_common(1)[0]
    return DeserializationFailure(
        f"The body has the member {twice[:100]!r} twice: names are compared without case. Send "
        "it once."
    )


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A member of an input: its attribute, its name as served, and the type that it comes in.

    `parse` reads what comes in another type.
    """

    name: str
    served: str
    type: Any
    parse: Callable[[Any], object] | None
    expected: str


@cache
def _parameters(type: type[msgspec.Struct]) -> dict[str, _Parameter]:
    return {
        field.encode_name.lower(): _Parameter(
            name=field.name,
            served=field.encode_name,
            type=_PARSED.get(_without_null(field.type), (_without_null(field.type),))[0],
            parse=_PARSED.get(_without_null(field.type), (None, None))[1],
            expected=_expected(_without_null(field.type)),
        )
        for field in msgspec.structs.fields(type)
    }


def _without_null(type: Any) -> Any:
    """The type that is left of `… | None`: any member may be null, which gives nothing."""
    if isinstance(type, UnionType) or get_origin(type) is Union:
        (type,) = (one for one in get_args(type) if one is not NoneType)
    return type


@cache
def _partial(type: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """A structure of the same members in lower case, each of which may be left out or null.

    msgspec knows a structure's types ahead; converting member by member takes five times as long.
    """
    parameters = _parameters(type)
    return msgspec.defstruct(
        f"Partial{type.__name__}",
        [(parameter.name, parameter.type | None, None) for parameter in parameters.values()],
        rename={parameter.name: key for key, parameter in parameters.items()},
    )


def _expected(type: Any) -> str:
    """Describe a value of `type`, in words that follow "must be"."""
    if type is datetime:
        return "a date such as 2027-01-31T15:00:00Z or /Date(1801407600000)/"
    if type is timedelta:
        return "a span of time such as 00:05:00 or PT5M, or a number of minutes"
    if hasattr(type, "__metadata__"):
        meta = type.__metadata__[0]
        if meta.ge is not None:
            return f"{_expected(get_args(type)[0])} from {meta.ge} to {meta.le}"
        unit = "characters" if get_args(type)[0] is str else "items"
        return f"{_expected(get_args(type)[0])}, of at most {meta.max_length} {unit}"
    if isinstance(type, enum.EnumMeta):
        members: list[enum.Enum] = list(type)
        return "one of " + ", ".join(str(member.value) for member in members)
    if get_origin(type) is tuple:
        return "a list of strings"
    return {str: "a string", int: "a whole number", bool: "true or false"}[type]
