"""A request as the synchronous core sees it: its headers and its body, read to the end."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

from openucwa.domain.applications import Application
from openucwa.http.formats import Format, accepted
from openucwa.wire.errors import BadRequest, EntityTooLarge, UcwaError, UnsupportedMediaType

LARGEST_BODY = 1024 * 1024
"""Bytes. A meeting with two thousand people of ordinary names has a tenth of that."""

# A client that is still sending when the connection is closed may never see the answer, so what is
# too large is read all the same, within limits.
MOST_READ = 32 * LARGEST_BODY
_DIGITS_READ = len(str(MOST_READ))

REFUSAL = "refusal"
"""The key in the state of an ASGI scope for the error to answer, if the request can't be read."""
LAST = "last"
"""The key that tells that the connection ends with this request, whatever its client wishes."""
HANG_UP = "hang_up"
"""The key of the function that ends the connection at once."""
WHEN_GONE = "when_gone"
"""The key of the function that is told what to call when the client has hung up."""
_MOST_PARAMETERS = 1000  # of a query: a list of people may stand there

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?|")


class _Ids:
    """Names of requests. No two processes give the same, even where one was forked from another."""

    def __init__(self) -> None:
        self._renew()
        os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self._process = token_hex(6)
        self._counter = count(1)

    def new(self) -> str:
        return f"{self._process}-{next(self._counter)}"


_ids = _Ids()


@dataclass(frozen=True, slots=True)
class Assertion:
    """A verified token of the organization's issuer: whose it is, and when it is valid.

    The times are seconds since 1970.
    """

    address: str
    valid_from: float
    expires_at: float


@dataclass(slots=True)
class Notes:
    """Notes about a request, taken while it is carried out, for the log and what follows.

    `account` is that which a request for a token names, `parts` is how many requests a batch holds.
    `unnoted` is the application where it is time to remember that it is in use.
    """

    route: str | None = None
    user: str | None = None
    application: int | None = None
    account: str | None = None
    parts: int | None = None
    unnoted: Application | None = None


@dataclass(slots=True)
class Call:
    """A request. Header names are in lower case.

    `id` names it in the log: the client's own, where that is fit for a log, or else a new one.
    `assertion` is what a token of the organization's issuer says, or why it can't be taken; None
    where there is no such token.
    `receive` reads the body, and `when_gone` is told what to call when the client hangs up.
    `is_part` tells that this is one of a batch. `format` is what the client wants answers to be in.
    `line` says in whose line it waits, and `held` how many bytes its answer takes. `given` are the
    parameters of its query, once somebody has asked.
    """

    method: str
    path: bytes
    query: bytes
    version: str
    scheme: str
    client: str
    headers: dict[str, str]
    receive: Receive
    when_gone: Callable[[Callable[[], None]], None] = field(default=lambda _: None)
    body: bytes = b""
    id: str = field(init=False)
    format: Format = field(init=False)
    notes: Notes = field(default_factory=Notes)
    assertion: Assertion | Exception | None = None
    is_part: bool = False
    line: int | str = ""
    held: int = 0
    given: dict[str, str] | None = None

    def __post_init__(self) -> None:
        sent = self.header("x-request-id")
        self.id = sent if sent and _ID.fullmatch(sent) else _ids.new()
        self.format = accepted(self.header("accept"))

    def header(self, name: str) -> str | None:
        """The value of a header; of several lines of one name, all, joined by commas."""
        return self.headers.get(name)

    def parameters(self) -> dict[str, str]:
        """The parameters of the query, by their names in lower case. Raises BadRequest."""
        if self.given is None:
            self.given = {name.lower(): value for name, value in self._query()}
        return self.given

    def values(self) -> dict[str, list[str]]:
        """All values of each parameter of the query, by name in lower case. Raises BadRequest.

        Bytes that are no UTF-8 are surrogates in them.
        """
        values: dict[str, list[str]] = {}
        for name, value in self._query(keep_blank_values=True, errors="surrogateescape"):
            values.setdefault(name.lower(), []).append(value)
        return values

    def _query(self, **how: Any) -> list[tuple[str, str]]:
        try:
            return parse_qsl(self.query.decode("latin-1"), max_num_fields=_MOST_PARAMETERS, **how)
        except ValueError as error:
            raise BadRequest("The address has too many parameters.") from error

    @property
    def verb(self) -> str:
        """The method. HEAD is GET, whose body the server below leaves out."""
        return "GET" if self.method == "HEAD" else self.method

    @property
    def is_last(self) -> bool:
        """True if the connection is to be closed afterwards (RFC 9112, section 9.3)."""
        wishes = (self.header("connection") or "").lower()
        return "close" in wishes or self.version != "1.1"


def call_of(scope: Scope, receive: Receive) -> Call:
    """The request of an ASGI scope, its body not yet read."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    client = scope.get("client")
    return Call(
        method=scope["method"],
        path=scope.get("raw_path") or scope["path"].encode(),
        query=scope["query_string"],
        version=scope["http_version"],
        scheme=scope["scheme"],
        client=client[0] if client else "",
        headers=headers,
        receive=receive,
        when_gone=scope.get("state", {}).get(WHEN_GONE, _never),
    )


def _never(_: Callable[[], None]) -> None:
    """Leave it to the timeout: this server does not tell when a client hangs up."""


def check_readable(scope: Scope) -> None:
    """Raise the UcwaError that the request met below: in its head, or by now in its body."""
    error: UcwaError | None = scope.get("state", {}).get(REFUSAL)
    if error is not None:
        raise error


def check_host(call: Call) -> None:
    """Raise BadRequest for a Host that is none: links and challenges are made from it."""
    host = call.header("host")
    if host is None and call.version != "1.0":
        raise BadRequest("The request has no Host header (RFC 9112, section 3.2).")
    if not _HOST.fullmatch(host or ""):
        raise BadRequest("The request's Host header is not a host name (RFC 9112, section 3.2).")


async def read_body(call: Call, scope: Scope) -> None:
    """Read the body into the call. What is refused meanwhile is read, too, and not kept.

    Raises EntityTooLarge beyond LARGEST_BODY, BadRequest when the client goes away meanwhile.
    """
    announced = call.header("content-length") or "0"
    if announced.isdigit() and len(announced) > _DIGITS_READ:
        raise _too_large()
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await call.receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The request ended early.")
        part = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(part)
        if size > LARGEST_BODY or REFUSAL in scope.get("state", {}):
            parts.clear()
        else:
            parts.append(part)
        if size > MOST_READ:
            raise _too_large()
    if size > LARGEST_BODY:
        raise _too_large()
    call.body = b"".join(parts)


def check_coding(call: Call) -> None:
    """Raise UnsupportedMediaType for a body that is packed: what is small so may be large then."""
    coding = call.header("content-encoding")
    if coding and call.body and coding.lower() != "identity":
        raise UnsupportedMediaType("The body is compressed. Send it without a Content-Encoding.")


def _too_large() -> EntityTooLarge:
    return EntityTooLarge(
        f"The body is larger than {LARGEST_BODY // 1024} KiB.", headers={"Connection": "close"}
    )
