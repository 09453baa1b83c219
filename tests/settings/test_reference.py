"""The documentation of the settings."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openucwa.domain.policies import DialInRegion, Policy
from openucwa.settings import Settings, forms
from openucwa.settings.sources import OTHERS, PREFIX, load

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "settings.md").read_text()
GUIDE = (DOCS / "guide" / "administration.md").read_text()


def documented() -> dict[str, list[str]]:
    """The rows of the reference's tables, by the name of the setting."""
    rows = (line.strip("|").split(" | ") for line in REFERENCE.splitlines() if line[:3] == "| `")
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in rows}


def known() -> Iterator[tuple[str, Any]]:
    """Each setting with its default; `policies.NAME.…` are those of a policy."""
    settings = Settings()
    for name in Settings.model_fields:
        if name == "policies":
            yield from flat("policies.NAME", Policy())
        else:
            yield from flat(name, getattr(settings, name))


def flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from flat(f"{name}.{field}", getattr(value, field))
    else:
        yield name, value


def shown(name: str, value: Any) -> str:
    """A default, as the reference writes it."""
    if name == "meet_url":
        return "`https://meet.` and the domain"
    if value is None:
        return "none"
    if value in ("", (), {}):
        return "empty"
    if isinstance(value, timedelta):
        value = forms.as_text(value)
    if isinstance(value, tuple):
        value = ", ".join(value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


@pytest.mark.parametrize(("name", "default"), list(known()))
def test_every_setting_is_in_the_reference(name: str, default: Any) -> None:
    """A new setting needs a row in docs/reference/settings.md, with its default and variable."""
    row = documented()[name]
    assert shown(name, default) in row
    assert f"`{PREFIX}{name.replace('.', '__').upper()}`" in row


def test_the_reference_has_no_other_settings() -> None:
    assert documented().keys() == {name for name, _ in known()} | OTHERS


def test_what_a_region_has_is_in_the_reference() -> None:
    for field in DialInRegion.__struct_fields__:
        assert f"`{field}`" in REFERENCE


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", REFERENCE + GUIDE, re.DOTALL))
def test_the_examples_are_right(folder: Path, example: str) -> None:
    (folder / "openucwa.toml").write_text(example)
    found = load({})
    assert "openucwa.toml" in {found.source(key) for key, _ in found.values()}
