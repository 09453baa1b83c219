"""The input of a request: what it gives, and what is wrong with it."""

import json as stdlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.domain.applications import Registration
from openucwa.domain.extensions import Attributes
from openucwa.domain.meetings import Details
from openucwa.wire import json, xml
from openucwa.wire.errors import DeserializationFailure, ParameterValidationFailure, UcwaError
from openucwa.wire.given import Given, from_text, read, with_query
from tests.inputs import in_query, in_xml

NOON = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)


class Colour(StrEnum):
    RED = "Red"
    BLUE = "Blue"


class Wish(msgspec.Struct, kw_only=True, rename="camel"):
    """One member of every type that inputs have."""

    plain: str
    short_text: Annotated[str, msgspec.Meta(max_length=5)] = ""
    favourite_colour: Colour
    second_colour: Colour | None = None
    wanted_at: datetime | None = None
    friends: Annotated[tuple[str, ...], msgspec.Meta(max_length=2)] = ()
    how_many: int = 1
    is_urgent: bool = False


RIGHT: dict[str, object] = {
    "plain": "text",
    "shortText": "12345",
    "favouriteColour": "Blue",
    "secondColour": "Red",
    "wantedAt": "2027-01-31T12:00:00Z",
    "friends": ["Dana", "Chris"],
    "howMany": 2,
    "isUrgent": True,
}
WISH = Wish(
    plain="text",
    short_text="12345",
    favourite_colour=Colour.BLUE,
    second_colour=Colour.RED,
    wanted_at=NOON,
    friends=("Dana", "Chris"),
    how_many=2,
    is_urgent=True,
)
WRONG: dict[str, list[object]] = {
    "plain": [1, [], {}],
    "shortText": ["123456", 1],
    "favouriteColour": ["blue", "Green", "", 1],
    "secondColour": ["red", 1],
    "wantedAt": ["soon", "", 1_801_396_800_000, "/Date(999999999999999)/"],
    "friends": ["Dana", [1], [None], ["a", "b", "c"], {}],
    "howMany": ["2", 2.5, True],
    "isUrgent": ["true", 0],
}
EXPECTED = {
    "plain": "must be a string",
    "shortText": "must be a string, of at most 5 characters",
    "favouriteColour": "must be one of Red, Blue",
    "secondColour": "must be one of Red, Blue",
    "wantedAt": "must be a date such as 2027-01-31T15:00:00Z or /Date(1801407600000)/",
    "friends": "must be a list of strings, of at most 2 items",
    "howMany": "must be a whole number",
    "isUrgent": "must be true or false",
}

names = st.sampled_from(list(RIGHT))
some_names = st.lists(names, unique=True)
wrong_members = st.lists(names, unique=True, min_size=1).flatmap(
    lambda wrong: st.fixed_dictionaries({name: st.sampled_from(WRONG[name]) for name in wrong})
)


@st.composite
def in_any_case(draw: st.DrawFn, name: str) -> str:
    upper = draw(st.lists(st.booleans(), min_size=len(name), max_size=len(name)))
    return "".join(one.upper() if up else one.lower() for one, up in zip(name, upper, strict=True))


@given(st.data(), some_names)
def test_members_are_found_in_whatever_case_they_are_spelled(
    data: st.DataObject, chosen: list[str]
) -> None:
    members = {data.draw(in_any_case(name)): RIGHT[name] for name in chosen}
    given = read(Wish, members)
    assert len(given.values) == len(chosen)
    assert all(getattr(WISH, name) == value for name, value in given.values.items())
    assert given.others == {}


@pytest.mark.parametrize("name", RIGHT)
def test_an_explicit_null_means_not_given(name: str) -> None:
    given = read(Wish, {**RIGHT, name: None})
    assert len(given.values) == len(RIGHT) - 1
    assert given.over(WISH) == WISH


@pytest.mark.parametrize(
    "date",
    [
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "0001-01-01T00:00:00-08:00",
        "/Date(-62135596800000)/",
    ],
)
def test_a_date_in_year_1_means_not_given(date: str) -> None:
    assert read(Wish, {"wantedAt": date}).values == {}


