"""One exchange in both formats: the check notices every difference that matters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conformance.bodies import read_xml
from tests.conformance.exchange import Exchange
from tests.conformance.formats import difference_findings

IN_JSON = Exchange(
    method="GET",
    url="/some",
    request_headers=[],
    request_body=b"",
    status=200,
    response_headers=[("Content-Type", "application/json"), ("ETag", '"5"')],
    response_body=(
        b'{"at":"\\/Date(1801396800050)\\/","on":true,"count":2,"names":["a","b"],"none":[],'
        b'"_links":{"self":{"href":"/some"},"next":{"href":"/next"}},'
        b'"_embedded":{"inner":{"on":false,"_links":{"self":{"href":"/inner"}},"rel":"own"},'
        b'"many":[]},"rel":"some","etag":"5"}'
    ),
)
IN_XML = replace(
    IN_JSON,
    response_headers=[("Content-Type", "application/xml"), ("ETag", '"5"')],
    response_body=(
        b'<resource rel="some" href="/some"><link rel="next" href="/next"/>'
        b'<property name="at">2027-01-31T12:00:00.050Z</property>'
        b'<property name="on">true</property><property name="count">2</property>'
        b'<propertyList name="names"><item>a</item><item>b</item></propertyList>'
        b'<propertyList name="none"/><property name="etag">5</property>'
        b'<resource rel="inner" href="/inner"><property name="rel">own</property>'
        b'<property name="on">false</property></resource></resource>'
    ),
)


def test_the_same_in_both_is_fine() -> None:
    assert list(difference_findings(IN_JSON, IN_XML)) == []


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (b'rel="some"', b'rel="other"'),
        (b'href="/some"', b'href="/other"'),
        (b'rel="next"', b'rel="other"'),
        (b'href="/next"', b'href="/other"'),
        (b".050Z", b"Z"),
        (b">true<", b">True<"),
        (b">2<", b">2.0<"),
        (b"<item>b</item>", b""),
        (b'<propertyList name="none"/>', b""),
        (b'<property name="etag">5</property>', b""),
        (b'<property name="rel">own</property>', b""),
        (b'href="/inner"', b'href="/other"'),
        (b">false<", b"><"),
        (b"<link", b'<property name="more">1</property><link'),
    ],
)
def test_another_content_is_found(part: bytes, other: bytes) -> None:
    changed = replace(IN_XML, response_body=IN_XML.response_body.replace(part, other, 1))
    assert list(difference_findings(IN_JSON, changed))


def test_another_status_header_or_type_is_found() -> None:
    for changed in (
        replace(IN_XML, status=404),
        replace(IN_XML, response_headers=[("Content-Type", "application/xml"), ("ETag", '"6"')]),
        replace(IN_XML, response_headers=IN_JSON.response_headers),
    ):
        assert list(difference_findings(IN_JSON, changed))


def test_an_error_in_xml_is_read_as_one_in_json() -> None:
    body = read_xml(
        b"<reason><code>PreconditionFailed</code><debugInfo/>"
        b'<parameters><property name="1st">is wrong</property></parameters>'
        b'<propertyList name="changedProperties"/>'
        b'<resource rel="some" href="/some"><property name="etag">5</property></resource></reason>'
    )
    assert body.members == {
        "code": "PreconditionFailed",
        "debugInfo": "",
        "parameters": {"1st": "is wrong"},
        "changedProperties": [],
        "_embedded": {
            "some": {
                "rel": "some",
                "etag": "5",
                "_links": {"self": [{"href": "/some"}]},
                "_embedded": {},
            }
        },
    }


def test_null_in_xml_is_read_as_null() -> None:
    body = read_xml(
        b'<input xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
        b'<property name="a" i:nil="true"/><property name="b" i:nil="false"/></input>'
    )
    assert (body.members["a"], body.members["b"]) == (None, "")
