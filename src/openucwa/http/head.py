"""The head of a request, before anything is made of it: its target, and what is wrong with it."""

import re
from collections.abc import Sequence

from openucwa.http import refusals
from openucwa.wire.errors import UcwaError

LARGEST_HEAD = 64 * 1024
"""Bytes of the target and the headers together. A Kerberos ticket, the largest, has 64,000."""
MOST_HEADERS = 200

_ABSOLUTE = re.compile(rb"[a-z][a-z0-9+.-]*://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)

Headers = list[tuple[bytes, bytes]]


def target(url: bytes, method: bytes, headers: Headers) -> bytes:
    """Return the path and the query of a target; the host of a whole address is the Host then."""
    if url.startswith(b"/") or not (found := _ABSOLUTE.fullmatch(url)):
        return url
    host, rest = found.groups()  # RFC 9112, section 3.2.2
    headers[:] = [one for one in headers if one[0] != b"host"]
    headers.append((b"host", host))
    if method == b"OPTIONS" and not rest:  # RFC 9112, section 3.2.4
        return b"*"
    return rest if rest.startswith(b"/") else b"/" + rest


def problem(url: bytes, headers: Headers, came: int) -> UcwaError | None:
    """Return why a request is not read, or None. All that `came` of it are so many bytes."""
    if _is_too_large(url, headers, came):
        return too_large()
    codings = b",".join(value for name, value in headers if name == b"transfer-encoding")
    if codings and codings.strip().lower() != b"chunked":  # RFC 9112, section 6.1
        return refusals.unknown_coding()
    return None


def too_large() -> UcwaError:
    """Return the refusal of a head that is too large."""
    return refusals.large_head(LARGEST_HEAD, MOST_HEADERS)


def _is_too_large(url: bytes, headers: Sequence[tuple[bytes, bytes]], came: int) -> bool:
    """Return whether a head is too large. Where little has come, it is not even added up."""
    if len(headers) > MOST_HEADERS:
        return True
    if came <= LARGEST_HEAD:
        return False
    return len(url) + sum(len(name) + len(value) for name, value in headers) > LARGEST_HEAD
