"""The commands that the tutorial prints, run at the terminals of those who type them."""

import doctest
import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.person.terminal import Editor, Terminal
from tests.docs.conftest import PRINTED
from tests.docs.pages import PROJECT, Block, blocks

ID = "PYC58WSY"
"""The id of the meeting, as the tutorial prints it."""
TYPED = {"Password of": "demo", "[q]uit": "t"}
"""What the person types, by what she is asked."""
EDITS = ["s/^subject:.*/subject: Q3 review/", "s/^subject:.*/subject: Q4 review/"]
"""What she does each time that her editor is open."""


class People:
    """Those who do what the page says: the prompt of a command names who types it."""

    def __init__(self, home: Path, address: str, stack: ExitStack) -> None:
        self._home = home
        self._address = address
        self._id = ID
        self._stack = stack
        self._edits = iter(enumerate(EDITS))
        self._open: tuple[Terminal, Editor] | None = None

    def follows(self, block: Block) -> Iterator[str]:
        """Do it; returns where something else is printed."""
        if block.language == "text":
            assert self._open is not None, f"line {block.line}: no editor is open"
            terminal, editor = self._open
            editor.go_on()
            yield from self._difference(terminal, block.text, block.line)
            return
        for who, command, shown in re.findall(
            r"^(\w*)\$ (.*)\n((?:(?!\w*\$ ).*\n)*)", block.text, re.MULTILINE
        ):
            variables = {"UCWA_ACCOUNT": f"{who}@contoso.com"}
            program, *arguments = shlex.split(self._here(command))
            if program != "openucwa":
                continue
            if arguments[:2] == ["meeting", "edit"]:
                self._open = self._edited(arguments, **variables)
            else:
                terminal = self._terminal(arguments, **variables)
                yield from self._difference(terminal, shown, block.line)

    def _here(self, text: str) -> str:
        return text.replace(PRINTED, self._address).replace(ID, self._id)

    def _terminal(self, arguments: list[str], **variables: str) -> Terminal:
        named = {"UCWA_DEVICE": "laptop", **variables}
        terminal = Terminal(self._home, *arguments, columns=120, **named)
        return self._stack.enter_context(terminal)

    def _edited(self, arguments: list[str], **variables: str) -> tuple[Terminal, Editor]:
        number, script = next(self._edits)
        editor = Editor(self._home / f"editor{number}", script, waits=True)
        terminal = self._terminal(arguments, EDITOR=editor.command, **variables)
        editor.opened()
        return terminal, editor

    def _difference(self, terminal: Terminal, shown: str, line: int) -> Iterator[str]:
        for asked, answer in TYPED.items():
            if asked in shown:
                terminal.sees(asked)
                terminal.types(answer)
        status = terminal.ends()
        found = f"{terminal.text}\n"
        if scheduled := re.match(r"Scheduled (\w+),", found):
            self._id = scheduled[1]
        found = _at_one_time(found.replace(self._address, PRINTED))
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        is_shown = doctest.OutputChecker().check_output(
            _at_one_time(shown), found.replace(self._id, ID), flags
        )
        if status != 0 or not is_shown:
            yield f"line {line}: status {status}, and printed:\n{found}instead of:\n{shown}"


def _at_one_time(text: str) -> str:
    return re.sub(r"\b\d\d:\d\d\b", "10:42", text)


@pytest.mark.slow
def test_the_commands_of_the_tutorial_print_what_is_shown(address: str, tmp_path: Path) -> None:
    tutorial = PROJECT / "docs" / "tutorial.md"
    before, _, _ = tutorial.read_text().partition("## The same at the command line")
    with ExitStack() as stack:
        people = People(tmp_path, address, stack)
        ahead = [one for one in blocks(tutorial) if one.line > before.count("\n")]
        found = [one for block in ahead for one in people.follows(block)]
    assert ahead
    assert not found, "\n".join(found)