@given(wrong_members)
def test_every_wrong_member_is_named_and_told_what_it_must_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ParameterValidationFailure) as raised:
        read(Wish, {**RIGHT, **wrong})
    assert raised.value.parameters == {name: EXPECTED[name] for name in wrong}


def test_a_member_that_comes_in_two_spellings_is_refused() -> None:
    with pytest.raises(DeserializationFailure, match="the member 'howmany' twice"):
        read(Wish, {"howMany": 1, "other": 1, "HOWMANY": 1})


@pytest.mark.usefixtures("at_once")
def test_two_spellings_are_found_among_very_many_members() -> None:
    members = {f"a{number}": 0 for number in range(50_000)}
    with pytest.raises(DeserializationFailure, match="the member 'a49999' twice"):
        read(Wish, {**members, "A49999": 0})


@given(some_names)
def test_what_is_left_out_is_the_default(chosen: list[str]) -> None:
    default = Wish(plain="nothing", favourite_colour=Colour.RED)
    wanted = read(Wish, {name: RIGHT[name] for name in chosen}).over(default)
    for field in msgspec.structs.fields(Wish):
        source = WISH if field.encode_name in chosen else default
        assert getattr(wanted, field.name) == getattr(source, field.name)


@given(some_names)
def test_a_whole_input_names_what_it_misses(chosen: list[str]) -> None:
    missing = {"plain", "favouriteColour"}.difference(chosen)
    given = read(Wish, {name: RIGHT[name] for name in chosen})
    if missing:
        with pytest.raises(ParameterValidationFailure) as raised:
            given.complete()
        assert raised.value.parameters == dict.fromkeys(missing, "is missing")
    else:
        assert given.complete() == given.over(Wish(plain="", favourite_colour=Colour.RED))


def test_members_that_the_type_does_not_know_are_kept_as_they_came() -> None:
    given = read(Wish, {**RIGHT, "Etag": None, "_links": {}})
    assert given.others == {"Etag": None, "_links": {}}


texts = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
some_members: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {},
    optional={
        "plain": texts,
        "shortText": st.text("abc ", max_size=7),
        "favouriteColour": st.sampled_from(["Red", "Blue", "blue", "Green"]),
        "wantedAt": st.sampled_from(
            ["2027-01-31T12:00:00Z", "/Date(1801396800000)/", "0001-01-01T00:00:00", "soon"]
        ),
        "friends": st.lists(texts, min_size=1, max_size=3),
        "howMany": st.integers(-(10**17), 10**17),
        "isUrgent": st.booleans(),
        "unknown": texts,
    },
)


def outcome(read_it: Callable[[], Given[Wish]]) -> object:
    """The values that are given, or the parameters that are wrong."""
    try:
        return read_it().values
    except ParameterValidationFailure as failure:
        return failure.parameters


@given(some_members)
def test_the_same_is_given_in_every_form(members: dict[str, object]) -> None:
    in_json = outcome(lambda: read(Wish, json.read(stdlib.dumps(members).encode())))
    from_xml = from_text(Wish, xml.read(in_xml(members)))
    assert outcome(lambda: read(Wish, from_xml)) == in_json
    query = {name.lower(): values for name, values in parse_qs(in_query(members), True).items()}
    if any(text.strip() for text in query.get("friends", ["Dana"])):  # what is empty gives no list
        assert outcome(lambda: read(Wish, with_query(Wish, {}, query))) == in_json


