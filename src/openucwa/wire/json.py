"""The JSON form of representations, errors and input (PayloadFormat.md)."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isinf

import msgspec

from openucwa.wire.channel import Event, Package, Target
from openucwa.wire.dates import milliseconds
from openucwa.wire.errors import DeserializationFailure, UcwaError
from openucwa.wire.metadata import Method
from openucwa.wire.representation import Link, Representation
from openucwa.wire.text import is_writable

MEDIA_TYPES = (
    "application/json",
    "application/vnd.microsoft.com.ucwa+json",
    "application/vnd.microsoft.ucwa+json",
)
DEEPEST = 32
"""The deepest nesting of input. UCWA itself uses three levels."""
MOST_VALUES = 20_000
"""Values that input may hold. A meeting with all that it may have has a quarter of that."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)

_encode = msgspec.json.Encoder().encode


def write(representation: Representation) -> bytes:
    """The representation as JSON on one line, in UTF-8."""
    return _encode(_members(representation))


def write_error(
    error: UcwaError,
    more: Mapping[str, object] | None = None,
    embedded: Representation | None = None,
) -> bytes:
    """The body of an error answer (ErrorsAndInformationalMessages.md).

    It may have the members `more`, and the representation of what it is about.
    """
    members: dict[str, object] = {"code": error.code}
    if error.subcode:
        members["subcode"] = error.subcode
    members["message"] = error.message
    if error.parameters:
        members["parameters"] = error.parameters
    members |= _values(more or {})
    if embedded is not None:
        members["_embedded"] = {embedded.rel: _members(embedded)}
    return _encode(members)


def write_package(package: Package) -> bytes:
    """A package of the event channel (EventChannelDetails.md)."""
    links = {"self": {"href": package.href}}
    links |= {rel: {"href": link.href} for rel, link in package.links.items()}
    senders = [
        {"rel": one.rel, "href": one.href, "events": [_event(event) for event in one.events]}
        for one in package.senders
    ]
    return _encode({"_links": links, "sender": senders})


def _event(event: Event) -> dict[str, object]:
    members: dict[str, object] = {"link": _target(event.target)}
    if event.within is not None:
        members["in"] = _target(event.within)
    if event.status is not None:
        members["status"] = event.status.value
    if event.embedded is not None:
        members["_embedded"] = {event.embedded.rel: _members(event.embedded)}
    if event.reason is not None:
        members["reason"] = event.reason
    members |= _values(event.more)
    members["type"] = event.type.value
    return members


def _target(target: Target) -> dict[str, str]:
    members = {"rel": target.rel, "href": target.href}
    if target.title is not None:
        members["title"] = target.title
    return members


def write_metadata(methods: Sequence[Method]) -> bytes:
    """The body of an answer to OPTIONS."""
    return _encode({"metadata": methods})


def _members(representation: Representation) -> dict[str, object]:
    members = _values(representation.properties)
    links: dict[str, object] = {
        "self": _link(Link(representation.href, representation.revision)),
        **{
            rel: _link(found) if isinstance(found, Link) else [_link(one) for one in found]
            for rel, found in representation.links.items()
        },
    }
    members["_links"] = links
    if representation.embedded:
        members["_embedded"] = {
            rel: _members(found)
            if isinstance(found, Representation)
            else [_members(one) for one in found]
            for rel, found in representation.embedded.items()
        }
    if representation.titled:
        members["rel"] = representation.rel
    if representation.etag is not None:
        members["etag"] = representation.etag
    return members


def _values(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        name: _date(value) if isinstance(value, datetime) else value
        for name, value in properties.items()
    }


def _link(link: Link) -> dict[str, str]:
    members = {"href": link.href}
    if link.revision is not None:
        members["revision"] = str(link.revision)  # text, as the original writes it
    if link.title is not None:
        members["title"] = link.title
    return members


def _date(moment: datetime) -> msgspec.Raw:
    """The slashes are escaped: that is how clients tell a date from a string."""
    return msgspec.Raw(b'"\\/Date(%d)\\/"' % milliseconds(moment))


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise DeserializationFailure(
            f"The body has the member {twice[:100]!r} twice. Send it once."
        )
    return members


