"""Signing in: the challenge of a 401, and the answers of the token endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.conformance import compatibility
from tests.conformance.bodies import Body, Members
from tests.conformance.documented import Documented
from tests.conformance.exchange import Exchange, values
from tests.conformance.finding import Finding, unlisted
from tests.conformance.tables import Property
from tests.conformance.values import served_fault

TOKEN = {
    "access_token": Property("access_token", "String"),
    "expires_in": Property("expires_in", "Int"),
    "ms_rtc_identityscope": Property("ms_rtc_identityscope", "String"),
    "token_type": Property("token_type", "String"),
}
REFUSAL = {
    "error": Property("error", "String"),
    "ms_rtc_passiveauthuri": Property("ms_rtc_passiveauthuri", "String"),
}
ERRORS = frozenset(
    ["invalid_request", "invalid_grant", "unsupported_grant_type", "invalid_scope", "server_error"]
)
REFUSALS = frozenset({400, 401, 403})

MSRTC_OAUTH = re.compile(
    r'MsRtcOAuth href="(?P<scheme>https?)://[^"/]+/WebTicket/oauthtoken",'
    r'grant_type="(?:[^",]+,)*password"'
)
BEARER = re.compile(
    r'Bearer trusted_issuers="[^"]+@\*", '
    rf'client_id="{compatibility.CLIENT_ID}", '
    r'authorization_uri="(?P<scheme>https?)://[^"]+"'
)


def is_refusal(exchange: Exchange, body: Body | None) -> bool:
    """An error in the words of OAuth, not of UCWA."""
    return exchange.status in REFUSALS or (body is not None and "error" in body.members)


def token_findings(
    documented: Documented, exchange: Exchange, body: Body | None
) -> Iterator[Finding]:
    """The body of a token, or of the refusal of one; a 401 asks for a ticket, and has none."""
    if exchange.status == 401 and body is None:
        if values(exchange.response_headers, "WWW-Authenticate") != ["Negotiate"]:
            yield Finding("a 401 of the token endpoint must have WWW-Authenticate: Negotiate alone")
    elif body is None:
        yield Finding("the token endpoint must answer in JSON")
    elif exchange.succeeded:
        for name in TOKEN.keys() - body.members.keys():
            yield Finding(f"the token has no {name}")
        yield from member_findings(documented, exchange, body.members, TOKEN)
        if body.members.get("token_type") not in (None, "Bearer"):
            yield Finding(f"token_type must be Bearer, not {body.members['token_type']!r}")
    else:
        yield from member_findings(documented, exchange, body.members, REFUSAL)
        yield from refusal_findings(exchange, body.members)


def member_findings(
    documented: Documented, exchange: Exchange, members: Members, known: dict[str, Property]
) -> Iterator[Finding]:
    kind = "property" if exchange.succeeded else "error member"
    added = documented.extensions.on(["token"], kind, exchange.verb, exchange.status)
    allowed = known | {extension.name: extension.as_property() for extension in added}
    for name, value in members.items():
        if name not in allowed:
            yield unlisted(f"OAuth answers have no documented member {name}", "token", kind, name)
            continue
        fault = served_fault(documented.tables, "json", allowed[name], value)
        if fault is not None:
            yield Finding(f"{name} {fault}")


def refusal_findings(exchange: Exchange, members: Members) -> Iterator[Finding]:
    error = members.get("error")
    if error not in ERRORS:
        yield Finding(f"error must be one of {', '.join(sorted(ERRORS))}, not {error!r}")
    elif exchange.status != 400 and error != "server_error":
        yield Finding(f"{error} is a 400: with another status clients retry for ever")


def challenge_findings(exchange: Exchange) -> Iterator[Finding]:
    """The two WWW-Authenticate lines that tell a client where to sign in."""
    lines = values(exchange.response_headers, "WWW-Authenticate")
    if len(lines) != 2:
        yield Finding(f"a 401 must have two WWW-Authenticate lines, not {len(lines)}")
    for form, line in zip((MSRTC_OAUTH, BEARER), lines, strict=False):
        match = form.fullmatch(line)
        if match is None:
            yield Finding(f"the challenge '{line}' is not one that clients understand")
        elif match["scheme"] != "https" and not exchange.url.startswith("http://"):
            yield Finding(f"the challenge '{line}' leads away from https")
    yield from earlier_url_findings(exchange)


def earlier_url_findings(exchange: Exchange) -> Iterator[Finding]:
    for name, value in exchange.response_headers:
        if name.lower() == "www-authenticate":
            return
        if re.search("https?://", value):
            yield Finding(
                f"clients take the URL in {name} for that of the token endpoint, as it "
                "stands before WWW-Authenticate"
            )
