"""What is told of the changes of others that were kept."""

import io
import shlex
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from openucwa.cli.person import others
from openucwa.cli.person.others import KeptChange
from tests.cli.person.authors import by

MEETING: Any = SimpleNamespace(id="PYC58WSY")
KIM = by("sip:kim@contoso.com", datetime(2026, 11, 27, 9, 42, tzinfo=UTC))
ATTENDEES = KeptChange("attendees", ("sip:christopher@contoso.com",), (), KIM)
ACCESS = KeptChange("accessLevel", "SameEnterprise", "Everyone", KIM)
DESCRIPTION = KeptChange("description", "One.\nTwo.", "One.\nThree.", KIM)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(monkeypatch: pytest.MonkeyPatch, *changes: KeptChange) -> list[str]:
    """Tell changes at a terminal of 40 columns, and return its lines."""
    output = Terminal()
    monkeypatch.setattr(sys, "stdout", output)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "dumb")
    others.tell(MEETING, changes)
    return output.getvalue().splitlines()


def test_the_command_that_undoes_a_change_can_be_copied_as_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A terminal wraps it by itself; a line break in it would run a half of the command."""
    command = told(monkeypatch, ATTENDEES, ACCESS)[-1].removeprefix("To undo it: ")
    assert shlex.split(command) == [
        *("openucwa", "meeting", "update", "PYC58WSY"),
        *("--add-attendee=sip:christopher@contoso.com", "--access-level=SameEnterprise"),
    ]


def test_a_change_that_no_option_undoes_is_not_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = " ".join(" ".join(told(monkeypatch, ACCESS, DESCRIPTION)).split())
    assert words.endswith(
        "To undo it: openucwa meeting update PYC58WSY --access-level=SameEnterprise "
        "To undo the change to description: find the version with openucwa meeting history "
        "PYC58WSY and restore it with openucwa meeting restore."
    )
