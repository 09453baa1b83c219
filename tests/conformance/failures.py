"""Errors as the server sends them, in a response's body or as the reason of an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.conformance.bodies import Body, Members
from tests.conformance.documented import Documented
from tests.conformance.exchange import Exchange
from tests.conformance.extensions import OWN_REL
from tests.conformance.finding import Finding, unlisted
from tests.conformance.places import Place
from tests.conformance.served import ResourceCheck
from tests.conformance.tables import Failure, Property
from tests.conformance.values import served_fault

BAGS = frozenset({"parameters", "debugInfo"})


def failure_findings(
    documented: Documented, exchange: Exchange, place: Place, body: Body | None
) -> Iterator[Finding]:
    """A response of 4xx or 5xx."""
    if exchange.status == 405:
        yield from allow_findings(documented, exchange, place)
    if exchange.method.upper() == "HEAD":
        return
    if body is None:
        # A refused token is told in this header: the service never came to write a body.
        if exchange.status != 403 or exchange.response_header("X-Ms-diagnostics") is None:
            yield Finding("the error has no body with a code")
        return
    yield from member_findings(documented, exchange, place, body)
    if exchange.status != 400 and body.members.get("parameters"):
        yield Finding("parameters tell what is wrong with a request; they belong to a 400 only")
    yield from code_findings(documented, exchange, place, body.members)
    if "_embedded" in body.members:
        yield from embedded_findings(documented, exchange, place, body)


def allow_findings(documented: Documented, exchange: Exchange, place: Place) -> Iterator[Finding]:
    header = exchange.response_header("Allow")
    if header is None:
        yield Finding("a 405 must have the header Allow")
        return
    allowed = {verb.strip().upper() for verb in header.split(",")} - {"", "HEAD", "OPTIONS"}
    if place.resources:
        for verb in sorted(allowed - documented.verbs(place)):
            yield Finding(f"Allow names {verb}, which is not documented for {place.name}")


def member_findings(
    documented: Documented, exchange: Exchange, place: Place, body: Body
) -> Iterator[Finding]:
    added = documented.extensions.on(place.names, "error member", exchange.verb, exchange.status)
    own = {extension.name: extension.as_property() for extension in added}
    yield from shape_findings(documented, body, body.members, own)
    is_extended = documented.adds_current_resource(place, exchange.verb, exchange.status)
    if "_embedded" in body.members and not is_extended:
        yield unlisted(
            "errors have no documented member _embedded",
            f"any {exchange.status}",
            "embedded",
            OWN_REL,
        )


def shape_findings(
    documented: Documented, body: Body, members: Members, added: Mapping[str, Property]
) -> Iterator[Finding]:
    if "code" not in members:
        yield Finding("the error has no code")
    for name, value in members.items():
        if name in added:
            fault = served_fault(documented.tables, body.form, added[name], value)
            if fault is not None:
                yield Finding(f"the error member {name} {fault}")
        elif name in documented.tables.error_members:
            if not is_of_its_kind(name, value):
                yield Finding(f"the error member {name} may not be {value!r}")
        elif name != "_embedded":
            yield unlisted(f"errors have no documented member {name}", "any", "error member", name)


def is_of_its_kind(name: str, value: object) -> bool:
    if name in BAGS:
        return isinstance(value, dict) or value == ""  # an empty bag, as XML writes it
    if name == "link" and isinstance(value, dict):
        return isinstance(value.get("href"), str)
    return isinstance(value, str)


def failure_of(status: int, members: Members) -> Failure:
    subcode = members.get("subcode")
    return Failure(status, str(members.get("code")), str(subcode) if told(subcode) else None)


def told(subcode: object) -> bool:
    """The enumeration has a member None for "no subcode"."""
    return subcode not in (None, "None")


def code_findings(
    documented: Documented, exchange: Exchange, place: Place, members: Members
) -> Iterator[Finding]:
    failure = failure_of(exchange.status, members)
    is_known = failure in documented.failures(place, exchange.verb)
    if (
        "code" in members
        and not is_known
        and not documented.adds_status(place, exchange.verb, str(failure))
    ):
        yield unlisted(
            f"{exchange.verb} on {place.name} has no documented error {failure}",
            place.name,
            "status",
            str(failure),
        )


def embedded_findings(
    documented: Documented, exchange: Exchange, place: Place, body: Body
) -> Iterator[Finding]:
    embedded = body.members["_embedded"]
    if not isinstance(embedded, dict) or len(embedded) != 1:
        yield Finding("_embedded of an error must hold one resource, the one that was asked for")
        return
    for rel, members in embedded.items():
        if rel not in place.names:
            yield Finding(f"the error embeds a {rel}, but {place.name} was asked for")
        if isinstance(members, dict):
            yield from ResourceCheck(documented, body).resource(rel, members)


def reason_findings(documented: Documented, body: Body, reason: object) -> Iterator[Finding]:
    """The reason that an event may have: an error, or a message in the shape of one."""
    if not isinstance(reason, dict):
        yield Finding(f"the reason of an event must be an object, not {reason!r}")
        return
    yield from shape_findings(documented, body, reason, {})
    tables, failure = documented.tables, failure_of(0, reason)
    codes = tables.enums["ErrorCode"] - tables.codes_outside_events
    if "code" in reason and failure.code not in codes:
        yield Finding(f"{failure.code} is no code that an event can have")
    if failure.subcode is not None and failure.subcode not in tables.enums["ErrorSubcode"]:
        yield Finding(f"{failure.subcode} is no member of ErrorSubcode")
