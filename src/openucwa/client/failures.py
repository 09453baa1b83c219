"""Which error of ours an exception of the HTTP library is, or an answer that is an error."""

import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from openucwa.client.errors import (
    AnswerLost,
    BadInput,
    CertificateRefused,
    Conflict,
    ConnectionFailed,
    Forbidden,
    Gone,
    NotFound,
    NotUcwa,
    PreconditionFailed,
    ProxyRefused,
    Refused,
    ServerFailed,
    SignInFailed,
    TooMany,
    Unavailable,
)
from openucwa.client.proxies import PROXY

__all__ = [
    "GATEWAY",
    "NOT_DONE",
    "REPEATED",
    "TRANSIENT",
    "astray",
    "content_of",
    "is_application_gone",
    "is_token_refused",
    "one_line",
    "refusal",
    "retry_after",
    "unconnected",
    "unsent",
    "unwelcome",
]

REPEATED = "openucwa.repeated"
"""The extension of a response that tells: an earlier try of the request may have been done."""

_UNSENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)
_KINDS: Mapping[int, type[Refused]] = {
    400: BadInput,
    403: Forbidden,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    410: Gone,
    412: PreconditionFailed,
    413: BadInput,
    415: BadInput,
    425: Unavailable,
    428: BadInput,
    429: TooMany,
    500: ServerFailed,
    502: ServerFailed,
    503: Unavailable,
    504: ServerFailed,
    **dict.fromkeys((*range(520, 526), 530), ServerFailed),
}
NOT_DONE = frozenset({425, 429})
"""Statuses that say: nothing was done, try again (RFC 8470, section 5.2; RFC 6585, section 4)."""
GATEWAY = frozenset({408, 502, 504, *range(520, 526), 530})
"""Statuses of something that waited for the request or for its answer in vain, or could not reach
the server: it may have been done. 520 to 530 are those of a content delivery network, which answers
524 after 100 seconds."""
TRANSIENT = NOT_DONE | GATEWAY | {503}
"""Statuses after which a request that is safe to repeat is repeated (RFC 9110, 9.2.2, 15.5.9)."""
_TOO_MANY = frozenset({"TooManyApplications", "TooManyOnlineMeetings"})
_ENDED = frozenset({"ApplicationNotFound", "InactiveApplicationExpired"})
_UNKNOWN = "28055"
"""The numbers in `X-Ms-diagnostics` for an invalid or expired token."""
_LONGEST = 500
_TITLE = r"(?i)<title[^>]*>([^<]{1,200})"
# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_NOT_YET_VALID, _EXPIRED, _SELF_SIGNED, _SELF_SIGNED_CHAIN, _UNKNOWN_ISSUER = 9, 10, 18, 19, 20
_OTHER_HOST, _OTHER_ADDRESS = 62, 64


def unsent(error: httpx2.RequestError) -> bool:
    """Return whether it is certain that the server has not seen the request."""
    return isinstance(error, _UNSENT)


