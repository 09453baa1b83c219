"""The errors of UCWA, each with its HTTP status, code and subcode.

UcwaError
 ├─ BadRequest                          400
 │   ├─ DeserializationFailure
 │   └─ ParameterValidationFailure      names each offending parameter
 ├─ Forbidden                           403
 ├─ NotFound                            404
 │   ├─ APIVersionNotSupported
 │   └─ ApplicationNotFound
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
 ├─ PreconditionRequired                428
 ├─ TooManyRequests                     429
 ├─ ServiceFailure                      500
 └─ ServiceUnavailable                  503

Sources: GenericSynchronousErrors.md, ErrorsAndInformationalMessages.md, ApplicationDashboard.md,
Versioning.md and the error tables of the reference pages.
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
    status = 400
    code = "BadRequest"


class DeserializationFailure(BadRequest):
    subcode = "DeserializationFailure"


class ParameterValidationFailure(BadRequest):
    subcode = "ParameterValidationFailure"

    def __init__(self, parameters: Mapping[str, str]) -> None:
        named = dict(islice(parameters.items(), MOST_NAMED))
        reasons = "; ".join(f"{name} {reason}" for name, reason in named.items())
        more = len(parameters) - len(named)
        rest = f"; and {more} more" if more else ""
        super().__init__(f"Please correct: {reasons}{rest}.", parameters=named)


class Forbidden(UcwaError):
    status = 403
    code = "Forbidden"


class NotFound(UcwaError):
    status = 404
    code = "NotFound"


class APIVersionNotSupported(NotFound):
    subcode = "APIVersionNotSupported"


class ApplicationNotFound(NotFound):
    subcode = "ApplicationNotFound"


class MethodNotAllowed(UcwaError):
    status = 405
    code = "MethodNotAllowed"


class Conflict(UcwaError):
    status = 409
    code = "Conflict"


class AlreadyExists(Conflict):
    subcode = "AlreadyExists"


class PGetReplaced(Conflict):
    subcode = "PGetReplaced"


class TooManyOnlineMeetings(Conflict):
    subcode = "TooManyOnlineMeetings"


class Gone(UcwaError):
    status = 410
    code = "Gone"


class InactiveApplicationExpired(Gone):
    subcode = "InactiveApplicationExpired"


class TooManyApplications(Gone):
    subcode = "TooManyApplications"


class PreconditionFailed(UcwaError):
    status = 412
    code = "PreconditionFailed"


class EntityTooLarge(UcwaError):
    status = 413
    code = "EntityTooLarge"


class UnsupportedMediaType(UcwaError):
    status = 415
    code = "UnsupportedMediaType"


class PreconditionRequired(UcwaError):
    status = 428
    code = "PreconditionRequired"


class TooManyRequests(UcwaError):
    status = 429
    code = "TooManyRequests"


class ServiceFailure(UcwaError):
    status = 500
    code = "ServiceFailure"


class ServiceUnavailable(UcwaError):
    status = 503
    code = "ServiceUnavailable"
