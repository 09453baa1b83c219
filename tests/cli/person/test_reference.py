"""The documentation of the command line."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from openucwa.cli import application, commands, failure
from openucwa.cli.failure import Failure

DOCS = Path(__file__).parents[3] / "docs"
REFERENCE = (DOCS / "reference" / "command-line.md").read_text()
GUIDE = (DOCS / "guide" / "command-line.md").read_text()
PEOPLE = {one.name for one in commands.COMMANDS["For people who have meetings"]}


def known() -> Iterator[tuple[str, Any]]:
    """The commands for people, each as it is typed."""
    groups = getattr(typer.main.get_command(application.whole()), "commands")  # noqa: B009 - typer's own kind
    for name in sorted(groups.keys() & PEOPLE):
        command = groups[name]
        for inner, found in getattr(command, "commands", {}).items():
            yield usage(f"{name} {inner}", found), found
        if not hasattr(command, "commands"):
            yield usage(name, command), command


def usage(name: str, command: Any) -> str:
    arguments = [one.metavar for one in command.params if one.param_type_name == "argument"]
    return " ".join(["openucwa", name, *arguments])


COMMANDS = dict(sorted(known()))


def documented() -> dict[str, str]:
    """The text about each command, by its heading."""
    parts = re.split(r"^### (.*)$", REFERENCE.split("## Files")[0], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_is_in_the_reference_and_no_other() -> None:
    assert documented().keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_in_the_reference_and_no_other(name: str) -> None:
    rows = re.findall(r"^\| (`--.*?) \| (.*?) ?\|$", documented()[name], flags=re.MULTILINE)
    options = [one for one in COMMANDS[name].params if one.param_type_name == "option"]
    assert {cell for cell, _ in rows} == {
        ", ".join(f"`{spelled}{value(one)}`" for spelled in one.opts) for one in options
    }


def value(option: Any) -> str:
    """What follows the name of an option."""
    if option.is_flag:
        return ""
    return f" {option.metavar or ('NUMBER' if option.name == 'minutes' else 'VALUE')}"


def test_every_exit_status_is_in_the_reference() -> None:
    kinds = {one for one in vars(failure).values() if isinstance(one, type)}
    statuses = {one.status for one in kinds if issubclass(one, Failure)}
    table = REFERENCE.split("## Exit statuses")[1].split("##")[0]
    found = {int(one) for one in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)}
    assert found == statuses | {0, 130}


@pytest.mark.parametrize("text", [REFERENCE, GUIDE], ids=["reference", "guide"])
def test_what_the_documentation_runs_exists(text: str) -> None:
    names = {
        " ".join(one.split()[1:3]) if "meeting " in one else one.split()[1] for one in COMMANDS
    }
    admin = {one.name for one in commands.all_of_them()} - PEOPLE
    for run in re.findall(r"openucwa (?!on )(meeting [a-z]+|[a-z]+)\b", text):  # but for devices
        assert run in names or run in admin or run in ("meeting", "help", "version"), run