def unconnected(
    error: httpx2.RequestError, request: httpx2.Request, *, safe: bool
) -> ConnectionFailed:
    """Return the error for an exception of the HTTP library.

    `safe` tells that nothing can have been changed, even if the request arrived.
    """
    host = _place(request.url)
    causes = list(_causes(error))
    proxy = request.extensions.get(PROXY)
    if proxy is not None and unsent(error) and (refused := _by_proxy(error, causes, proxy, host)):
        return refused
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CertificateRefused(_certificate(cause, request.url.host))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return ConnectionFailed(
                f"{host} does not answer with TLS. Check the port and the scheme of the URL."
            )
        if isinstance(cause, socket.gaierror):
            return ConnectionFailed(
                f"There is no host named {request.url.host}, or no name server can be reached. "
                "Check the spelling and the network."
            )
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes) and unsent(error):
        return ConnectionFailed(
            f"{host} refuses connections. Check that the server is running, and its port."
        )
    if isinstance(error, httpx2.ProxyError):  # of a transport that the caller has brought along
        return ProxyRefused(f"The proxy on the way to {host} can't be used: {one_line(error)}.")
    if isinstance(error, httpx2.ConnectTimeout):
        return ConnectionFailed(
            f"{host} did not accept the connection in time. Check that it is reachable."
        )
    if isinstance(error, httpx2.PoolTimeout):
        return ConnectionFailed(f"All connections to {host} were in use for too long.")
    if isinstance(error, httpx2.UnsupportedProtocol):
        return ConnectionFailed(
            f"{request.url} is not the address of a server. Start it with https://."
        )
    if unsent(error):
        return ConnectionFailed(f"{host} can't be reached: {one_line(error)}.")
    if proxy is not None:
        host = f"{host}, or the proxy {proxy} on the way to it,"
    what = "did not answer in time" if isinstance(error, httpx2.TimeoutException) else "hung up"
    is_unread = isinstance(error, httpx2.DecodingError | httpx2.RemoteProtocolError)
    if is_unread and one_line(error) and "disconnected" not in str(error):
        what = f"sent an answer that can't be read ({one_line(error)})"
    if safe:
        return ConnectionFailed(f"{host} {what}. Try again later.")
    return AnswerLost(
        f"{host} {what}: the request may or may not have been executed. Check before you repeat it."
    )


def _by_proxy(
    error: httpx2.RequestError, causes: list[BaseException], proxy: str, host: str
) -> ProxyRefused | None:
    """Return the error of a request that did not pass the proxy; None for one behind it."""
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return None
    if isinstance(error, httpx2.ProxyError):
        reason = one_line(error)
        if reason.startswith("407"):
            return ProxyRefused(
                f"The proxy {proxy} wants a user name and password. Give them in its address: "
                "http://USER:PASSWORD@HOST:PORT."
            )
        return ProxyRefused(f"The proxy {proxy} makes no connection to {host}: {reason}.")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        why = "has a host name that can't be resolved"
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        why = "refuses connections"
    elif isinstance(error, httpx2.ConnectTimeout):
        why = "did not accept the connection in time"
    elif isinstance(error, httpx2.ConnectError):
        why = f"can't be reached ({one_line(error)})"
    else:
        return None
    return ProxyRefused(
        f"The proxy {proxy} {why}. Correct its address, or list {host} in NO_PROXY."
    )


def _place(url: httpx2.URL) -> str:
    return url.netloc.decode("ascii", "replace") or str(url)


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> str:
    code = error.verify_code
    if code == _EXPIRED:
        return f"The certificate of {host} has expired. Ask its administrator to renew it."
    if code == _NOT_YET_VALID:
        return f"The certificate of {host} is not valid yet. Check the clock of this machine."
    if code in (_OTHER_HOST, _OTHER_ADDRESS):
        return (
            f"The certificate of {host} belongs to another host. Check the address, and whether a "
            "proxy answers instead of the server."
        )
    if code in (_SELF_SIGNED, _SELF_SIGNED_CHAIN, _UNKNOWN_ISSUER):
        kind = "is self-signed" if code == _SELF_SIGNED else "was issued by an unknown authority"
        return (
            f"The certificate of {host} {kind}. If you trust it, name the authority's certificate: "
            'verify="ca.pem".'
        )
    return f"The certificate of {host} is not valid: {error.verify_message}."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception with all that led to it."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        waiting += [inner for inner in one.args if isinstance(inner, BaseException)]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions


def one_line(text: object) -> str:
    """A text of elsewhere on one line, without what a terminal would obey."""
    return " ".join("".join(one if one.isprintable() else " " for one in str(text)).split())[
        :_LONGEST
    ].rstrip(".")


def content_of(response: httpx2.Response) -> dict[str, object] | None:
    """The JSON object of an answer; None if it has no body.

    Raises NotUcwa for anything else.
    """
    if not response.content:
        return None
    found = _json(response)
    if found is None:
        raise NotUcwa(_foreign(response))
    return found


