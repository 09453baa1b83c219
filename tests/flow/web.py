"""A plain HTTP client, for which every host name leads to the server, and the oracle that watches.

It is http.client and a socket: what it does for its user any program's HTTP library does.
"""

import gzip
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import msgspec

from tests.conformance.oracle import Exchange, Oracle
from tests.sockets.process import PATIENCE, Server


@dataclass
class Web:
    """The network as a client sees it. On leaving, all that passed must have been documented."""

    server: Server
    trusting: ssl.SSLContext | None = None
    """Whom a client of https trusts."""
    exchanges: list[Exchange] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            found = [str(one) for each in self.exchanges for one in Oracle.load().check(each)]
            assert found == []

    def connect(self, host: str) -> socket.socket:
        """A connection to the server, as which that host name is known."""
        plain = socket.create_connection((self.server.host, self.server.port), PATIENCE)
        return self.trusting.wrap_socket(plain, server_hostname=host) if self.trusting else plain

    def ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Exchange:
        """Send a request with http.client."""
        parts = urlsplit(url)
        assert parts.hostname, url
        named = dict(headers or {})
        connection = HTTPConnection(parts.netloc)
        connection.sock = self.connect(parts.hostname)
        try:
            target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            connection.request(method, target, body or None, named)
            response = connection.getresponse()
            return self._note(
                Exchange(
                    method=method,
                    url=url,
                    request_headers=list(named.items()),
                    request_body=body,
                    status=response.status,
                    response_headers=response.getheaders(),
                    response_body=response.read(),
                    raw_header_case=True,
                )
            )
        finally:
            connection.close()

    def send(self, host: str, request: bytes) -> tuple[bytes, bytes]:
        """Send bytes to a host. Returns all that comes back: a head, and what follows it."""
        with self.connect(host) as connection:
            connection.sendall(request)
            received = b""
            while len(received) < _length(received):
                more = connection.recv(65536)
                assert more, received
                received += more
            connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(65536):
                received += more
        head, _, body = received.partition(b"\r\n\r\n")
        sent, _, content = request.partition(b"\r\n\r\n")
        method, target, _ = sent.partition(b"\r\n")[0].decode().split(" ")
        self._note(
            Exchange(
                method=method,
                url=urljoin(f"{self.server.scheme}://{host}", target),
                request_headers=header_lines(sent),
                request_body=content,
                status=int(head.split(b" ")[1]),
                response_headers=header_lines(head),
                response_body=body,
                raw_header_case=True,
            )
        )
        return head, body

    def _note(self, exchange: Exchange) -> Exchange:
        self.exchanges.append(exchange)
        return exchange


def resource(exchange: Exchange) -> dict[str, Any]:
    """The resource in an answer."""
    packed = exchange.response_header("Content-Encoding") == "gzip"
    body = gzip.decompress(exchange.response_body) if packed else exchange.response_body
    return msgspec.json.decode(body, type=dict[str, Any])


def header_lines(head: bytes) -> Sequence[tuple[str, str]]:
    """The header lines of a head, without its first line."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]


def _length(received: bytes) -> int:
    """How long an answer will be of which this has come; at least one byte more if unknown."""
    head, blank, _ = received.partition(b"\r\n\r\n")
    if not blank:
        return len(received) + 1
    headers: Mapping[str, str] = {name.lower(): value for name, value in header_lines(head)}
    return len(head) + len(blank) + int(headers["content-length"])
