"""Resources as servers show them."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.client.resource import Resource, encode
from openucwa.wire.enums import AccessLevel

MOMENT = datetime(2026, 12, 1, 15, 30, tzinfo=UTC)
MS = "/Date(1796139000000)/"


def test_has_properties_links_and_what_is_embedded() -> None:
    raw = {
        "culture": "en-US",
        "unknown": {"a": [1]},
        "_links": {
            "self": {"href": "/apps/1", "revision": "2"},
            "many": [{"href": "/a"}, {"href": "/b"}],
        },
        "_embedded": {
            "me": {"name": "Dana", "_links": {"self": {"href": "/apps/1/me"}}},
            "meeting": [{"rel": "special", "etag": "5"}, {}],
        },
        "rel": "application",
        "etag": "7",
    }
    found = Resource.parse(raw)
    assert (found.rel, found.href, found.etag) == ("application", "/apps/1", "7")
    assert found.properties == {"culture": "en-US", "unknown": {"a": [1]}}
    assert found.link("self") == "/apps/1"
    assert (found.link("many"), found.links("many")) == ("/a", ["/a", "/b"])
    assert (found.link("none"), found.links("none"), found.embedded("none")) == (None, [], [])
    assert found.rels == ["many"]
    (me,) = found.embedded("me")
    assert (me.rel, me.href, me.properties) == ("me", "/apps/1/me", {"name": "Dana"})
    assert [one.rel for one in found.embedded("meeting")] == ["special", "meeting"]
    assert found.raw is raw


def test_what_it_does_not_say_itself_is_from_elsewhere() -> None:
    found = Resource.parse({}, "/here", rel="me", etag='"5"')
    assert (found.rel, found.href, found.etag) == ("me", "/here", "5")


@pytest.mark.parametrize("tag", ["5", '"5"', 'W/"5"'])
def test_a_tag_has_no_quotes(tag: str) -> None:
    assert Resource.parse({"etag": tag}).etag == "5"


def test_dates_are_aware_datetimes() -> None:
    found = Resource.parse(
        {
            "expirationTime": "2026-12-01T15:30:00Z",
            "anything": MS,
            "list": [MS],
            "zone": MS[:-2] + "+0100)/",
        }
    )
    assert found.properties == {
        "expirationTime": MOMENT,
        "anything": MOMENT,
        "list": [MOMENT],
        "zone": MOMENT,
    }


def test_what_people_write_is_no_date() -> None:
    written = {"subject": MS, "description": MS, "other": "2026-12-01T15:30:00Z"}
    assert Resource.parse(written).properties == written


def test_a_date_that_can_not_be_read_stays_text() -> None:
    odd = {"expirationTime": "soon", "other": "/Date(999999999999999)/"}
    assert Resource.parse(odd).properties == odd


def test_encodes_what_json_has_no_form_for() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=2)))
    assert encode(
        {
            "a": there,
            "b": ("x",),
            "c": {"z", "y"},
            "d": AccessLevel.LOCKED,
            "e": {"f": [MOMENT]},
            "g": None,
        }
    ) == {"a": MS, "b": ["x"], "c": ["y", "z"], "d": "Locked", "e": {"f": [MS]}, "g": None}


def test_a_datetime_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        encode({"a": datetime(2026, 12, 1)})  # noqa: DTZ001 - that is what is refused


_TEXT = st.text(max_size=20) | st.sampled_from(["_links", "_embedded", "rel", "etag", "href", MS])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(_TEXT, _JSON, max_size=5))
def test_survives_any_json_and_gives_it_back(raw: dict[str, Any]) -> None:
    found = Resource.parse(raw)
    assert isinstance(found.href, str)
    again = encode(found.properties)
    assert json.dumps(again) == json.dumps({name: raw[name] for name in again})
