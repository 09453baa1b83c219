"""JSON: what is read, what is refused, and what is written."""

import json as stdlib
import re
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openucwa.wire import dates, json
from openucwa.wire.errors import (
    DeserializationFailure,
    NotFound,
    ParameterValidationFailure,
    TooManyOnlineMeetings,
)
from openucwa.wire.representation import Link, Representation, Value

KEPT = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""What XML 1.0 can write, and so every format (its production 2, Char)."""

NOON = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)

kept = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | kept,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(kept, inner, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(kept, values, max_size=5)
any_text = st.text(st.characters(categories=None) | st.sampled_from("\x00\x1f\ud83d\ude00\uffff"))


def in_16_bits(text: str) -> str:
    """The text as JSON's escapes spell it, in which two halves of a pair that meet are one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


@st.composite
def nearly_json(draw: st.DrawFn) -> bytes:
    """The JSON of an object, some of which is replaced."""
    body = stdlib.dumps(draw(objects)).encode()
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, len(body)))
    inserted = draw(st.binary(max_size=3) | st.sampled_from([b"[", b"{", b"\\", b"\\u", b'"']))
    return body[:start] + inserted + body[end:]


@given(st.binary() | nearly_json())
def test_whatever_comes_only_the_documented_failure_is_raised(body: bytes) -> None:
    with suppress(DeserializationFailure):
        json.read(body)


@given(nearly_json())
@example(b'{"a": {"b": 1, "b": 2}}')
@example(b'{"a": ":", "a": 2}')
@example(b'{"a": 1e999}')
@example(b'{"a": 123456789012345678901234567890}')
@example(b'{"a": "\x01"}')
@example(b'{"a": "\xed\xa0\x80"}')
def test_plain_bodies_are_read_as_carefully_as_others(body: bytes) -> None:
    """The quick way gives what the careful one gives, or leaves it to that."""
    found = json._read_plain(body)
    assert found is None or found == json._read_carefully(body)


@given(
    objects,
    st.booleans(),
    st.sampled_from([None, 1, "\t"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_every_object_is_read(
    members: dict[str, object], escapes: bool, indent: int | str | None, mark: bytes
) -> None:
    body = stdlib.dumps(members, ensure_ascii=escapes, indent=indent).encode()
    assert json.read(mark + body) == members


@given(any_text, st.booleans())
@example("\ud83d\ude00", False)
@example("\ud83d", False)
@example("\ufffe", False)
@example("\uffff", True)
def test_text_is_read_when_every_format_can_write_it(text: str, names: bool) -> None:
    members = {text: "value"} if names else {"name": {"deeper": [text]}}
    body = stdlib.dumps(members).encode()
    if KEPT.fullmatch(in_16_bits(text)):
        assert json.read(body) == stdlib.loads(body)
    else:
        with pytest.raises(DeserializationFailure, match="character that can't be stored"):
            json.read(body)


@pytest.mark.parametrize("noncharacter", ["\ufffe", "\uffff"])
def test_a_noncharacter_is_refused_without_an_escape_too(noncharacter: str) -> None:
    with pytest.raises(DeserializationFailure, match="character that can't be stored"):
        json.read(f'{{"a":"{noncharacter}"}}'.encode())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is not JSON"),
        (b" \n", "is not JSON"),
        (b"{", "is not JSON"),
        (b'{"a":1,}', "is not JSON"),
        (b'{"a":1} {"b":2}', "is not JSON"),
        (b"{'a':1}", "is not JSON"),
        (b'{"a":1 /* one */}', "is not JSON"),
        (b'{"a":01}', "is not JSON"),
        (b'{"a":"\x00"}', "is not JSON"),
        (b'{"a":"\t"}', "is not JSON"),
        (b'{"a":1}\x00', "is not JSON"),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", "is not JSON"),
        ('{"a":1}'.encode("utf-16-be"), "is not JSON"),
        ('{"a":1}'.encode("utf-16"), "is not UTF-8"),
        ('{"a":"é"}'.encode("latin-1"), "is not UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "is not UTF-8"),
        (b'{"a":"\xc0\x80"}', "is not UTF-8"),
        (b'{"a":NaN}', "contains NaN"),
        (b'{"a":[Infinity]}', "contains Infinity"),
        (b'{"a":-Infinity}', "contains -Infinity"),
        (b'{"a":' + b"1" * 5000 + b"}", "too long"),
        (b'{"a":1e999}', "contains 1e999, which is too large"),
        (b'{"a":[-1.5e400]}', "too large"),
        (b"null", "must be a JSON object"),
        (b"[]", "must be a JSON object"),
        (b'"a"', "must be a JSON object"),
        (b"1", "must be a JSON object"),
    ],
)
def test_what_is_no_object_in_utf_8_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(DeserializationFailure, match=reason):
        json.read(body)


def test_a_refusal_says_where_it_stopped_reading() -> None:
    with pytest.raises(DeserializationFailure, match="line 2, column 5"):
        json.read(b'{\n"a" 1}')


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"b":2,"\\u0061":3}',
        b'{"in":{"deep":[{"a":1,"a":null}]}}',
    ],
)
def test_a_member_that_comes_twice_is_named(body: bytes) -> None:
    with pytest.raises(DeserializationFailure, match="the member 'a' twice"):
        json.read(body)


