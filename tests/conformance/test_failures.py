"""Errors: which the oracle accepts, and what it finds in the others."""

from __future__ import annotations

import pytest

from tests.conformance.asking import assert_found, findings
from tests.conformance.examples import (
    MEETING,
    MEETING_SERVED,
    MEETINGS,
    STALE_MEETING,
    exchange,
    failed,
    served,
    serving,
    with_header,
)
from tests.conformance.oracle import Exchange

FINE_ERRORS = {
    "a generic one": failed(404, {"code": "NotFound"}),
    "one with everything": failed(
        400,
        {
            "code": "BadRequest",
            "subcode": "ParameterValidationFailure",
            "message": "?",
            "link": {"href": "/help"},
            "parameters": {"subject": "too long"},
            "debugInfo": {},
        },
    ),
    "the subcode None": failed(412, {"code": "PreconditionFailed", "subcode": "None"}),
    "one of this operation": failed(
        409, {"code": "Conflict", "subcode": "TooManyOnlineMeetings"}, "POST", MEETINGS
    ),
    "one of its verb": failed(409, {"code": "Conflict", "subcode": "AlreadyExists"}, "GET"),
    "one at an unknown path": failed(404, {"code": "NotFound"}, "GET", "/ucwa/nowhere"),
    "a refused token": exchange(
        "GET", MEETING, status=403, headers=[("X-Ms-diagnostics", '28055;reason="…"')]
    ),
    "the head of one": exchange("HEAD", MEETING, status=404),
    "a method not allowed": with_header(
        failed(405, {"code": "MethodNotAllowed"}, "POST"), "Allow", "GET, HEAD, PUT, DELETE"
    ),
}


@pytest.mark.parametrize("name", FINE_ERRORS)
def test_accepts_the_error(name: str) -> None:
    assert findings(FINE_ERRORS[name]) == []


SPOILT_ERRORS: dict[str, tuple[Exchange, str]] = {
    "no body": (exchange("PUT", MEETING, status=404), "the error has no body with a code"),
    "no code": (failed(404, {"subcode": "ApplicationNotFound"}), "the error has no code"),
    "an unknown member": (
        failed(404, {"code": "NotFound", "hint": "?"}),
        "errors have no documented member hint",
    ),
    "a message that is none": (failed(404, {"code": "NotFound", "message": 4}), "may not be 4"),
    "parameters elsewhere than in a 400": (
        failed(404, {"code": "NotFound", "parameters": {"id": "?"}}),
        "they belong to a 400 only",
    ),
    "parameters that are no bag": (
        failed(400, {"code": "BadRequest", "parameters": ["id"]}),
        "parameters may not be",
    ),
    "a code of another status": (
        failed(409, {"code": "PreconditionFailed"}),
        "no documented error 409 PreconditionFailed",
    ),
    "an unknown subcode": (
        failed(409, {"code": "Conflict", "subcode": "Busy"}),
        "no documented error 409 Conflict Busy",
    ),
    "the error of another operation": (
        failed(409, {"code": "Conflict", "subcode": "TooManyOnlineMeetings"}),
        "PUT on myOnlineMeeting has no documented error 409 Conflict TooManyOnlineMeetings",
    ),
    "a 405 without Allow": (
        failed(405, {"code": "MethodNotAllowed"}, "POST"),
        "a 405 must have the header Allow",
    ),
    "a 405 that allows too much": (
        with_header(failed(405, {"code": "MethodNotAllowed"}, "POST"), "Allow", "GET, PATCH"),
        "Allow names PATCH, which is not documented for myOnlineMeeting",
    ),
    "a member that only a 412 has": (
        failed(428, {"code": "PreconditionRequired", "changedBy": "sip:Alex@contoso.com"}),
        "errors have no documented member changedBy",
    ),
    "an extension of another type": (
        serving(STALE_MEETING, {**served(STALE_MEETING), "changedProperties": "subject"}),
        "the error member changedProperties must be an array",
    ),
    "an embedded resource in another error": (
        failed(428, {"code": "PreconditionRequired", "_embedded": {}}),
        "errors have no documented member _embedded",
    ),
    "another resource than was asked for": (
        serving(STALE_MEETING, {**served(STALE_MEETING), "_embedded": {"me": {}}}),
        "the error embeds a me, but myOnlineMeeting was asked for",
    ),
    "a fault in the embedded resource": (
        serving(
            STALE_MEETING,
            {
                **served(STALE_MEETING),
                "_embedded": {"myOnlineMeeting": {**MEETING_SERVED, "colour": "red"}},
            },
        ),
        "myOnlineMeeting has no documented property colour",
    ),
    "two embedded resources": (
        serving(STALE_MEETING, {**served(STALE_MEETING), "_embedded": {}}),
        "_embedded of an error must hold one resource",
    ),
}


@pytest.mark.parametrize("spoiling", SPOILT_ERRORS)
def test_finds_in_an_error(spoiling: str) -> None:
    assert_found(*SPOILT_ERRORS[spoiling])
