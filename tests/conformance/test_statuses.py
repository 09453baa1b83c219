"""How operations may succeed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conformance.asking import assert_found, findings
from tests.conformance.examples import (
    APPLICATION,
    CREATED_APPLICATION,
    DELETED_MEETING,
    MADE_AVAILABLE,
    MEETING,
    MEETING_SENT,
    PUT_COMMUNICATION,
    READ_MEETING,
    SCHEDULED_MEETING,
    UNCHANGED_MEETING,
    USER,
    exchange,
    with_body,
    with_header,
    with_request_header,
)
from tests.conformance.oracle import Exchange

FINE_OUTCOMES = {
    "a meeting scheduled by the reference page": replace(
        with_header(SCHEDULED_MEETING, "Location", MEETING), status=201
    ),
    "a second application with one endpointId": replace(
        with_header(CREATED_APPLICATION, "Location"), status=200
    ),
    "the head of a resource": exchange(
        "HEAD", MEETING, headers=[("Content-Length", "905"), ("Content-Type", "application/json")]
    ),
    "a preflight": exchange(
        "OPTIONS", MEETING, status=204, headers=[("Access-Control-Allow-Origin", "*")]
    ),
    "a path with repeated slashes in another case": replace(
        READ_MEETING, url=MEETING.replace("/applications", "//Applications") + "?SessionContext=1"
    ),
    "a picture": exchange(
        "GET",
        f"{APPLICATION}/photos/Dana@contoso.com",
        headers=[("Content-Type", "image/jpeg"), ("Cache-Control", "private")],
    ),
    "a capability at a path of its own": exchange(
        "POST", f"{APPLICATION}/anywhere/muteAudio", status=204
    ),
    "a page for people": exchange("GET", "/", headers=[("Content-Type", "text/html")]),
    "a health check": exchange("GET", "/health", served={"up": True}),
}
FINE_OUTCOMES["a picture"] = with_body(FINE_OUTCOMES["a picture"], b"\xff\xd8")


@pytest.mark.parametrize("name", FINE_OUTCOMES)
def test_accepts_the_outcome(name: str) -> None:
    assert findings(FINE_OUTCOMES[name]) == []


SPOILT_OUTCOMES: dict[str, tuple[Exchange, str]] = {
    "a success that is not documented": (
        exchange("PUT", MEETING, sent=MEETING_SENT, status=204),
        "PUT on myOnlineMeeting has no documented status 204",
    ),
    "a success that breaks clients": (
        with_header(replace(MADE_AVAILABLE, status=201), "Location", f"{APPLICATION}/me"),
        "POST on makeMeAvailable has no documented status 201",
    ),
    "a body where clients want none": (
        replace(PUT_COMMUNICATION, status=200),
        "PUT on communication has no documented status 200",
    ),
    "a verb that is not documented": (
        exchange("DELETE", f"{APPLICATION}/me", status=204),
        "DELETE is not documented for me, so it may not succeed",
    ),
    "a GET of a capability": (
        exchange("GET", f"{APPLICATION}/me/makeMeAvailable", served={"rel": "makeMeAvailable"}),
        "GET is not documented for makeMeAvailable",
    ),
    "a POST to the discovery": (
        exchange("POST", USER, status=204),
        "POST is not documented for user",
    ),
    "a redirection": (
        exchange("GET", MEETING, status=307, headers=[("Location", MEETING)]),
        "has no documented status 307",
    ),
    "a path without a resource": (
        exchange("GET", f"{APPLICATION}/nonsense", served={"rel": "me"}),
        "no documented resource stands at this path",
    ),
    "a path of the discovery without a resource": (
        exchange("GET", "/autodiscover/anything", served={}),
        "no documented resource stands at this path",
    ),
    "a 304 that nobody asked for": (
        with_request_header(UNCHANGED_MEETING, "If-None-Match"),
        "a 304 answers only a GET with If-None-Match",
    ),
    "a 304 with a body": (with_body(UNCHANGED_MEETING, b"{}"), "a 304 has no body"),
    "a 204 with a body": (with_body(DELETED_MEETING, b"{}"), "a 204 has no body"),
    "a GET without a body": (
        exchange("GET", MEETING),
        "a GET that succeeds must answer with the resource",
    ),
    "a resource as text": (
        with_header(READ_MEETING, "Content-Type", "text/html"),
        "myOnlineMeeting must be JSON or XML, not 'text/html'",
    ),
}


@pytest.mark.parametrize("spoiling", SPOILT_OUTCOMES)
def test_finds_in_an_outcome(spoiling: str) -> None:
    assert_found(*SPOILT_OUTCOMES[spoiling])