@pytest.mark.usefixtures("at_once")
def test_a_member_that_comes_twice_is_found_among_very_many() -> None:
    names = [f'"{number}":0' for number in range(5_000)]
    with pytest.raises(DeserializationFailure, match="the member '4999' twice"):
        json.read(f"{{{','.join([*names, names[-1]])}}}".encode())


def nested(depth: int, opening: str, closing: str) -> bytes:
    """An object of so many levels."""
    return f'{{"a":{opening * (depth - 1)}0{closing * (depth - 1)}}}'.encode()


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_input_may_nest_as_deep_as_the_limit(opening: str, closing: str) -> None:
    json.read(nested(json.DEEPEST, opening, closing))
    for depth in (json.DEEPEST + 1, 15_000):
        with pytest.raises(DeserializationFailure, match="nested deeper than 32 levels"):
            json.read(nested(depth, opening, closing))


def test_brackets_in_text_and_side_by_side_do_not_nest() -> None:
    members = {"text": "[{" * 100, "lists": [[{}]] * 100}
    assert json.read(stdlib.dumps(members).encode()) == members


@given(
    st.dictionaries(
        kept,
        kept | st.integers(-(2**63), 2**64 - 1) | st.booleans() | st.lists(kept, max_size=3),
        max_size=4,
    )
)
def test_a_representation_is_written_on_one_line_and_read_again(
    properties: dict[str, Value],
) -> None:
    written = json.write(Representation("some", "/some", properties=properties))
    assert b"\n" not in written
    served = {"_links": {"self": {"href": "/some"}}, "rel": "some"}
    assert json.read(written) == {**properties, **served}


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_date_is_written_with_escaped_slashes(moment: datetime) -> None:
    written = json.write(Representation("some", "/some", properties={"at": moment}))
    count = dates.milliseconds(moment)
    assert f'"at":"\\/Date({count})\\/"'.encode() in written
    assert dates.parse(stdlib.loads(written)["at"]) == dates.from_milliseconds(count)


def test_text_that_looks_like_a_date_is_none() -> None:
    written = json.write(Representation("some", "/some", properties={"text": "/Date(0)/"}))
    assert b'"text":"/Date(0)/"' in written


class Colour(StrEnum):
    RED = "Red"


def test_members_stand_in_the_order_of_the_original() -> None:
    inner = Representation("inner", "/inner", etag="5")
    outer = Representation(
        "outer",
        "/outer",
        properties={"z": "last first", "colours": (Colour.RED,), "count": 2},
        links={"next": Link("/next"), "before": Link("/before")},
        embedded={"one": inner, "many": [inner, inner], "none": []},
        etag="3109609770",
    )
    within = '{"_links":{"self":{"href":"/inner"}},"rel":"inner","etag":"5"}'
    assert json.write(outer).decode() == (
        '{"z":"last first","colours":["Red"],"count":2,'
        '"_links":{"self":{"href":"/outer"},"next":{"href":"/next"},"before":{"href":"/before"}},'
        f'"_embedded":{{"one":{within},"many":[{within},{within}],"none":[]}},'
        '"rel":"outer","etag":"3109609770"}'
    )


def test_a_link_tells_a_revision_and_a_title_where_there_are_such() -> None:
    """The revision is text."""
    links = {"one": Link("/one", revision=2), "two": Link("/two", title="Dana")}
    written = stdlib.loads(json.write(Representation("some", "/some", links=links, revision=3)))
    assert written["_links"] == {
        "self": {"href": "/some", "revision": "3"},
        "one": {"href": "/one", "revision": "2"},
        "two": {"href": "/two", "title": "Dana"},
    }


def test_a_resource_of_autodiscovery_has_no_rel() -> None:
    assert (
        json.write(Representation("root", "/", titled=False)) == b'{"_links":{"self":{"href":"/"}}}'
    )


def test_an_error_says_its_code_and_what_to_do() -> None:
    assert stdlib.loads(json.write_error(NotFound("Look elsewhere."))) == {
        "code": "NotFound",
        "message": "Look elsewhere.",
    }
    assert stdlib.loads(json.write_error(TooManyOnlineMeetings("Delete one."))) == {
        "code": "Conflict",
        "subcode": "TooManyOnlineMeetings",
        "message": "Delete one.",
    }


def test_an_error_names_the_parameters_to_correct() -> None:
    written = stdlib.loads(json.write_error(ParameterValidationFailure({"subject": "is missing"})))
    assert written["parameters"] == {"subject": "is missing"}


def test_an_error_may_tell_more_and_show_what_it_is_about() -> None:
    written = json.write_error(
        NotFound("Gone."), {"at": NOON, "by": "sip:dana@contoso.com"}, Representation("some", "/1")
    )
    assert b'"at":"\\/Date(1801396800000)\\/","by":"sip:dana@contoso.com"' in written
    assert stdlib.loads(written)["_embedded"] == {
        "some": {"_links": {"self": {"href": "/1"}}, "rel": "some"}
    }


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("value", [b"1", b"{}", b'""', b"[]", b'{"a":"b"}', b'"\\u0041"'])
def test_more_values_than_a_resource_has_are_refused(value: bytes) -> None:
    with pytest.raises(DeserializationFailure, match="more than 20000 values"):
        json.read(b'{"a":[' + b",".join([value] * 100_000) + b"]}")


def test_marks_within_texts_are_no_values() -> None:
    text = ',[{"\\' * 30_000
    assert json.read(msgspec.json.encode({"a": text, "b": ["x"] * 4000}))["a"] == text
