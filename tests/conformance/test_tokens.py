"""Tokens, refusals and challenges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.conformance.asking import assert_found, findings, without
from tests.conformance.examples import (
    CHALLENGE,
    HOST,
    TOKEN,
    TOKEN_GIVEN,
    TOKEN_REFUSED,
    USER,
    exchange,
    served,
    serving,
    with_header,
)
from tests.conformance.oracle import Exchange

SPOILT_SIGN_IN: dict[str, tuple[Exchange, str]] = {
    "a token without its scope": (
        serving(TOKEN_GIVEN, without(served(TOKEN_GIVEN), "ms_rtc_identityscope")),
        "the token has no ms_rtc_identityscope",
    ),
    "a token with more": (
        serving(TOKEN_GIVEN, {**served(TOKEN_GIVEN), "refresh_token": "x"}),
        "OAuth answers have no documented member refresh_token",
    ),
    "a token that ends in words": (
        serving(TOKEN_GIVEN, {**served(TOKEN_GIVEN), "expires_in": "8 hours"}),
        "expires_in must be of type Int",
    ),
    "a token of another type": (
        serving(TOKEN_GIVEN, {**served(TOKEN_GIVEN), "token_type": "bearer"}),
        "token_type must be Bearer",
    ),
    "a token that is cached": (
        with_header(TOKEN_GIVEN, "Cache-Control", "no-cache"),
        "the response must have Cache-Control: no-store",
    ),
    "a token that is none": (exchange("POST", TOKEN), "must answer in JSON"),
    "a token for a GET": (
        replace(TOKEN_GIVEN, method="GET"),
        "GET is not documented for token",
    ),
    "a refusal in other words": (
        serving(TOKEN_REFUSED, {"error": "access_denied"}),
        "error must be one of",
    ),
    "a refusal with more": (
        serving(TOKEN_REFUSED, {"error": "invalid_grant", "error_uri": "/help"}),
        "OAuth answers have no documented member error_uri",
    ),
    "a refusal that is repeated for ever": (
        replace(TOKEN_REFUSED, status=401),
        "invalid_grant is a 400",
    ),
    "a ticket that is asked for in another way": (
        exchange("POST", TOKEN, status=401, headers=[("WWW-Authenticate", "NTLM")]),
        "must have WWW-Authenticate: Negotiate alone",
    ),
    "a refusal in the words of UCWA": (
        serving(TOKEN_REFUSED, {"code": "BadRequest"}),
        "OAuth answers have no documented member code",
    ),
}


@pytest.mark.parametrize("spoiling", SPOILT_SIGN_IN)
def test_finds_in_a_token(spoiling: str) -> None:
    assert_found(*SPOILT_SIGN_IN[spoiling])


def challenged(change: Callable[[str], str]) -> Exchange:
    headers = [(name, change(value)) for name, value in CHALLENGE.response_headers]
    return replace(CHALLENGE, response_headers=headers)


SPOILT_CHALLENGES: dict[str, tuple[Exchange, str]] = {
    "none": (exchange("GET", USER, status=401), "two WWW-Authenticate lines, not 0"),
    "a single line": (
        replace(CHALLENGE, response_headers=CHALLENGE.response_headers[:1]),
        "two WWW-Authenticate lines, not 1",
    ),
    "one line too many": (
        replace(
            CHALLENGE,
            response_headers=[*CHALLENGE.response_headers, ("WWW-Authenticate", "Negotiate")],
        ),
        "two WWW-Authenticate lines, not 3",
    ),
    "the other order": (
        replace(CHALLENGE, response_headers=CHALLENGE.response_headers[1::-1]),
        "is not one that clients understand",
    ),
    "an unquoted address": (
        challenged(lambda value: value.replace(f'"{HOST}{TOKEN}"', HOST + TOKEN)),
        "is not one that clients understand",
    ),
    "a space after the comma": (
        challenged(lambda value: value.replace('oauthtoken",', 'oauthtoken", ')),
        "is not one that clients understand",
    ),
    "an empty value": (
        challenged(lambda value: value.replace(f"{HOST}/oauth2/authorize", "")),
        "is not one that clients understand",
    ),
    "an address without encryption": (
        challenged(lambda value: value.replace("https:", "http:")),
        "leads away from https",
    ),
    "a URL that stands before": (
        replace(
            CHALLENGE,
            response_headers=[("Server", "https://example.org"), *CHALLENGE.response_headers],
        ),
        "clients take the URL in Server for that of the token endpoint",
    ),
}


@pytest.mark.parametrize("spoiling", SPOILT_CHALLENGES)
def test_finds_in_a_challenge(spoiling: str) -> None:
    assert_found(*SPOILT_CHALLENGES[spoiling])


def test_a_ticket_may_be_asked_for() -> None:
    headers = [("WWW-Authenticate", "Negotiate")]
    assert findings(exchange("POST", TOKEN, status=401, headers=headers)) == []


def test_a_server_without_encryption_challenges_without_it() -> None:
    plain = challenged(lambda value: value.replace("https:", "http:"))
    assert findings(replace(plain, url=f"http://localhost:8080{USER}")) == []
