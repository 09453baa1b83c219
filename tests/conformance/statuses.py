"""Which status an operation may have when it succeeds, and what then stands in the response."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.bodies import Body, media_type
from tests.conformance.documented import Documented
from tests.conformance.exchange import Exchange
from tests.conformance.finding import Finding, unlisted
from tests.conformance.places import Kind, Place

WITHOUT_BODY = frozenset({204, 304})


def status_findings(documented: Documented, exchange: Exchange, place: Place) -> Iterator[Finding]:
    if exchange.status in WITHOUT_BODY and exchange.response_body:
        yield Finding(f"a {exchange.status} has no body")
    if exchange.status == 304:
        yield from not_modified_findings(exchange)
    elif exchange.succeeded:
        yield from success_findings(documented, exchange, place)
    elif exchange.status < 400:
        yield from undocumented_status(documented, exchange, place)


def not_modified_findings(exchange: Exchange) -> Iterator[Finding]:
    if exchange.verb != "GET" or exchange.request_header("If-None-Match") is None:
        yield Finding("a 304 answers only a GET with If-None-Match")


def success_findings(documented: Documented, exchange: Exchange, place: Place) -> Iterator[Finding]:
    if place.kind is Kind.UNKNOWN:
        yield unlisted(
            "no documented resource stands at this path", "its rel", "path", exchange.path
        )
    elif exchange.status not in documented.statuses(place, exchange.verb):
        yield from undocumented_status(documented, exchange, place)


def undocumented_status(
    documented: Documented, exchange: Exchange, place: Place
) -> Iterator[Finding]:
    verb, status = exchange.verb, str(exchange.status)
    if documented.adds_status(place, verb, status):
        return
    if exchange.succeeded and verb not in documented.verbs(place):
        fault = f"{verb} is not documented for {place.name}, so it may not succeed"
    else:
        fault = f"{verb} on {place.name} has no documented status {status}"
    yield unlisted(fault, f"{verb} {place.name}", "status", status)


def missing_body_findings(
    documented: Documented, exchange: Exchange, place: Place, body: Body | None
) -> Iterator[Finding]:
    """A GET answers with what it got: a resource, or the file that its page tells of."""
    if body is not None or exchange.method.upper() != "GET" or exchange.status != 200:
        return
    content_type = media_type(exchange.response_header("Content-Type"))
    operations = documented.operations(place, "GET")
    if not exchange.response_body:
        yield Finding("a GET that succeeds must answer with the resource")
    elif documented.extensions.find(place.names, "media type", content_type or ""):
        return
    elif content_type not in {operation.content_type for _, operation in operations}:
        yield Finding(f"{place.name} must be JSON or XML, not '{content_type}'")


def negotiation_findings(exchange: Exchange, body: Body) -> Iterator[Finding]:
    wanted = exchange.request_header("Accept") or "*/*"
    if body.form == "xml" and wanted.strip() == "*/*":
        yield Finding("without a wish for XML, JSON is served")
