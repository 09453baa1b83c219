"""The sources of settings: the command line, then the environment, a file, and the defaults."""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource, SettingsError, TomlConfigSettingsSource

from openucwa.settings import Settings, forms
from openucwa.settings.tables import Unfit, unknown

PREFIX = "OPENUCWA_"
FILE = Path("openucwa.toml")
"""The file that is read when none is named and it is there."""
OTHERS = {"OPENUCWA_CONFIG", "OPENUCWA_TRACEBACK"}
"""Environment variables that are no settings."""

_KINDS = {"string_type": "must be text", "path_type": "must be a path, as text"}

Key = tuple[str, ...]
"""The path to a setting: ("limits", "meetings_per_user")."""


class Misconfigured(Exception):
    """The configuration can't be used. The message names each problem and where it comes from."""


@dataclass(frozen=True)
class Layer:
    """The values of one source, and its name for the setting of a key."""

    values: Mapping[str, Any]
    name: Callable[[Key], str]


@dataclass(frozen=True)
class Configuration:
    """Settings, and the layers that they were taken from, the strongest first."""

    settings: Settings
    layers: Sequence[Layer]

    def source(self, key: Key) -> str:
        """Return the source of a setting: `--port`, `OPENUCWA_PORT`, a file or `default`."""
        return _source(self.layers, key) or "default"

    def values(self) -> Iterator[tuple[Key, Any]]:
        """Every setting with its value as JSON would have it, those in tables one by one."""
        for name in Settings.model_fields:
            value = getattr(self.settings, name)
            shown = forms.without_password(value) if name == "database" and value else value
            yield from _values((name,), shown)


def load(options: Mapping[str, Any], file: Path | None = None) -> Configuration:
    """Gather the settings. `options` are those of the command line; None stands for not given.

    Without `file`, OPENUCWA_CONFIG names it, and ./openucwa.toml is read if there is one. Raises
    Misconfigured.
    """
    given = {name: value for name, value in options.items() if value is not None}
    layers = (
        Layer(given, lambda key: "--" + key[0].replace("_", "-")),
        Layer(_environment(), _variable),
        _file(file),
    )
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        merged = _merge(layer.values, over=merged)
    fields = Settings.model_fields
    problems: dict[Key, str] = {
        (name,): unknown(name, fields) for name in merged if name not in fields
    }
    try:
        settings = Settings(**{name: merged[name] for name in merged if name in fields})
        if not problems:
            return Configuration(settings, layers)
    except ValidationError as error:
        problems |= _problems(error)
    raise Misconfigured("\n".join(_explain(layers, *problem) for problem in problems.items()))


class _Environment(EnvSettingsSource):
    """Environment variables; OPENUCWA_LIMITS__MEETINGS_PER_USER is a setting in a table."""

    def field_is_complex(self, field: FieldInfo) -> bool:
        return isinstance(field.annotation, msgspec.StructMeta) or super().field_is_complex(field)

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            raise ValueError(f"{PREFIX}{field_name.upper()} must be a table in JSON") from None


def _environment() -> Mapping[str, Any]:
    source = _Environment(Settings)
    names = {PREFIX + name.upper(): field for name, field in Settings.model_fields.items()}
    for variable in map(str.upper, os.environ):
        if not variable.startswith(PREFIX) or variable in OTHERS:
            continue
        name, within, _ = variable.partition("__")
        if name not in names or (within and not source.field_is_complex(names[name])):
            raise Misconfigured(f"{variable} {unknown(variable, names)}")
    try:
        return source()
    except SettingsError as error:
        raise Misconfigured(str(error.__cause__)) from None


def _variable(key: Key) -> str:
    """The environment variable that gives a setting: its own, or that of a table around it.

    Of a table that no variable gives as a whole, those that give something within it.
    """
    given = sorted({name.upper() for name, value in os.environ.items() if value})
    own = PREFIX + "__".join(key).upper()
    within = [name for name in given if name.startswith(f"{own}__")]
    around = (PREFIX + "__".join(key[:end]).upper() for end in range(len(key), 0, -1))
    return ", ".join(within) or next(name for name in around if name in given)


def _file(named: Path | None) -> Layer:
    path = named or Path(os.environ.get("OPENUCWA_CONFIG") or FILE)
    if path == FILE and not named and not path.exists():
        return Layer({}, lambda key: str(FILE))
    try:
        if not path.expanduser().is_file():
            raise Misconfigured(f"There is no file {path}. Name another with --config.")
        values = TomlConfigSettingsSource(Settings, path)()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} is not a TOML file: {error}.") from None
    except OSError as error:
        raise Misconfigured(f"{path} can't be read: {error.strerror}.") from None
    return Layer(values, lambda key: str(path))


def _merge(values: Mapping[str, Any], *, over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(over)
    for name, value in values.items():
        below = merged.get(name)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            value = _merge(value, over=below)
        merged[name] = value
    return merged


def _source(layers: Sequence[Layer], key: Key) -> str | None:
    return next((layer.name(key) for layer in layers if _gives(layer.values, key)), None)


def _gives(values: Any, key: Key) -> bool:
    """Return whether `key` is in there; keys below a value that is no table are given with it."""
    for part in key:
        if not isinstance(values, Mapping):
            return True
        spelled = next((name for name in values if name.lower() == part.lower()), None)
        if spelled is None:
            return False
        values = values[spelled]
    return True


def _problems(error: ValidationError) -> dict[Key, str]:
    problems: dict[Key, str] = {}
    for one in error.errors():
        if one["type"] == "default_factory_not_called":  # follows from another error
            continue
        key = tuple(map(str, one["loc"][:1]))
        cause = one.get("ctx", {}).get("error")
        if isinstance(cause, Unfit):
            problems |= {(*key, *path): why for path, why in cause.problems.items()}
        else:
            problems[key] = str(cause) if cause else _KINDS.get(one["type"], one["msg"])
    return problems


def _explain(layers: Sequence[Layer], key: Key, why: str) -> str:
    source = _source(layers, key)
    return f"{source}: {'.'.join(key)} {why}" if source else f"{'.'.join(key)} {why}"


def _values(key: Key, value: Any) -> Iterator[tuple[Key, Any]]:
    if isinstance(value, msgspec.Struct):
        value = {field: getattr(value, field) for field in value.__struct_fields__}
    if isinstance(value, Mapping) and value:
        for name, one in value.items():
            yield from _values((*key, name), one)
    elif isinstance(value, timedelta):
        yield key, forms.as_text(value)
    else:
        yield key, msgspec.to_builtins(value, enc_hook=str)
