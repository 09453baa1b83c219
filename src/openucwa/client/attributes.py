"""Resources from the server, with typed attributes for the properties that the client knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Generic, Protocol, TypeVar, overload

from openucwa.client.resource import Resource

T = TypeVar("T")
E = TypeVar("E", bound=str)


class Holder(Protocol):
    """Something with properties under their served names."""

    @property
    def properties(self) -> Mapping[str, object]: ...


class Attribute(Generic[T]):
    """A property that this client knows, as an attribute. What is missing is read as None."""

    def __init__(self, name: str, read: Callable[[object], T]) -> None:
        self.name = name
        self.read = read

    @overload
    def __get__(self, holder: None, owner: type) -> Attribute[T]: ...
    @overload
    def __get__(self, holder: Holder, owner: type) -> T: ...
    def __get__(self, holder: Holder | None, owner: type) -> Attribute[T] | T:
        return self if holder is None else self.read(holder.properties.get(self.name))

    def __set__(self, holder: Holder, value: T) -> None:
        raise AttributeError(f"{self.name} can't be set here")


def text(value: object) -> str:
    return "" if value is None else str(value)


def number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def flag(value: object) -> bool:
    return value is True


def moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def member(enum: Callable[[str], E]) -> Callable[[object], E | str]:
    """Read an enumeration; a member that a newer server has stays text."""

    def read(value: object) -> E | str:
        try:
            return enum(text(value))
        except ValueError:
            return text(value)

    return read


def members(enum: Callable[[str], E]) -> Callable[[object], tuple[E | str, ...]]:
    """Read a list of an enumeration's members."""
    one = member(enum)
    return lambda value: tuple(map(one, texts(value)))


class TypedResource:
    """A resource, with typed attributes for what this client knows of it."""

    resource: Resource
    """All that the server told, with links."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource

    @property
    def properties(self) -> Mapping[str, object]:
        """All that the server told by served name, also what this client does not know.

        Values are text, numbers, truth values, lists, and aware datetimes.
        """
        return self.resource.properties

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.resource.href!r})"
