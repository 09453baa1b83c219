"""Texts that two have changed, merged line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.wire.limits import LONGEST_DESCRIPTION
from openucwa.wire.lines import combined_lines

BASE = "Agenda\n\nNumbers\nPlans\n\nBye"

texts = st.lists(st.sampled_from(["", "a", "b", "c", "d", "e"]), max_size=9).map("\n".join)


@pytest.mark.parametrize(
    ("mine", "theirs", "combined"),
    [
        (
            "Agenda\n\nFigures\nPlans\n\nBye",
            "Agenda\n\nNumbers\nPlans\n\nGood bye",
            "Agenda\n\nFigures\nPlans\n\nGood bye",
        ),
        (
            "Hello\nAgenda\n\nNumbers\nPlans\n\nBye",
            "Agenda\n\nNumbers\nPlans\n\nBye\nNotes",
            "Hello\nAgenda\n\nNumbers\nPlans\n\nBye\nNotes",
        ),
        (
            "Agenda\n\nPlans\n\nBye",
            "Agenda\n\nNumbers\nPlans\nMoney\n\nBye",
            "Agenda\n\nPlans\nMoney\n\nBye",
        ),
        (
            "Agenda\n\nFigures\nPlans\n\nBye",
            "Agenda\n\nFigures\nPlans\n\nGood bye",
            "Agenda\n\nFigures\nPlans\n\nGood bye",
        ),
    ],
    ids=["two lines changed", "lines added at both ends", "one removed, one added", "one the same"],
)
def test_changes_of_different_lines_are_both_taken(mine: str, theirs: str, combined: str) -> None:
    assert combined_lines(BASE, mine, theirs) == combined


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("Agenda\n\nFigures\nPlans\n\nBye", "Agenda\n\nCounts\nPlans\n\nBye"),
        ("Agenda\n\nPlans\n\nBye", "Agenda\n\nCounts\nPlans\n\nBye"),
        (BASE + "\nMine", BASE + "\nTheirs"),
        ("Agenda\n\nFigures\nPlans\n\nBye", "Agenda\n\nNumbers\nIdeas\n\nBye"),
    ],
    ids=["one line twice", "removed and changed", "both added there", "neighbours"],
)
def test_changes_of_the_same_lines_are_not_taken(mine: str, theirs: str) -> None:
    assert combined_lines(BASE, mine, theirs) is None


def test_line_ends_of_windows_stay() -> None:
    assert combined_lines("a\r\nb\r\nc", "A\r\nb\r\nc", "a\r\nb\r\nC") == "A\r\nb\r\nC"


@given(texts, texts, texts)
def test_it_makes_no_difference_which_side_is_mine(base: str, mine: str, theirs: str) -> None:
    assert combined_lines(base, mine, theirs) == combined_lines(base, theirs, mine)


@given(texts, texts)
def test_a_change_of_one_side_is_taken(base: str, changed: str) -> None:
    assert combined_lines(base, changed, base) == changed
    assert combined_lines(base, changed, changed) == changed


@given(texts, texts, texts)
def test_no_line_is_made_up(base: str, mine: str, theirs: str) -> None:
    combined = combined_lines(base, mine, theirs)
    if combined is not None:
        given_lines = {*base.split("\n"), *mine.split("\n"), *theirs.split("\n")}
        assert set(combined.split("\n")) <= given_lines


def numbered(numbers: range, tail: str = "") -> str:
    return "\n".join(f"{number:x}{tail}" for number in numbers)[:LONGEST_DESCRIPTION]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("base", "mine", "theirs"),
    [
        ("\n" * LONGEST_DESCRIPTION, "\n" * (LONGEST_DESCRIPTION - 9) + "a", "b" + "\n" * 32_000),
        (numbered(range(9000)), numbered(range(9000, 0, -1)), numbered(range(9000, 0, -3))),
        (numbered(range(9000)), numbered(range(0, 9000, 2)), numbered(range(0, 9000, 3))),
        ("a\nb\n" * 8192, "b\na\n" * 8192, "a\n" * 16_384),
        (
            "\n".join(f"{n:x}\n" for n in range(5000)),
            "\n".join(f"{n:x}\nm" for n in range(5000)),
            "\n".join(f"{n:x}\nt" for n in range(5000)),
        ),
    ],
    ids=["empty lines", "backwards", "gaps", "two lines over and over", "everywhere"],
)
def test_the_longest_and_oddest_texts_take_no_time(base: str, mine: str, theirs: str) -> None:
    for _ in range(5):
        combined_lines(base, mine, theirs)