class TestText:
    """XML and queries know only text."""

    @pytest.mark.parametrize("text", ["true", "True", "TRUE", "1", " true\n"])
    def test_true(self, text: str) -> None:
        assert self.given(isUrgent=text) == {"is_urgent": True}

    @pytest.mark.parametrize("text", ["false", "False", "0"])
    def test_false(self, text: str) -> None:
        assert self.given(isUrgent=text) == {"is_urgent": False}

    @pytest.mark.parametrize("text", ["2", " 2 ", "+2", "002"])
    def test_whole_number(self, text: str) -> None:
        assert self.given(howMany=text) == {"how_many": 2}

    def test_one_text_is_a_list_of_one(self) -> None:
        assert self.given(friends="Dana") == {"friends": ("Dana",)}
        assert self.given(friends=" Dana") == {"friends": (" Dana",)}
        assert self.given(friends=["Dana"]) == {"friends": ("Dana",)}
        assert self.given(friends=[]) == {"friends": ()}

    def test_space_belongs_to_text_alone(self) -> None:
        assert self.given(plain=" a ", favouriteColour=" Red ") == {
            "plain": " a ",
            "favourite_colour": Colour.RED,
        }

    @pytest.mark.parametrize("text", ["", " \n"])
    def test_what_is_empty_gives_only_text(self, text: str) -> None:
        assert self.given(**dict.fromkeys(RIGHT, text)) == {"plain": text, "short_text": text}

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("favouriteColour", "blue"),
            ("wantedAt", "soon"),
            ("howMany", "2.5"),
            ("howMany", "9" * 5000),
            ("howMany", "\u0662"),
            ("isUrgent", "yes"),
            ("plain", ["a", "b"]),
            ("howMany", ["1"]),
        ],
    )
    def test_what_is_wrong_is_told_as_in_json(self, name: str, text: object) -> None:
        with pytest.raises(ParameterValidationFailure) as raised:
            self.given(**{name: text})
        assert raised.value.parameters == {name: EXPECTED[name]}

    def test_others_are_kept_as_they_came(self) -> None:
        members = from_text(Wish, {"number": "1", "list": ["1"]})
        assert read(Wish, members).others == {"number": "1", "list": ["1"]}

    @staticmethod
    def given(**members: object) -> Mapping[str, object]:
        return read(Wish, from_text(Wish, members)).values


class TestQuery:
    """QueryParameters.md: what POST is given may stand in the query, too."""

    def test_body_wins(self) -> None:
        query = {"plain": ["query"], "howmany": ["2"]}
        for body in ({"plain": "body"}, {"PLAIN": "body"}):
            given = read(Wish, with_query(Wish, body, query))
            assert given.values == {"plain": "body", "how_many": 2}

    def test_body_wins_over_what_would_be_wrong(self) -> None:
        assert read(Wish, with_query(Wish, {"howMany": 1}, {"howmany": ["x"]})).values == {
            "how_many": 1
        }

    def test_null_gives_nothing_to_win(self) -> None:
        given = read(Wish, with_query(Wish, {"plain": None}, {"plain": ["query"]}))
        assert given.values == {"plain": "query"}

    def test_unknown_names_are_ignored(self) -> None:
        given = read(Wish, with_query(Wish, {"own": 1}, {"sessioncontext": ["\udcff"]}))
        assert given.others == {"own": 1}

    def test_what_is_wrong_in_either_is_named_at_once(self) -> None:
        with pytest.raises(ParameterValidationFailure) as raised:
            read(Wish, with_query(Wish, {"plain": 1}, {"howmany": ["x"]}))
        assert set(raised.value.parameters) == {"plain", "howMany"}

    @pytest.mark.parametrize("text", ["\udcff", "\x00"])
    def test_text_that_can_not_be_kept_is_refused(self, text: str) -> None:
        with pytest.raises(DeserializationFailure, match="can't be stored"):
            with_query(Wish, {}, {"plain": [text]})


json_like: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("type", [Wish, Details, Registration, Attributes])
@given(st.data())
def test_whatever_comes_only_documented_failures_are_raised(
    type: type[msgspec.Struct], data: st.DataObject
) -> None:
    known = st.sampled_from([field.encode_name for field in msgspec.structs.fields(type)])
    members: Mapping[str, object] = data.draw(
        st.dictionaries(known.flatmap(in_any_case) | st.text(), json_like, max_size=6)
    )
    with suppress(UcwaError):
        read(type, members).complete()
    with suppress(UcwaError):
        read(type, from_text(type, members)).complete()
