"""Values against the types of their properties, in JSON, in XML and in what clients send."""

from __future__ import annotations

import pytest

from tests.conformance.tables import Property, Tables
from tests.conformance.values import accepted_fault, served_fault

FINE: list[tuple[Property, object, object]] = [
    # property, value in JSON, value in XML
    (Property("subject", "String"), "Weekly", "Weekly"),
    (Property("recording", "Boolean"), False, "false"),
    (Property("participantCount", "Int"), 3, "3"),
    (Property("created", "DateTime"), "/Date(-1)/", "2013-01-17T00:00:00.5Z"),
    (Property("state", "enum", enum="CallState"), "Connected", "Connected"),
    (Property("leaders", "String", array=True), [], ["sip:Dana@contoso.com"]),
    (Property("result"), 5, "five"),
]
SPOILT: list[tuple[Property, object]] = [
    (Property("subject", "String"), 5),
    (Property("recording", "Boolean"), 1),
    (Property("participantCount", "Int"), True),
    (Property("participantCount", "Int"), "many"),
    (Property("created", "DateTime"), "/Date(soon)/"),
    (Property("state", "enum", enum="CallState"), "connected"),
    (Property("leaders", "String", array=True), "sip:Dana@contoso.com"),
    (Property("result"), {}),
]


@pytest.mark.parametrize(("prop", "in_json", "in_xml"), FINE)
def test_a_value_agrees_with_its_type(prop: Property, in_json: object, in_xml: object) -> None:
    assert served_fault(Tables.load(), "json", prop, in_json) is None
    assert served_fault(Tables.load(), "xml", prop, in_xml) is None
    assert accepted_fault(Tables.load(), "json", prop, in_json) is None


@pytest.mark.parametrize(("prop", "value"), SPOILT)
def test_a_value_disagrees_with_its_type(prop: Property, value: object) -> None:
    assert served_fault(Tables.load(), "json", prop, value) is not None
    assert served_fault(Tables.load(), "xml", prop, value) is not None
    assert accepted_fault(Tables.load(), "json", prop, value) is not None


def test_null_is_served_only_where_documented_and_always_accepted() -> None:
    plain, nullable = Property("subject", "String"), Property("level", "String", nullable=True)
    assert served_fault(Tables.load(), "json", plain, None) is not None
    assert served_fault(Tables.load(), "json", nullable, None) is None
    assert accepted_fault(Tables.load(), "json", plain, None) is None


def test_xml_gives_text_alone() -> None:
    tables = Tables.load()
    names = Property("leaders", "String", array=True)
    for prop, value in (
        (Property("recording", "Boolean"), "1"),
        (Property("recording", "Boolean"), ""),
        (Property("created", "DateTime"), "/Date(0)/"),
        (Property("state", "enum", enum="CallState"), " "),
        (names, "sip:Dana@contoso.com"),
        (names, ""),
    ):
        assert accepted_fault(tables, "xml", prop, value) is None
    assert accepted_fault(tables, "xml", Property("recording", "Boolean"), "yes") is not None
    assert accepted_fault(tables, "xml", Property("subject", "String"), ["a"]) is not None


def test_a_media_description_may_be_anything() -> None:
    assert accepted_fault(Tables.load(), "json", Property("sdp", "Byte", array=True), "v=0") is None
