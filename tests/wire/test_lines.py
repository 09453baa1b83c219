"""Texts that two have changed, merged line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.wire.limits import LONGEST_DESCRIPTION
from openucwa.wire.lines import combined_lines, split

BASE = "Agenda\n\nNumbers\nPlans\n\nBye"

lines = st.tuples(
    st.sampled_from(["", "a", "b", "c", "d", "e"]), st.sampled_from(["\n", "\n", "\r\n", "\r"])
)
texts = st.lists(lines.map("".join), max_size=9).map("".join)


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


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "combined"),
    [
        ("a\r\nb\r\nc", "A\r\nb\r\nc", "a\r\nb\r\nC", "A\r\nb\r\nC"),
        ("a\nb\nc", "A\r\nb\r\nc", "a\nb\nC\nd", "A\r\nb\r\nC\r\nd"),
        ("a\nb\nc", "a\r\nb\r\nc", "a\nb\nC", "a\r\nb\r\nC"),
        ("a\r\nb\r\nc", "A\r\nb\r\nc", "a\nb\nC", "A\nb\nC"),
        ("a\rb\rc", "A\nb\nc", "a\r\nb\r\nC", "A\r\nb\r\nC"),
        ("a", "a\r\nb", "a", "a\r\nb"),
        ("a\nb\r\nc\nd", "A\nb\r\nc\nd", "a\nb\r\nc\nD", "A\nb\nc\nD"),
    ],
    ids=["all CRLF", "mine to CRLF", "mine alone", "to LF", "each another", "one line", "mixed"],
)
def test_how_lines_end_never_clashes(base: str, mine: str, theirs: str, combined: str) -> None:
    assert combined_lines(base, mine, theirs) == combined
    assert combined_lines(base, theirs, mine) == combined


@given(texts, texts, texts)
def test_it_makes_no_difference_which_side_is_mine(base: str, mine: str, theirs: str) -> None:
    assert combined_lines(base, mine, theirs) == combined_lines(base, theirs, mine)


@given(texts, texts)
def test_a_change_of_one_side_is_taken(base: str, changed: str) -> None:
    assert combined_lines(base, changed, base) == changed
    assert combined_lines(base, changed, changed) == changed


@given(texts, texts, texts)
def test_line_ends_decide_nothing_but_line_ends(base: str, mine: str, theirs: str) -> None:
    """The same lines, all with LF, merge to the same."""
    combined = combined_lines(base, mine, theirs)
    plain = combined_lines(*("\n".join(split(one)) for one in (base, mine, theirs)))
    assert (combined is None) == (plain is None)
    if combined is not None and plain is not None:
        assert split(combined) == split(plain)


@given(texts, texts, texts)
def test_no_line_is_made_up(base: str, mine: str, theirs: str) -> None:
    combined = combined_lines(base, mine, theirs)
    if combined is not None:
        assert set(split(combined)) <= {*split(base), *split(mine), *split(theirs)}


def numbered(numbers: range, tail: str = "") -> str:
    return "\n".join(f"{number:x}{tail}" for number in numbers)[:LONGEST_DESCRIPTION]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("base", "mine", "theirs"),
    [
        ("\n" * LONGEST_DESCRIPTION, "\n" * (LONGEST_DESCRIPTION - 9) + "a", "b" + "\n" * 32_000),
        (numbered(range(9000)), numbered(range(9000, 0, -1)), numbered(range(9000, 0, -3))),
        (numbered(range(9000)), numbered(range(0, 9000, 2)), numbered(range(0, 9000, 3))),
        ("\r\n" * 16_384, "\r" * 32_768, "\r\n\n" * 10_922 + "b"),
        ("a\nb\n" * 8192, "b\na\n" * 8192, "a\n" * 16_384),
        (
            "\n".join(f"{n:x}\n" for n in range(5000)),
            "\n".join(f"{n:x}\nm" for n in range(5000)),
            "\n".join(f"{n:x}\nt" for n in range(5000)),
        ),
    ],
    ids=["empty lines", "backwards", "gaps", "line ends", "two lines over and over", "everywhere"],
)
def test_the_longest_and_oddest_texts_take_no_time(base: str, mine: str, theirs: str) -> None:
    for _ in range(5):
        combined_lines(base, mine, theirs)
