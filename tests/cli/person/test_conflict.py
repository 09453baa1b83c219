"""What a person sees of a clash, and how she answers."""

import builtins
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from openucwa.cli.person import conflict
from openucwa.cli.person.conflict import Undecided
from openucwa.wire.merge import Conflict
from tests.cli.person.authors import by

KIM = by("sip:kim@contoso.com", datetime(2026, 11, 21, 9, 42, tzinfo=UTC))
SUBJECT = Conflict("subject", base="Weekly", theirs="Weekly (moved)", mine="Q3 review")
ACCESS = Conflict("accessLevel", base="None", theirs="Locked", mine="Everyone")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed, line by line; then the input ends."""
    typed: list[str] = []

    def read(question: str) -> str:
        if not typed:
            raise EOFError
        return typed.pop(0)

    monkeypatch.setattr(builtins, "input", read)
    return typed


def no_editor(found: Conflict) -> object:
    raise AssertionError(found)


def shown(capsys: pytest.CaptureFixture[str], *conflicts: Conflict) -> list[str]:
    conflict.show({one.name: one for one in conflicts}, KIM)
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_the_three_versions_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, ACCESS, SUBJECT) == [
        "              before  kim, 2026-11-21 10:42  yours",
        "subject       Weekly  Weekly (moved)         Q3 review",
        "access level  None    Locked                 Everyone",
    ]


def test_who_is_not_known_is_somebody() -> None:
    assert by().heading == "Somebody"
    assert by("sip:Kim@contoso.com").heading == "Kim"


def test_of_lists_only_those_who_differ_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    chris, alex, lene = "sip:chris@contoso.com", "sip:alex@contoso.com", "sip:lenea@contoso.com"
    found = Conflict("attendees", (chris, alex), (chris, alex, lene), ("sip:CHRIS@contoso.com",))
    _, row = shown(capsys, found)
    assert row.split("  ")[0] == "attendees"
    assert [cell.strip() for cell in row.split("  ") if cell.strip()][1:] == [
        "alex and 1 more",
        "alex, lenea and 1 more",
        "1 only",
    ]


def test_of_long_texts_only_the_lines_that_differ_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = [f"line {number}" for number in range(50)]
    theirs = [*lines[:20], "theirs", *lines[21:]]
    mine = [*lines[:20], *(f"mine {number}" for number in range(12)), *lines[21:]]
    base, yours, other = ("\n".join(one) for one in (lines, mine, theirs))
    found = Conflict("description", base=base, theirs=other, mine=yours)
    rows = shown(capsys, found)
    assert rows[1].split() == ["description", "line", "20", "theirs", "mine", "0"]
    assert len(rows) == 10
    assert rows[-1].strip() == "… 4 more lines"


def test_what_others_have_written_can_not_steer_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = Conflict("subject", "a", "\x1b]0;evil\x07\x9b2J\u202eb", "c")
    assert not set("\x1b\x07\x9b\u202e") & set("\n".join(shown(capsys, found)))


def test_nothing_is_chosen_beforehand(answers: list[str]) -> None:
    answers += ["", "x", "mt", "m"]
    found = conflict.decide({"subject": SUBJECT}, KIM, no_editor)
    assert found == {"subject": "Q3 review"}
    assert not answers


def test_each_clash_is_decided_by_itself(answers: list[str]) -> None:
    answers += ["theirs", "m"]
    found = conflict.decide({"accessLevel": ACCESS, "subject": SUBJECT}, KIM, no_editor)
    assert found == {"subject": "Weekly (moved)", "accessLevel": "Everyone"}


@pytest.mark.parametrize("typed", [["q"], ["m", "q"], ["m"], []])
def test_quitting_or_the_end_of_the_input_decides_nothing(
    answers: list[str], typed: list[str]
) -> None:
    answers += typed
    conflicts = {"accessLevel": ACCESS, "subject": SUBJECT}
    assert conflict.decide(conflicts, KIM, no_editor) is None


def test_who_leaves_the_editor_is_asked_again(
    answers: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    edited: Iterator[object] = iter([Undecided("The text is empty."), "Q4"])

    def edit(found: Conflict) -> object:
        value = next(edited)
        if isinstance(value, Exception):
            raise value
        return value

    answers += ["e", "e"]
    assert conflict.decide({"subject": SUBJECT}, KIM, edit) == {"subject": "Q4"}
    assert "The text is empty." in capsys.readouterr().out


def test_marks_can_be_told_from_a_text() -> None:
    found = conflict.marked(Conflict("description", "a", "1\nb\n====\n2", "1\nc\n2"), KIM)
    assert found.split("\n") == [
        "1",
        "<<<<<<< yours",
        "c",
        "=======",
        "b",
        "====",
        ">>>>>>> kim, 2026-11-21 10:42",
        "2",
    ]
    assert conflict.has_marks(found)
    assert not conflict.has_marks("a < b\n======= \n>> c")


def test_of_a_long_line_the_place_is_shown_where_it_differs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    long = "The figures of all regions are discussed, and then those of the year before. " * 5
    base, theirs, mine = (f"{long}Room {room}. {long}" for room in ("one", "two", "three"))
    text = " ".join(shown(capsys, Conflict("description", base=base, theirs=theirs, mine=mine)))
    assert all(f"Room {room}" in " ".join(text.split()) for room in ("one", "two", "three"))


def test_says_why_settings_are_decided_together(
    answers: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    answers += ["m", "m"]
    lobby = Conflict("lobbyBypassForPhoneUsers", "Disabled", "Disabled", "Enabled")
    conflict.decide({"accessLevel": ACCESS, "lobbyBypassForPhoneUsers": lobby}, KIM, no_editor)
    assert "together decide who gets in" in " ".join(capsys.readouterr().out.split())
    answers += ["m"]
    conflict.decide({"subject": SUBJECT}, KIM, no_editor)
    assert "together" not in capsys.readouterr().out
