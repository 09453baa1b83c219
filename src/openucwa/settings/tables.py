"""Tables of settings: plain values, as TOML and JSON have them, into structures of the domain."""

import enum
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from openucwa.settings import forms
from openucwa.wire.text import near

S = TypeVar("S", bound=msgspec.Struct)
Path = tuple[str, ...]


class Unfit(ValueError):
    """Values within a table that don't fit. `problems` maps the path of each to what is wrong."""

    def __init__(self, problems: Mapping[Path, str]) -> None:
        super().__init__("; ".join(f"{'.'.join(path)} {why}" for path, why in problems.items()))
        self.problems = problems


def table(type: type[S], value: object) -> S:
    """The structure that a table describes; what it leaves out is the default. Raises Unfit."""
    if isinstance(value, type):
        return value
    members = _members(value)
    names = [field.name for field in msgspec.structs.fields(type)]
    problems: dict[Path, str] = {
        (name,): unknown(name, names) for name in members if name not in names
    }
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(type):
        if field.name in members:
            try:
                values[field.name] = _value(field.type, members[field.name])
            except Unfit as unfit:
                problems |= {(field.name, *path): why for path, why in unfit.problems.items()}
            except ValueError as error:
                problems[(field.name,)] = str(error)
        elif field.required:
            problems[(field.name,)] = "is missing"
    if problems:
        raise Unfit(problems)
    try:
        return type(**values)
    except ValueError as error:  # the values don't go together
        raise Unfit({(): str(error)}) from None


def tables(type: type[S], value: object) -> dict[str, S]:
    """A table of tables, by name. Raises Unfit."""
    found: dict[str, S] = {}
    problems: dict[Path, str] = {}
    for name, one in _members(value).items():
        try:
            found[name] = table(type, one)
        except Unfit as unfit:
            problems |= {(name, *path): why for path, why in unfit.problems.items()}
    if problems:
        raise Unfit(problems)
    return found


def unknown(name: str, names: Collection[str]) -> str:
    """Return the error for a name that is none of `names`."""
    found = near(name, names)
    hint = f", did you mean {found[0]}?" if found else "."
    return f"is unknown{hint} There are: {', '.join(names)}"


def _members(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Unfit({(): "must be a table"})
    return value


def _value(type: Any, value: object) -> Any:
    if type is timedelta:
        return forms.duration(value)
    if _is_table(type):
        return table(type, value)
    if get_origin(type) is tuple and _is_table(get_args(type)[0]):
        return _list_of(get_args(type)[0], value)
    if get_origin(type) is tuple and isinstance(value, str):  # as in environment variables
        value = [one.strip() for one in value.split(",")]
    try:
        return msgspec.convert(value, type, strict=False)
    except msgspec.ValidationError:
        raise ValueError(f"must be {_expected(type)}") from None


def _list_of(type: type[S], value: object) -> tuple[S, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of tables")
    named = {str(number): one for number, one in enumerate(value, 1)}
    return tuple(tables(type, named).values())


def _is_table(type: Any) -> bool:
    return isinstance(type, msgspec.StructMeta)


def _expected(type: Any) -> str:
    """Describe a value of `type`, in words that follow "must be"."""
    if isinstance(type, enum.EnumMeta):
        return f"one of {', '.join(map(str, type))}"
    if get_origin(type) is tuple:
        return f"a list, each {_expected(get_args(type)[0])}"
    if hasattr(type, "__metadata__"):
        return f"{_expected(get_args(type)[0])}, at least {type.__metadata__[0].ge}"
    return {str: "text", int: "a whole number", bool: "true or false"}[type]
