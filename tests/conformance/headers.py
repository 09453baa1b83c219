"""Response headers: their names, their spelling, and those that must be there."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.bodies import FORM_OF_TYPE, media_type
from tests.conformance.documented import Documented
from tests.conformance.exchange import Exchange
from tests.conformance.finding import Finding, unlisted
from tests.conformance.places import Kind, Place

HTTP = (
    "Allow",
    "Cache-Control",
    "Connection",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Security-Policy",
    "Content-Type",
    "Date",
    "ETag",
    "Expires",
    "Keep-Alive",
    "Last-Modified",
    "Location",
    "Pragma",
    "Referrer-Policy",
    "Retry-After",
    "Server",
    "Set-Cookie",
    "Strict-Transport-Security",
    "Transfer-Encoding",
    "Vary",
    "WWW-Authenticate",
    "X-Content-Type-Options",
)
CROSS_ORIGIN = (
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
)
UCWA = (
    "P3P",
    "X-AspNet-Version",
    "X-MS-Server-Fqdn",
    "X-MS-UcwaVersion",
    "X-Ms-diagnostics",
    "X-Powered-By",
)
CANONICAL = {name.lower(): name for name in (*HTTP, *CROSS_ORIGIN, *UCWA)}


def header_findings(documented: Documented, exchange: Exchange, place: Place) -> Iterator[Finding]:
    yield from name_findings(documented, exchange, place)
    yield from location_findings(exchange)
    yield from cache_findings(exchange, place)
    if not exchange.inner:
        yield from length_findings(exchange)
        yield from compression_findings(exchange)


def name_findings(documented: Documented, exchange: Exchange, place: Place) -> Iterator[Finding]:
    added = documented.extensions.on(place.names, "header", exchange.verb, exchange.status)
    canonical = CANONICAL | {extension.name.lower(): extension.name for extension in added}
    names = [name for name, _ in exchange.response_headers]
    shows_case = exchange.raw_header_case or any(name != name.lower() for name in names)
    for name in names:
        if name.lower() not in canonical:
            yield unlisted(f"the header {name} is not documented", "any", "header", name)
        elif shows_case and name != canonical[name.lower()]:
            yield Finding(
                f"the header {name} must be spelled {canonical[name.lower()]}: clients "
                "tell case apart"
            )


def location_findings(exchange: Exchange) -> Iterator[Finding]:
    location = exchange.response_header("Location")
    if location is None:
        if exchange.status == 201:
            yield Finding("a 201 must have the header Location")
    elif not location.startswith("/") or location.startswith("//"):
        yield Finding(f"Location must be a relative path, not {location}")


def cache_findings(exchange: Exchange, place: Place) -> Iterator[Finding]:
    is_payload = media_type(exchange.response_header("Content-Type")) in FORM_OF_TYPE
    if not (exchange.succeeded and is_payload):
        return
    wanted = "no-store" if place.kind is Kind.TOKEN else "no-cache"
    directives = (exchange.response_header("Cache-Control") or "").lower().replace(" ", "")
    if wanted not in directives.split(","):
        yield Finding(f"the response must have Cache-Control: {wanted}, not '{directives}'")


def length_findings(exchange: Exchange) -> Iterator[Finding]:
    if exchange.response_header("Transfer-Encoding") is not None:
        yield Finding("clients need a Content-Length: no Transfer-Encoding")
    length, size = exchange.response_header("Content-Length"), len(exchange.response_body)
    if length is None:
        if size:
            yield Finding("a body must have its Content-Length")
    elif not length.isdecimal():
        yield Finding(f"Content-Length is {length!r}")
    elif exchange.method.upper() != "HEAD" and exchange.status != 304:
        is_unpacked = exchange.response_header("Content-Encoding") and not exchange.is_still_packed
        if int(length) != size and not is_unpacked:
            yield Finding(f"Content-Length is {length}, but the body has {size} bytes")


def compression_findings(exchange: Exchange) -> Iterator[Finding]:
    accepts = "gzip" in (exchange.request_header("Accept-Encoding") or "").lower()
    is_packed = exchange.response_header("Content-Encoding") == "gzip"
    if exchange.method.upper() == "GET" and exchange.response_body and accepts and not is_packed:
        yield Finding("the body of a GET must be gzipped for a client that accepts gzip")
    if is_packed and not accepts:
        yield Finding("the body is gzipped, though the client does not accept gzip")