def _refuse_constant(name: str) -> object:
    raise DeserializationFailure(f"The body contains {name}, which is not JSON.")


def _finite(number: str) -> float:
    found = float(number)
    if isinf(found):
        raise DeserializationFailure(f"The body contains {number[:100]}, which is too large.")
    return found


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_finite, parse_constant=_refuse_constant
).decode


def read(body: bytes) -> dict[str, object]:
    """Read the JSON object that a request carries.

    Raises DeserializationFailure for what is not an object in UTF-8, repeats a member, nests deeper
    than DEEPEST, holds more than MOST_VALUES, or text that not every format could write again.
    """
    if _has_too_many_values(body):
        raise DeserializationFailure(f"The body contains more than {MOST_VALUES} values.")
    found = _read_plain(body)
    return _read_carefully(body) if found is None else found


def _read_plain(body: bytes) -> dict[str, object] | None:
    """Return the object of a body in which nothing can be wrong, as in most; None of others.

    Where a member comes twice, the decoder keeps the last one, so that a colon is missing.
    """
    if _ESCAPE(body) or b"\xef" in body or body.count(b"{") + body.count(b"[") > DEEPEST:
        return None
    try:
        found = _decode_plain(body)
    except (ValueError, RecursionError):
        return None
    return found if _encode(found).count(b":") == body.count(b":") else None


_ESCAPE = re.compile(rb"\\[^/]").search
"""Finds an escape, but for those that dates bring along."""
_decode_plain = msgspec.json.Decoder(dict[str, object]).decode


def _read_carefully(body: bytes) -> dict[str, object]:
    """Read an object, or tell what is wrong with it."""
    try:
        found = _decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DeserializationFailure("The body is not UTF-8. Send it as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise DeserializationFailure(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:  # an integer with thousands of digits
        raise DeserializationFailure("The body contains a number that is too long.") from error
    if not isinstance(found, dict):
        raise DeserializationFailure("The body must be a JSON object: {…}.")
    if _is_suspicious(body):
        _check(found, 1)
    return found


def _has_too_many_values(body: bytes) -> bool:
    """Return whether there are too many, without reading them.

    Each value but the first comes after a mark, which is none within a string; and has two strings
    at most, one of them its name.
    """
    if _marks(body) <= MOST_VALUES:
        return False
    quotes = body.count(b'"') - body.count(b'\\"')
    return quotes > 4 * MOST_VALUES or _marks(_STRING.sub(b"", body)) > MOST_VALUES


def _marks(body: bytes) -> int:
    return body.count(b",") + body.count(b"[") + body.count(b"{")


_CONTROLS = (b"\\u", b"\\b", b"\\f")
"""The starts of escapes for control characters or surrogates."""


def _is_suspicious(body: bytes) -> bool:
    """Return whether the body could hold what _check refuses: most can't, and skip the walk.

    JSON admits control characters and UTF-8 admits surrogates only as escapes.
    """
    return (
        body.count(b"{") + body.count(b"[") > DEEPEST
        or (b"\\" in body and any(escape in body for escape in _CONTROLS))
        or (b"\xef" in body and b"\xef\xbf" in body)  # how U+FFFE and U+FFFF start
    )


def _check(value: object, depth: int) -> None:
    if isinstance(value, str):
        if not is_writable(value):
            raise DeserializationFailure(
                "The body contains a character that can't be stored: a control "
                "character or half of a surrogate pair."
            )
    elif isinstance(value, dict):
        if depth > DEEPEST:
            raise _too_deep()
        for name, one in value.items():
            _check(name, depth)
            _check(one, depth + 1)
    elif isinstance(value, Sequence):
        if depth > DEEPEST:
            raise _too_deep()
        for one in value:
            _check(one, depth + 1)


def _too_deep() -> DeserializationFailure:
    return DeserializationFailure(f"The body is nested deeper than {DEEPEST} levels.")
