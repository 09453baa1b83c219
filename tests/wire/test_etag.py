"""Entity tags, and the conditions that name them."""

import re
from contextlib import suppress
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.wire.etag import MOST_TAGS, Condition, parse_condition, quoted


class Element(NamedTuple):
    """A tag of a list: as it is sent, and as it is meant."""

    sent: str
    tag: str
    weak: bool = False


tags = st.text(st.sampled_from([chr(code) for code in (0x21, *range(0x23, 0x7F), 0xE9, 0xFF)]))
bare = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)
elements = st.one_of(
    tags.map(lambda tag: Element(f'"{tag}"', tag)),
    tags.map(lambda tag: Element(f'W/"{tag}"', tag, weak=True)),
    bare.map(lambda tag: Element(tag, tag)),
)
spaces = st.text(" \t", max_size=3)


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, list[Element]]:
    """A header with some tags, spaced in some way, and what it names."""
    found = draw(st.lists(elements, min_size=1, max_size=5))
    return ",".join(draw(spaces) + one.sent + draw(spaces) for one in found), found


@given(conditions())
def test_every_tag_of_a_list_is_read(condition: tuple[str, list[Element]]) -> None:
    header, found = condition
    assert parse_condition(header) == Condition(
        any=False,
        strong=tuple(one.tag for one in found if not one.weak),
        weak=tuple(one.tag for one in found if one.weak),
    )


@pytest.mark.parametrize(
    ("header", "strong", "weak"),
    [
        ('"3109609770"', ("3109609770",), ()),
        ("3109609770", ("3109609770",), ()),
        ('W/"3109609770"', (), ("3109609770",)),
        ('"1", W/"2",3', ("1", "3"), ("2",)),
        ('\t"1" ,\t"2" ', ("1", "2"), ()),
        ('"a,b"', ("a,b",), ()),
        ('""', ("",), ()),
        ('"1",', ("1",), ()),
        (', "1",, ,"2"', ("1", "2"), ()),
        ('"*"', ("*",), ()),
    ],
)
def test_forms_that_clients_send(
    header: str, strong: tuple[str, ...], weak: tuple[str, ...]
) -> None:
    assert parse_condition(header) == Condition(any=False, strong=strong, weak=weak)


@pytest.mark.parametrize("header", ["*", " *", "* ", "\t*\t"])
def test_a_star_names_any_version(header: str) -> None:
    condition = parse_condition(header)
    assert condition.matches_strongly("1")
    assert condition.matches_weakly("1")


def test_a_star_among_tags_is_no_star() -> None:
    assert not parse_condition('*, "1"').matches_weakly("2")


def test_a_weak_tag_matches_weakly_only() -> None:
    condition = parse_condition('"1", W/"2"')
    assert [tag for tag in "123" if condition.matches_strongly(tag)] == ["1"]
    assert [tag for tag in "123" if condition.matches_weakly(tag)] == ["1", "2"]


@pytest.mark.parametrize(
    "header", ['"1', '1"', '"1" "2"', "1 2", 'w/"1"', 'W/ "1"', '"a b"', '"1"\n', "é", '"\u0100"']
)
def test_what_is_no_list_of_tags_is_refused(header: str) -> None:
    with pytest.raises(ValueError, match=re.escape(header)):
        parse_condition(header)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("filling", [" ", ",", "a", '"",', " ,\t"])
def test_a_long_header_takes_no_longer_than_it_must(filling: str) -> None:
    with pytest.raises(ValueError, match="¡"):
        parse_condition(filling * 30_000 + "¡")


@given(st.text() | st.text('W/"*, \t\n1a\xff'))
def test_nonsense_raises_value_error_only(header: str) -> None:
    with suppress(ValueError):
        parse_condition(header)


@given(tags)
def test_a_tag_in_quotes_names_itself(tag: str) -> None:
    assert parse_condition(quoted(tag)).strong == (tag,)


def test_a_header_names_so_many_tags() -> None:
    tags = [f'"{number}"' for number in range(MOST_TAGS)]
    assert len(parse_condition(", ".join(tags)).strong) == MOST_TAGS
    for header in (", ".join([*tags, '"x"']), "," * (MOST_TAGS + 1)):
        with pytest.raises(ValueError, match=re.escape(header)):
            parse_condition(header)
