"""Extensions: which members are kept."""

from collections.abc import Collection, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.domain.extensions import (
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_MEMBERS,
    validated,
    validated_id,
)
from openucwa.wire.errors import ParameterValidationFailure

names = st.from_regex(r"[a-zA-Z_é][\w.:-]{0,5}", fullmatch=True)


def wrong(members: Mapping[str, object]) -> Mapping[str, str]:
    """What is named to correct."""
    with pytest.raises(ParameterValidationFailure) as raised:
        validated(members)
    return raised.value.parameters


@given(st.dictionaries(names, st.text(max_size=10), max_size=5))
def test_strings_under_plain_names_are_kept_as_they_are(members: dict[str, object]) -> None:
    assert validated(members) == members


@pytest.mark.parametrize("name", ["rel", "etag", "href", "title", "_links", "_embedded", "ETag"])
def test_names_that_formats_use_themselves_are_ignored(name: str) -> None:
    assert validated({name: "x", "colour": "red"}) == {"colour": "red"}


@pytest.mark.parametrize("name", ["", "1st", "a b", "-a", "a/b", 'a"', "a\x00", "a\n", "é" * 101])
def test_a_name_that_some_format_could_not_write_is_named(name: str) -> None:
    assert list(wrong({name: "value", "colour": "red"})) == [name[:LONGEST_NAME]]


@pytest.mark.parametrize("value", [1, True, [], {}, "a" * (LONGEST_VALUE + 1)])
def test_a_value_that_is_not_kept_is_named(value: object) -> None:
    assert list(wrong({"colour": "red", "size": value, "shape": value})) == ["size", "shape"]


def test_there_are_limits_to_what_is_kept() -> None:
    most: dict[str, object] = {
        f"a{number:099}": "b" * LONGEST_VALUE for number in range(MOST_MEMBERS)
    }
    assert validated(most) == most
    assert list(wrong({**most, "one": "more", "two": "more"})) == ["one"]


def named(members: Mapping[str, object]) -> Collection[str]:
    """What is named to correct, if anything."""
    try:
        validated(members)
    except ParameterValidationFailure as failure:
        return failure.parameters
    return ()


@given(
    st.dictionaries(
        names | st.text(max_size=LONGEST_NAME), st.text() | st.integers() | st.none(), max_size=5
    )
)
def test_without_what_is_named_the_rest_is_kept(members: dict[str, object]) -> None:
    rest = {name: value for name, value in members.items() if name not in named(members)}
    kept = validated(rest)
    assert validated(kept) == kept
    assert kept.items() <= rest.items()


def test_a_new_id_is_fit_for_a_url_and_never_the_same() -> None:
    ids = {validated_id("") for _ in range(100)}
    assert len(ids) == 100
    assert all(id.isascii() and id.isalnum() for id in ids)


@pytest.mark.parametrize("id", ["917823", "ticket", "a.b", "urn:x:1", "_", "é", "a" * 100])
def test_an_id_that_fits_a_path_is_kept(id: str) -> None:
    assert validated_id(id) == id


@pytest.mark.parametrize("id", [".", "..", "...", " ", "a b", "a/b", "a?b", "-", "{1}", "a\n"])
def test_an_id_that_would_lead_elsewhere_is_refused(id: str) -> None:
    with pytest.raises(ParameterValidationFailure) as raised:
        validated_id(id)
    assert list(raised.value.parameters) == ["id"]
