"""Refusals of requests that can't be read, or for which there is no room."""

import httptools

from openucwa.wire.errors import (
    BadRequest,
    CodingNotImplemented,
    EntityTooLarge,
    ServiceUnavailable,
    TooManyRequests,
)

_CLOSE = {"Connection": "close"}
_RETRY = {"Retry-After": "5"}


def malformed(error: httptools.HttpParserError) -> BadRequest:
    """Return the refusal of what is no request."""
    is_ours = isinstance(error, httptools.HttpParserCallbackError)
    reason = "Its target is not an address" if is_ours else str(error)
    return BadRequest(f"This is not an HTTP/1.1 request: {reason}.", headers=_CLOSE)


def of_proxy() -> BadRequest:
    """Return the refusal of CONNECT."""
    return BadRequest("This is a server, not a proxy.", headers=_CLOSE)


def large_head(size: int, headers: int) -> EntityTooLarge:
    """Return the refusal of a head that is larger than so many bytes, or has more headers."""
    return EntityTooLarge(
        f"The request line and headers exceed {size // 1024} KiB, or there are more than "
        f"{headers} headers. Send fewer or shorter headers.",
        headers=_CLOSE,
    )


def endless_body() -> EntityTooLarge:
    """Return the refusal of a body that is not even read to its end."""
    return EntityTooLarge("The body is too large.", headers=_CLOSE)


def unknown_coding() -> CodingNotImplemented:
    """Return the refusal of a body in a transfer coding that nobody here takes off."""
    return CodingNotImplemented(
        "The only supported transfer coding is chunked. Send the body without any other.",
        headers=_CLOSE,
    )


def unfinished() -> BadRequest:
    """Return the refusal of a body that its client has ended early."""
    return BadRequest("The request ended early.", headers=_CLOSE)


def slow_body(rate: int) -> BadRequest:
    """Return the refusal of a body that does not come, or by fewer bytes a second."""
    return BadRequest(
        f"The body did not arrive in time. Send all of it, at {rate} bytes a second or faster.",
        headers=_CLOSE,
    )


def too_many(requests: int) -> TooManyRequests:
    """Return the refusal of a request that comes after so many that have no answers yet."""
    return TooManyRequests(
        f"More than {requests} requests are waiting for answers on this connection. Wait for "
        "answers before you send more.",
        headers=_CLOSE | _RETRY,
    )


def busy() -> ServiceUnavailable:
    """Return the refusal of a request for which there is no memory."""
    return ServiceUnavailable(
        "The server is processing too many requests. Try again in a few seconds.", headers=_RETRY
    )


def crowded() -> ServiceUnavailable:
    """Return the refusal of a request on a connection that is one too many."""
    return ServiceUnavailable(
        "The server has too many connections. Close those that you do not need, and try again in a "
        "few seconds.",
        headers=_CLOSE | _RETRY,
    )


def stopping() -> ServiceUnavailable:
    """Return the refusal of a request of which the rest has not come before the server stops."""
    return ServiceUnavailable(
        "The server is stopping and has not executed this request. Try again in a few seconds.",
        headers=_CLOSE | _RETRY,
    )
