"""Response headers."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from tests.conformance.asking import assert_found, findings
from tests.conformance.examples import (
    APPLICATION,
    CREATED_APPLICATION,
    HOST,
    READ_MEETING,
    with_body,
    with_header,
    with_request_header,
)
from tests.conformance.oracle import Exchange


def packed(seen: Exchange) -> Exchange:
    zipped = with_body(seen, gzip.compress(seen.response_body))
    return with_header(
        with_request_header(zipped, "Accept-Encoding", "gzip, deflate"), "Content-Encoding", "gzip"
    )


def test_accepts_a_packed_body_whether_or_not_the_client_unpacked_it() -> None:
    seen = packed(READ_MEETING)
    assert findings(seen) == []
    assert findings(replace(seen, response_body=READ_MEETING.response_body)) == []


SPOILT_HEADERS: dict[str, tuple[Exchange, str]] = {
    "an unknown one": (
        with_header(READ_MEETING, "X-Mood", "good"),
        "the header X-Mood is not documented",
    ),
    "one in another case": (
        with_header(READ_MEETING, "Etag", '"346579618"'),
        "the header Etag must be spelled ETag",
    ),
    "all in lower case on the wire": (
        replace(
            READ_MEETING,
            raw_header_case=True,
            response_headers=[(n.lower(), v) for n, v in READ_MEETING.response_headers],
        ),
        "the header content-type must be spelled Content-Type",
    ),
    "no Content-Length": (
        with_header(READ_MEETING, "Content-Length"),
        "a body must have its Content-Length",
    ),
    "another Content-Length": (
        with_header(READ_MEETING, "Content-Length", "1"),
        "Content-Length is 1, but the body has",
    ),
    "a Content-Length that is none": (
        with_header(READ_MEETING, "Content-Length", "many"),
        "Content-Length is 'many'",
    ),
    "chunks": (
        with_header(READ_MEETING, "Transfer-Encoding", "chunked"),
        "no Transfer-Encoding",
    ),
    "no Cache-Control": (
        with_header(READ_MEETING, "Cache-Control"),
        "the response must have Cache-Control: no-cache, not ''",
    ),
    "a cached resource": (
        with_header(READ_MEETING, "Cache-Control", "max-age=60"),
        "the response must have Cache-Control: no-cache, not 'max-age=60'",
    ),
    "a 201 without Location": (
        with_header(CREATED_APPLICATION, "Location"),
        "a 201 must have the header Location",
    ),
    "an absolute Location": (
        with_header(CREATED_APPLICATION, "Location", HOST + APPLICATION),
        "Location must be a relative path",
    ),
    "a GET that is not packed": (
        with_request_header(READ_MEETING, "Accept-Encoding", "gzip"),
        "must be gzipped for a client that accepts gzip",
    ),
    "a packed body for a client that cannot unpack": (
        with_request_header(packed(READ_MEETING), "Accept-Encoding"),
        "though the client does not accept gzip",
    ),
    "a weak ETag": (
        with_header(READ_MEETING, "ETag", 'W/"346579618"'),
        "the header ETag must be a decimal number in quotes",
    ),
    "no ETag": (
        with_header(READ_MEETING, "ETag"),
        "the member etag is 346579618, the header ETag None",
    ),
}


@pytest.mark.parametrize("spoiling", SPOILT_HEADERS)
def test_finds_in_the_headers(spoiling: str) -> None:
    assert_found(*SPOILT_HEADERS[spoiling])


def test_does_not_take_a_transport_that_lowers_names_for_a_fault() -> None:
    lowered = [(name.lower(), value) for name, value in READ_MEETING.response_headers]
    assert findings(replace(READ_MEETING, response_headers=lowered)) == []
