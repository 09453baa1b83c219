"""The errors of UCWA, each with its HTTP status, code and subcode.

UcwaError
 ├─ BadRequest                          400
 │   ├─ DeserializationFailure
 │   └─ ParameterValidationFailure      names each offending parameter
 ├─ Forbidden                           403
 ├─ NotFound                            404
 │   ├─ APIVersionNotSupported
 │   ├─ ApplicationNotFound
 │   └─ VersionNotFound                 ours
 ├─ MethodNotAllowed                    405
 ├─ Conflict                            409
 │   ├─ AlreadyExists
 │   ├─ PGetReplaced
 │   └─ TooManyOnlineMeetings
 ├─ Gone                                410
 │   ├─ InactiveApplicationExpired
 │   └─ TooManyApplications
 ├─ PreconditionFailed                  412
 ├─ EntityTooLarge                      413
 ├─ UnsupportedMediaType                415
 ├─ IdempotencyKeyReused                422, ours
 ├─ PreconditionRequired                428
 ├─ TooManyRequests                     429
 ├─ ServiceFailure                      500
 ├─ CodingNotImplemented                501, ours
 └─ ServiceUnavailable                  503

Sources: GenericSynchronousErrors.md, ErrorsAndInformationalMessages.md, ApplicationDashboard.md,
Versioning.md and the error tables of the reference pages. Ours are on docs/extensions.md.
"""

from collections.abc import Mapping
from itertools import islice
from typing import ClassVar

MOST_NAMED = 20
"""How many offending parameters an answer names."""


class UcwaError(Exception):
    """An answer that is an error.

    `message` tells a person what to do; `parameters` maps the name of each offending parameter to
    what is wrong with it; `headers` go onto the response as they are.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    subcode: ClassVar[str | None] = None

    def __init__(
        self,
        message: str,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.parameters = dict(parameters or {})
        self.headers = dict(headers or {})


class BadRequest(UcwaError):
    """Something in the request can't be understood; the message tells what."""

    status = 400
    code = "BadRequest"


class DeserializationFailure(BadRequest):
    """The body can't be read; the message tells where."""

    subcode = "DeserializationFailure"


class ParameterValidationFailure(BadRequest):
    """Values that can't be taken; `parameters` names each and what is wrong with it."""

    subcode = "ParameterValidationFailure"

    def __init__(self, parameters: Mapping[str, str]) -> None:
        named = dict(islice(parameters.items(), MOST_NAMED))
        reasons = "; ".join(f"{name} {reason}" for name, reason in named.items())
        more = len(parameters) - len(named)
        rest = f"; and {more} more" if more else ""
        super().__init__(f"Please correct: {reasons}{rest}.", parameters=named)


class Forbidden(UcwaError):
    """The token is not valid here, or not any more: sign in again."""

    status = 403
    code = "Forbidden"


class NotFound(UcwaError):
    """It is not there, or not this user's."""

    status = 404
    code = "NotFound"


class APIVersionNotSupported(NotFound):
    """No resource is served in the version that the client needs: go on with what there is."""

    subcode = "APIVersionNotSupported"


class ApplicationNotFound(NotFound):
    """There is no such application of this user: create one."""

    subcode = "ApplicationNotFound"


class VersionNotFound(NotFound):
    """The server does not keep that version, or not any more: go on with your own copy of it."""

    subcode = "VersionNotFound"


class MethodNotAllowed(UcwaError):
    """The resource does not take this method; `Allow` names those that it takes."""

    status = 405
    code = "MethodNotAllowed"


class Conflict(UcwaError):
    """What is there already stands in the way."""

    status = 409
    code = "Conflict"


class AlreadyExists(Conflict):
    """The id is taken."""

    subcode = "AlreadyExists"


class PGetReplaced(Conflict):
    """A later request, or one of a higher priority, waits for these events."""

    subcode = "PGetReplaced"


class TooManyOnlineMeetings(Conflict):
    """The user has as many meetings as she may have: delete one."""

    subcode = "TooManyOnlineMeetings"


class Gone(UcwaError):
    """It was there, and is not any more."""

    status = 410
    code = "Gone"


class InactiveApplicationExpired(Gone):
    """The application made no request for too long: create it again."""

    subcode = "InactiveApplicationExpired"


class TooManyApplications(Gone):
    """The user has as many applications as she may have, all of them at work: delete one."""

    subcode = "TooManyApplications"


class PreconditionFailed(UcwaError):
    """The version is not one that `If-Match` names, or is one that `If-None-Match` names."""

    status = 412
    code = "PreconditionFailed"


class EntityTooLarge(UcwaError):
    """The body is too large."""

    status = 413
    code = "EntityTooLarge"


class UnsupportedMediaType(UcwaError):
    """The body is in a format that is not spoken here."""

    status = 415
    code = "UnsupportedMediaType"


class IdempotencyKeyReused(UcwaError):
    """The `Idempotency-Key` came with another request before: take a new key for each."""

    status = 422
    code = "UnprocessableEntity"
    subcode = "IdempotencyKeyReused"


class PreconditionRequired(UcwaError):
    """`If-Match` is missing: send the ETag of the version that is to be replaced."""

    status = 428
    code = "PreconditionRequired"


class TooManyRequests(UcwaError):
    """The user has too many requests outstanding: go on after `Retry-After` seconds."""

    status = 429
    code = "TooManyRequests"


class ServiceFailure(UcwaError):
    """Something went wrong in the server; its log tells what, under `X-Request-Id`."""

    status = 500
    code = "ServiceFailure"


class CodingNotImplemented(UcwaError):
    """The body comes in a transfer coding other than chunked: send it without."""

    status = 501
    code = "NotImplemented"


class ServiceUnavailable(UcwaError):
    """The server can't answer at the moment: try again later."""

    status = 503
    code = "ServiceUnavailable"
