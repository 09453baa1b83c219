"""The errors of a UCWA client. The text of each is a sentence for people.

ClientError
 ├─ BadEnvironment             a variable like HTTPS_PROXY can't be used; .variable
 ├─ DiscoveryFailed            there is no server for that address; tells what was tried
 ├─ SignInFailed
 │   ├─ WrongPassword
 │   ├─ LockedOut              .retry_after, in seconds
 │   └─ SignInRequired         the token holds no more, and there is no password at hand
 ├─ ConnectionFailed           no such host, refused, timed out: nothing was done
 │   ├─ CertificateRefused
 │   ├─ NotUcwa                something else answers: a proxy, a sign-in page
 │   ├─ ProxyRefused           the proxy can't be reached, or does not pass requests on
 │   └─ AnswerLost             it was sent, and may have been done
 ├─ Refused                    any answer that is an error: .status .code .subcode .parameters …
 │   ├─ BadInput               400, 413, 415, 428
 │   ├─ Forbidden              403
 │   ├─ NotFound               404
 │   ├─ Conflict               409
 │   ├─ Gone                   410
 │   ├─ PreconditionFailed     412
 │   ├─ TooMany                429, and what the user has too many of; .retry_after
 │   ├─ ServerFailed           500, 502, 504, 520 to 525, 530
 │   └─ Unavailable            408, 425, 503; .retry_after
 ├─ ForeignLink                the address is not one of this server
 ├─ EventsTaken                somebody else follows the events of this application
 ├─ NotOffered                 the link of that capability is not there
 ├─ MeetingNotFound            the user has no such meeting
 ├─ MeetingChanged             somebody else changed it meanwhile: see conflict.py
 │   └─ MeetingConflict, AsyncMeetingConflict      .resolve()
 ├─ ChangesIgnored             the server saved the rest; .ignored, .saved
 ├─ MeetingBusy                others kept changing it; nothing clashes; .draft to save later
 ├─ MeetingNotMoved            all was saved but the time; .draft, .saved
 ├─ ConversationEnded          it could not begin, or is over; .why
 └─ MeetingGone                somebody else cancelled it meanwhile
     └─ MeetingDeleted, AsyncMeetingDeleted        .schedule_anew()
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openucwa.client.live.conversation import Reason

__all__ = [
    "AnswerLost",
    "BadEnvironment",
    "BadInput",
    "CertificateRefused",
    "ClientError",
    "Conflict",
    "ConnectionFailed",
    "ConversationEnded",
    "DiscoveryFailed",
    "EventsTaken",
    "Forbidden",
    "ForeignLink",
    "Gone",
    "LockedOut",
    "MeetingNotFound",
    "NotFound",
    "NotOffered",
    "NotUcwa",
    "PreconditionFailed",
    "ProxyRefused",
    "Refused",
    "ServerFailed",
    "SignInFailed",
    "SignInRequired",
    "TooMany",
    "Unavailable",
    "WrongPassword",
]


class ClientError(Exception):
    """Anything that this package raises of its own. Its text tells a person what to do."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Made anew from its text and its attributes: to go to another process, or be copied."""
        return type(self).__new__, (type(self), *self.args), self.__dict__.copy()


class BadEnvironment(ClientError):
    """A variable of the environment, which is named in `variable`, can't be used."""

    def __init__(self, message: str, variable: str) -> None:
        super().__init__(message)
        self.variable: str = variable


class DiscoveryFailed(ClientError):
    """No server was found for an address.

    `tried` maps each address that was asked to what came of it.
    """

    def __init__(self, message: str, tried: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.tried: Mapping[str, str] = dict(tried or {})


class SignInFailed(ClientError):
    """The server refuses to grant a token."""


class WrongPassword(SignInFailed):
    """The user name or the password is wrong. The server doesn't tell which."""


class LockedOut(SignInFailed):
    """There were too many failures: the server looks at no password for `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after: float = retry_after


class SignInRequired(SignInFailed):
    """The token has expired or there is none, and no password is at hand."""


class ConnectionFailed(ClientError):
    """The server can't be reached, and nothing was done."""


class CertificateRefused(ConnectionFailed):
    """The server's certificate is not valid."""


class NotUcwa(ConnectionFailed):
    """The answer is not from a UCWA server, or something in between answers for it."""


class ProxyRefused(ConnectionFailed):
    """The proxy can't be reached, or does not pass the request on: the server was not asked."""


class AnswerLost(ConnectionFailed):
    """The request was sent, and no answer came: it may have been done, or not. Look first."""


class Refused(ClientError):
    """An answer that is an error (ErrorsAndInformationalMessages.md).

    `status` is that of HTTP, `code` and `subcode` are UCWA's, `message` says it in words;
    `parameters` maps the name of each offending parameter to what is wrong with it; `body` is the
    JSON as it came, `headers` has lower-case names. After `retry_after` seconds it may be tried
    again, where the server tells. `repeated` tells that an earlier try of this request got no
    answer that counts and may have been done: a 412 or 404 may then be due to itself.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str | None = None,
        subcode: str | None = None,
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        retry_after: float | None = None,
        repeated: bool = False,
    ) -> None:
        super().__init__(message)
        self.message: str = message
        self.status: int = status
        self.code: str | None = code
        self.subcode: str | None = subcode
        self.parameters: Mapping[str, str] = dict(parameters or {})
        self.body: Mapping[str, object] = dict(body or {})
        self.headers: Mapping[str, str] = dict(headers or {})
        self.retry_after: float | None = retry_after
        self.repeated: bool = repeated


class BadInput(Refused):
    """The server can't take what was sent; `parameters` names what to correct, if it is known."""


class Forbidden(Refused):
    """This user may not do that."""


class NotFound(Refused):
    """The resource does not exist, or belongs to another user."""


class Conflict(Refused):
    """The request conflicts with an existing resource."""


class Gone(Refused):
    """The resource no longer exists."""


class PreconditionFailed(Refused):
    """The resource has changed since the version that the request names."""


class TooMany(Refused):
    """Too many requests at once, or too many meetings or applications."""


class ServerFailed(Refused):
    """The server failed, or the connection between it and its gateway."""


class Unavailable(Refused):
    """The server is unavailable at the moment."""


class ForeignLink(ClientError):
    """The address is not one of this server: the client doesn't send its token there."""


class EventsTaken(ClientError):
    """Another program follows the events of the same application, or this client already does."""


class NotOffered(ClientError):
    """The server does not offer that, or not to this user, or not now: its link is not there."""


class MeetingNotFound(ClientError):
    """The user has no such meeting."""


class ConversationEnded(ClientError):
    """The conversation could not begin, or is over. `why` has the server's reason, if it told."""

    def __init__(self, message: str, why: "Reason | None" = None) -> None:
        super().__init__(message)
        self.why: Reason | None = why
