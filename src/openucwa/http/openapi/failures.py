"""The failures of a request: the errors of its verb, and those of any request."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from openucwa.http.answer import PLAIN
from openucwa.http.openapi import headers, media
from openucwa.http.openapi.media import Document
from openucwa.http.openapi.schemas import failure
from openucwa.resources import description
from openucwa.resources.resource import Resource
from openucwa.wire.errors import (
    APIVersionNotSupported,
    ApplicationNotFound,
    BadRequest,
    Conflict,
    DeserializationFailure,
    EntityTooLarge,
    Forbidden,
    IdempotencyKeyReused,
    InactiveApplicationExpired,
    NotFound,
    ParameterValidationFailure,
    PreconditionFailed,
    PreconditionRequired,
    ServiceFailure,
    ServiceUnavailable,
    TooManyRequests,
    UcwaError,
    UnsupportedMediaType,
)

Errors = Sequence[type[UcwaError]]

OF_ANYBODY: Errors = (APIVersionNotSupported, BadRequest, ServiceFailure, ServiceUnavailable)
"""The failures of a request that needs no token."""
OF_USERS: Errors = (*OF_ANYBODY, Forbidden)
OF_APPLICATIONS: Errors = (ApplicationNotFound, InactiveApplicationExpired)
OF_BODIES: Errors = (DeserializationFailure, EntityTooLarge, UnsupportedMediaType)
OF_REPEATS: Errors = (Conflict, IdempotencyKeyReused)

UNAUTHENTICATED: Document = {
    "description": "The token is missing or has expired. The headers say where to get one.",
    "headers": headers.named("WWW-Authenticate"),
    "content": {PLAIN.partition(";")[0]: {"schema": {"type": "string"}}},
}
_HEADERS: Mapping[type[UcwaError], Sequence[str]] = {
    Forbidden: ["X-Ms-diagnostics"],
    PreconditionFailed: ["Preference-Applied"],
    ServiceUnavailable: ["Retry-After"],
    TooManyRequests: ["Retry-After"],
}
"""The headers of errors, where they have more than others."""


def errors_of(resource: Resource[Any], method: str) -> Errors:
    """The errors of a method of a resource, by status."""
    verb = resource.verbs.get(method)
    found: set[type[UcwaError]] = {*OF_USERS, TooManyRequests, NotFound, *resource.refusals}
    if description.is_in_application(resource):
        found.update(OF_APPLICATIONS)
    if verb:
        found.update(OF_BODIES if verb.input else (EntityTooLarge, UnsupportedMediaType))
        found.update(verb.errors)
        found.update(OF_REPEATS if verb.repeatable else ())
        if verb.input:
            found.add(ParameterValidationFailure)
    elif resource.asked:
        found.update((DeserializationFailure, ParameterValidationFailure))
    if description.is_versioned(resource) and method != "POST":
        found.add(PreconditionFailed)
        if method == "PUT":
            found.add(PreconditionRequired)
    return sorted(found, key=_order)


class Failures:
    """The responses that tell of errors, each described once."""

    def __init__(self) -> None:
        self.components: Document = {"Unauthenticated": UNAUTHENTICATED}

    def responses(self, errors: Iterable[type[UcwaError]]) -> Document:
        """The responses to a request that may meet these errors."""
        by_status = groupby(sorted(errors, key=_order), lambda error: error.status)
        return {str(status): self._response(list(alike)) for status, alike in by_status}

    def challenged(self, errors: Iterable[type[UcwaError]]) -> Document:
        """The responses to a request that needs a token, too."""
        challenge: Document = {"401": {"$ref": "#/components/responses/Unauthenticated"}}
        return challenge | self.responses(errors)

    def _response(self, errors: Errors) -> Document:
        name = "-".join(error.__name__ for error in errors)
        self.components.setdefault(name, response(errors))
        return {"$ref": f"#/components/responses/{name}"}


def response(errors: Errors, more: Document | None = None) -> Document:
    """The response that tells of one of these errors; `more` is what its body has beside that."""
    schema = failure(errors)
    if more:
        schema = {"allOf": [schema, more]}
    return {
        "description": "\n".join(_line(error) for error in errors),
        "headers": headers.named(*_HEADERS.get(errors[0], ())),
        "content": media.negotiated(schema),
    }


def _line(error: type[UcwaError]) -> str:
    return f"- `{error.subcode or error.code}`: {error.__doc__}"


def _order(error: type[UcwaError]) -> tuple[int, str]:
    return error.status, error.subcode or ""
