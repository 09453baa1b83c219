"""Input that a request succeeded with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conformance.asking import assert_found, findings, without
from tests.conformance.examples import (
    APPLICATION,
    CREATED_APPLICATION,
    MADE_AVAILABLE,
    MEETING,
    MEETING_EXTENSION,
    MEETING_SENT,
    UPDATED_MEETING,
    encoded,
    exchange,
    failed,
    updating,
    with_request_header,
)
from tests.conformance.oracle import Exchange

FINE_INPUT = {
    "names in another case": updating({**without(MEETING_SENT, "subject"), "Subject": "Q3"}),
    "null for what is not given": updating({**MEETING_SENT, "accessLevel": None, "colour": None}),
    "the address of the meeting": updating({**MEETING_SENT, "href": MEETING, "title": "x"}),
    "a date as it was served": updating({**MEETING_SENT, "expirationTime": "/Date(1)/"}),
    "what only a task page sends": exchange(
        "POST",
        f"{APPLICATION}/communication/messagingInvitations",
        sent={"to": "sip:a@contoso.com", "operationId": "5", "sessionContext": "x"},
        status=201,
        headers=[("Location", f"{APPLICATION}/communication/messagingInvitations/1")],
    ),
    "a required parameter in the query": exchange(
        "POST",
        f"{APPLICATION}/people/presenceSubscriptions/1?Duration=11",
        served={
            "id": "1",
            "_links": {"self": {"href": f"{APPLICATION}/people/presenceSubscriptions/1"}},
            "rel": "presenceSubscription",
        },
    ),
    "a body without a type": with_request_header(MADE_AVAILABLE, "Content-Type"),
}


@pytest.mark.parametrize("name", FINE_INPUT)
def test_accepts_the_input(name: str) -> None:
    assert findings(FINE_INPUT[name]) == []


SPOILT_INPUT: dict[str, tuple[Exchange, str]] = {
    "an unknown member": (
        updating({**MEETING_SENT, "colour": "red"}),
        "PUT on myOnlineMeeting took a member colour, which no page documents",
    ),
    "no member of the enumeration": (
        updating({**MEETING_SENT, "accessLevel": "Nobody"}),
        "took accessLevel, which must be a member of AccessLevel",
    ),
    "a value of another type": (
        updating({**MEETING_SENT, "subject": ["Q3"]}),
        "took subject, which must be of type String",
    ),
    "a date that is none": (
        updating({**MEETING_SENT, "expirationTime": "soon"}),
        "took expirationTime, which must be of type DateTime",
    ),
    "a value that is too long": (
        replace(
            CREATED_APPLICATION,
            request_body=encoded({"userAgent": "x" * 101, "endpointId": "1", "culture": "en-US"}),
        ),
        "took userAgent, which may have 100 characters, not 101",
    ),
    "a number out of bounds": (
        exchange(
            "POST",
            f"{APPLICATION}/people/presenceSubscriptions/1",
            sent={"duration": 31},
            served={"rel": "presenceSubscription"},
        ),
        "took duration, which must lie between 10 and 30, not be 31",
    ),
    "a missing required parameter": (
        replace(CREATED_APPLICATION, request_body=encoded({"culture": "en-US"})),
        "POST on applications succeeded without the required endpointId, userAgent",
    ),
    "a required parameter that is null": (
        replace(
            CREATED_APPLICATION,
            request_body=encoded({"culture": "en-US", "endpointId": "1", "userAgent": None}),
        ),
        "succeeded without the required userAgent",
    ),
    "something else than JSON": (
        replace(UPDATED_MEETING, request_body=b'{"subject":'),
        "yet the request succeeded",
    ),
    "a free member that is no text": (
        replace(MEETING_EXTENSION, request_body=encoded({"id": "1", "seats": 12})),
        "POST on onlineMeetingExtensions took a member seats",
    ),
}


@pytest.mark.parametrize("spoiling", SPOILT_INPUT)
def test_finds_in_accepted_input(spoiling: str) -> None:
    assert_found(*SPOILT_INPUT[spoiling])


def test_refused_input_may_be_anything() -> None:
    refused = failed(400, {"code": "BadRequest", "subcode": "ParameterValidationFailure"})
    assert findings(replace(refused, request_body=encoded({"colour": "red"}))) == []
