"""Batches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conformance.asking import assert_found
from tests.conformance.examples import (
    BATCH,
    ME,
    with_body,
    with_header,
)


@pytest.mark.parametrize(
    ("printed", "spoilt", "expected"),
    [
        (b'"name"', b'"mood"', f"GET {ME} -> 200: me has no documented property mood"),
        (b"204 No Content", b"200 OK", "POST on makeMeAvailable has no documented status 200"),
        (b"HTTP/1.1 204", b"204", "a part must start like HTTP/1.1 200 OK"),
        (b"\r\n", b"\n", "the lines of a batch response must all end in CRLF"),
        (b'","', b'",\r\n"', "the JSON of a part must stand on one line"),
        (b"msgtype=response", b"msgtype=request", "a part of a batch must have Content-Type"),
        (b"Cache-Control", b"cache-control", "must be spelled Cache-Control"),
        (b"no-cache\r\nContent", b"no-store\r\nContent", "Cache-Control: no-cache"),
        (b"\r\n\r\n{", b"\r\nX-Powered-By: us\r\n\r\n{", "Content-Type must be the last header"),
        (b"\r\n--3968fb75--", b"", "the batch has 2 requests, but 1 responses"),
    ],
)
def test_finds_in_a_batch(printed: bytes, spoilt: bytes, expected: str) -> None:
    body = BATCH.response_body.replace(printed, spoilt)
    if printed.endswith(b"--"):
        body = body[: body.rindex(b"--3968fb75")]
    assert_found(with_body(BATCH, body), expected)


def test_finds_a_batch_without_a_boundary() -> None:
    seen = with_header(BATCH, "Content-Type", "multipart/batching")
    assert_found(seen, "the batch has 2 requests, but 0 responses")


def test_finds_what_was_accepted_inside_of_a_batch() -> None:
    request = BATCH.request_body.replace(b'"signInAs":"Online"', b'"mood":"good"')
    assert_found(replace(BATCH, request_body=request), "took a member mood")


def test_finds_a_request_that_may_not_stand_in_a_batch() -> None:
    request = BATCH.request_body.replace(b"/me HTTP", b"/events?ack=1 HTTP")
    assert_found(replace(BATCH, request_body=request), "may not be asked for inside of a batch")
