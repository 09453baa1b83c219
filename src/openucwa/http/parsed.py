"""A request as it is carried out: all that needs no database, read before the transaction."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from openucwa.http import formats, preconditions, repeats
from openucwa.http.authentication import Credentials, credentials
from openucwa.http.formats import Format
from openucwa.http.negotiation import prefers_representation
from openucwa.http.preconditions import Preconditions
from openucwa.http.request import Call, Notes
from openucwa.resources.resource import Resource
from openucwa.resources.verb import Verb
from openucwa.wire import csv, given
from openucwa.wire.errors import BadRequest, ParameterValidationFailure, UcwaError
from openucwa.wire.given import Given

T = TypeVar("T")


class ParsedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it is read before the transaction: verb, keys, sender, conditions, content.

    What can't be read is the error to raise in its place (`checked`), when those that come first
    have not been raised. `application_id` is None outside of applications, and 0 where the path has
    what can't be one; `keys` are the others of the path. `current` tells that a client wants to be
    shown the current version when its condition does not hold, and `as_table` that she wants CSV of
    what has it. `content` is None where the verb
    takes none, and `asked` where GET takes no more than keys.
    """

    verb: str
    keys: Mapping[str, str]
    application_id: int | None
    instance_id: str | UcwaError
    credentials: Credentials
    format: Format
    preconditions: Preconditions
    current: bool
    as_table: bool
    idempotency_key: str | UcwaError | None
    content: Given[Any] | UcwaError | None
    asked: Given[Any] | UcwaError | None
    notes: Notes


def checked(found: T | UcwaError) -> T:
    """Return what was read. Raises the error that it has."""
    if isinstance(found, UcwaError):
        raise found
    return found


def parse(call: Call, keys: Mapping[str, str], resource: Resource[Any]) -> ParsedRequest:
    """Read everything but the content."""
    return ParsedRequest(
        verb=call.verb,
        keys=_keys(call, keys, resource),
        application_id=_number(keys["application_id"]) if "application_id" in keys else None,
        instance_id=_instance_id(call) if call.query else "",
        credentials=credentials(call, for_photos=resource.is_photo),
        format=call.format,
        preconditions=preconditions.parse(
            call.header("if-match"), call.header("if-none-match"), call.verb
        ),
        current=prefers_representation(call.header("prefer")),
        as_table=bool(resource.as_table) and formats.prefers(call.header("accept"), csv.MEDIA_TYPE),
        idempotency_key=repeats.key_of(call.header("idempotency-key")),
        content=None,
        asked=_asked(call, resource),
        notes=call.notes,
    )


def _keys(call: Call, keys: Mapping[str, str], resource: Resource[Any]) -> dict[str, str]:
    """Return the keys of the path and the query. One that is not given is empty."""
    found = {name: key for name, key in keys.items() if name != "application_id"}
    for key, name in resource.template.queried.items():
        with suppress(BadRequest):  # a query that can't be read is refused with the instance
            found[key] = call.parameters().get(name.lower(), "")
    return found


def _asked(call: Call, resource: Resource[Any]) -> Given[Any] | UcwaError | None:
    if resource.asked is None or call.verb != "GET":
        return None
    try:
        members = given.with_query(resource.asked, {}, call.values() if call.query else {})
        return given.read(resource.asked, members)
    except UcwaError as error:
        return error


def content(call: Call, resource: Resource[Any], verb: Verb) -> Given[Any] | UcwaError | None:
    """Read what a request gives: in its body, and with POST in its query, too."""
    try:
        if verb.input and verb.raw:
            members = given.with_query(verb.input, {}, call.values() if call.query else {})
            found = given.read(verb.input, members)
            body = verb.raw.read(call.header("content-type"), call.body)
            return msgspec.structs.replace(found, body=body)
        format = formats.sent(call.header("content-type"), call.body)
        return _given(call, resource, verb.input, format) if verb.input else None
    except UcwaError as error:
        return error


def _given(call: Call, resource: Resource[Any], input: type[Any], format: Format) -> Given[Any]:
    members: Mapping[str, object] = format.read(call.body) if call.body.strip() else {}
    if format.is_text:
        members = given.from_text(input, members)
    if call.query and call.verb == "POST":
        members = given.with_query(input, members, call.values())
    found = given.read(input, members)
    play_back = resource.play_back
    if call.verb == "PUT" and play_back and play_back not in map(str.lower, members):
        raise ParameterValidationFailure(
            {play_back: "is missing: send back every member that GET returned"}
        )
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _instance_id(call: Call) -> str | UcwaError:
    try:
        return call.parameters().get("instanceid", "")
    except UcwaError as error:
        return error
