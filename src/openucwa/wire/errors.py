"""The errors of UCWA, each with its HTTP status, code and subcode.

UcwaError
 ├─ BadRequest                          400
 │   ├─ DeserializationFailure
 │   └─ ParameterValidationFailure      names each offending parameter
 ├─ Forbidden                           403
 │   ├─ AnonymousNotAllowed
 │   ├─ AttendeeNotAllowed
 │   ├─ LimitExceeded
 │   └─ OperationNotSupported
 ├─ NotFound                            404
 │   ├─ APIVersionNotSupported
 │   ├─ ApplicationNotFound
 │   ├─ DestinationNotFound
 │   └─ VersionNotFound                 ours
 ├─ MethodNotAllowed                    405
 ├─ Conflict                            409
 │   ├─ AlreadyExists
 │   ├─ MakeMeAvailableRequired
 │   ├─ PGetReplaced
 │   ├─ ThreadIdAlreadyExists
 │   ├─ TooManyConversations
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
"""The largest number of parameters that an error names."""


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
    """The request can't be understood; the message says why."""

    status = 400
    code = "BadRequest"


class DeserializationFailure(BadRequest):
    """The body can't be read; the message says where it is wrong."""

    subcode = "DeserializationFailure"


class ParameterValidationFailure(BadRequest):
    """Parameters have invalid values; `parameters` names each and says what is wrong with it."""

    subcode = "ParameterValidationFailure"

    def __init__(self, parameters: Mapping[str, str]) -> None:
        named = dict(islice(parameters.items(), MOST_NAMED))
        reasons = "; ".join(f"{name} {reason}" for name, reason in named.items())
        more = len(parameters) - len(named)
        rest = f"; and {more} more" if more else ""
        super().__init__(f"Correct these parameters: {reasons}{rest}.", parameters=named)


class Forbidden(UcwaError):
    """The user may not do this; or the token is invalid or was revoked, then sign in again."""

    status = 403
    code = "Forbidden"


class AnonymousNotAllowed(Forbidden):
    """A guest of a meeting may not do this: sign in with an account of the organization."""

    subcode = "AnonymousNotAllowed"


class AttendeeNotAllowed(Forbidden):
    """A leader has disabled this for attendees of the meeting."""

    subcode = "AttendeeNotAllowed"


class LimitExceeded(Forbidden):
    """The group has as many members as it may have: remove one."""

    subcode = "LimitExceeded"


class OperationNotSupported(Forbidden):
    """The group can't be changed by the user."""

    subcode = "OperationNotSupported"


class NotFound(UcwaError):
    """The resource does not exist, or belongs to another user."""

    status = 404
    code = "NotFound"


class APIVersionNotSupported(NotFound):
    """The server has no resource in the version that the client requires: use an older version."""

    subcode = "APIVersionNotSupported"


class ApplicationNotFound(NotFound):
    """The user has no such application: create one."""

    subcode = "ApplicationNotFound"


class DestinationNotFound(NotFound):
    """There is no such meeting or person."""

    subcode = "DestinationNotFound"


class VersionNotFound(NotFound):
    """The server does not keep that version, or no longer: use your own copy of it."""

    subcode = "VersionNotFound"


class MethodNotAllowed(UcwaError):
    """The resource does not support this method; `Allow` lists those that it does."""

    status = 405
    code = "MethodNotAllowed"


class Conflict(UcwaError):
    """The request conflicts with an existing resource."""

    status = 409
    code = "Conflict"


class AlreadyExists(Conflict):
    """It is there already: the id is in use, or the user is available already."""

    subcode = "AlreadyExists"


class MakeMeAvailableRequired(Conflict):
    """The user is not available in this application: use makeMeAvailable first."""

    subcode = "MakeMeAvailableRequired"


class PGetReplaced(Conflict):
    """A later request, or one of a higher priority, is waiting for these events."""

    subcode = "PGetReplaced"


class ThreadIdAlreadyExists(Conflict):
    """The user takes part in a conversation of that thread: use it, or another thread."""

    subcode = "ThreadIdAlreadyExists"


class TooManyConversations(Conflict):
    """The user takes part in too many conversations: leave one."""

    subcode = "TooManyConversations"


class TooManyOnlineMeetings(Conflict):
    """The user has reached the limit of meetings: delete one."""

    subcode = "TooManyOnlineMeetings"


class Gone(UcwaError):
    """The resource no longer exists."""

    status = 410
    code = "Gone"


class InactiveApplicationExpired(Gone):
    """The application made no request for too long: create it again."""

    subcode = "InactiveApplicationExpired"


class TooManyApplications(Gone):
    """The user has reached the limit of applications, and all are in use: delete one."""

    subcode = "TooManyApplications"


class PreconditionFailed(UcwaError):
    """`If-Match` does not name the current version, or `If-None-Match` does."""

    status = 412
    code = "PreconditionFailed"


class EntityTooLarge(UcwaError):
    """The body is too large."""

    status = 413
    code = "EntityTooLarge"


class UnsupportedMediaType(UcwaError):
    """The media type of the body is not supported."""

    status = 415
    code = "UnsupportedMediaType"


class IdempotencyKeyReused(UcwaError):
    """The `Idempotency-Key` was used for another request: use a new key for each."""

    status = 422
    code = "UnprocessableEntity"
    subcode = "IdempotencyKeyReused"


class PreconditionRequired(UcwaError):
    """`If-Match` is missing: send the ETag of the version to be replaced."""

    status = 428
    code = "PreconditionRequired"


class TooManyRequests(UcwaError):
    """The user has too many requests outstanding: retry after `Retry-After` seconds."""

    status = 429
    code = "TooManyRequests"


class ServiceFailure(UcwaError):
    """The server failed; its log has the details under the `X-Request-Id`."""

    status = 500
    code = "ServiceFailure"


class CodingNotImplemented(UcwaError):
    """The body has a transfer coding other than chunked: send it without."""

    status = 501
    code = "NotImplemented"


class ServiceUnavailable(UcwaError):
    """The server is unavailable at the moment: retry later."""

    status = 503
    code = "ServiceUnavailable"