def _json(response: httpx2.Response) -> dict[str, object] | None:
    try:
        found = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _foreign(response: httpx2.Response) -> str:
    host = _place(response.request.url)
    if _is_html(response):
        title = re.search(_TITLE, response.text[:20_000])
        named = f" ({one_line(title[1])!r})" if title and title[1].strip() else ""
        return (
            f"{host} answered with a web page{named} instead of UCWA. Check the address, and "
            "whether a proxy or a sign-in page answers instead of the server."
        )
    return (
        f"{host} answered with something that is not UCWA. Check the address, and whether a proxy "
        "changes the answers."
    )


def _is_html(response: httpx2.Response) -> bool:
    media_type = response.headers.get("Content-Type", "").lower()
    return "html" in media_type or response.content[:200].lstrip()[:1] == b"<"


def refusal(response: httpx2.Response) -> Refused | NotUcwa:
    """Return the error for an answer that is no success. Its body has been read."""
    status = response.status_code
    if 300 <= status < 400:
        return NotUcwa(_redirected(response))
    body = _json(response) or {}
    code, subcode = _text(body.get("code")), _text(body.get("subcode"))
    kind = TooMany if {code, subcode} & _TOO_MANY else _KINDS.get(status, Refused)
    return kind(
        one_line(_text(body.get("message")) or _status_line(response)) + ".",
        status=status,
        code=code,
        subcode=subcode,
        parameters=_parameters(body.get("parameters")),
        body=body,
        headers=dict(response.headers),
        retry_after=retry_after(response),
        repeated=REPEATED in response.extensions,
    )


def _redirected(response: httpx2.Response) -> str:
    request = response.request.url
    target = one_line(response.headers.get("Location", "elsewhere"))
    return (
        f"{_place(request)} redirects to {target}, which a UCWA server does not do here. Check "
        "whether that is the sign-in page of a proxy."
    )


def _status_line(response: httpx2.Response) -> str:
    what = f"{response.status_code} {response.reason_phrase}".strip()
    page = " and a web page" if response.content and _is_html(response) else ""
    return f"{_place(response.request.url)} answers {what}{page}"


def _text(found: object) -> str | None:
    return found if isinstance(found, str) and found else None


def _parameters(found: object) -> dict[str, str]:
    """Return the reason by parameter: from an object, or from UCWA's array of name and reason."""
    if isinstance(found, Mapping):
        return {str(name): one_line(reason) for name, reason in found.items()}
    if isinstance(found, list):
        return {
            str(one.get("name")): one_line(one.get("reason", ""))
            for one in found
            if isinstance(one, Mapping)
        }
    return {}


def retry_after(response: httpx2.Response) -> float | None:
    """After how many seconds to ask again (RFC 9110, section 10.2.3): a number, or a date."""
    value = response.headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def is_application_gone(response: httpx2.Response) -> bool:
    """Return whether the application has ended: nothing was done, and it must be created again."""
    if response.status_code not in (404, 410):
        return False
    body = _json(response) or {}
    return bool(_ENDED & {_text(body.get("code")), _text(body.get("subcode"))})


def is_token_refused(response: httpx2.Response) -> bool:
    """Return whether the token is invalid or expired: nothing was done, and it must be renewed.

    That is 401, or 403 with the diagnosis of the original (ErrorsAndInformationalMessages.md).
    """
    if response.status_code == 401:
        return True
    diagnostics = response.headers.get("X-Ms-diagnostics", "")
    return response.status_code == 403 and diagnostics.strip().startswith(_UNKNOWN)


def astray(applications: httpx2.URL, href: str) -> NotUcwa:
    """Told of an application whose address is none of its server."""
    return NotUcwa(
        f"{applications} created an application at {href!r}, which is not an address of that "
        "server."
    )


def unwelcome(url: httpx2.URL) -> SignInFailed:
    """Told of a server that refuses the token it has just given."""
    return SignInFailed(
        f"{url.host} does not accept the token that it has just granted. Try again later."
    )
