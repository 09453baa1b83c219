"""An HTTP/1.1 connection that tells what is known of a request whose connection breaks."""

from __future__ import annotations

import json
import select
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Self
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 60.0


class UnexpectedAnswer(Exception):
    """The server answered something other than the protocol's next step."""


class NotSent(OSError):
    """Nobody listened: the request has not been carried out."""


class NoAnswer(OSError):
    """The connection broke: the request may have been carried out, or not."""


@dataclass(frozen=True)
class Answer:
    """An answer: status, headers as `(name, value)` in their order and case, body bytes."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return the value of the header `name`, in any case, or an empty string."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")

    @property
    def etag(self) -> str:
        """The value of the header ETag, or an empty string."""
        return self.header("ETag")

    def resource(self) -> dict[str, Any]:
        """Return the JSON object in the body."""
        found = json.loads(self.body)
        if not isinstance(found, dict):
            raise UnexpectedAnswer(f"not a JSON object: {self.body[:200]!r}")
        return found

    @property
    def size(self) -> int:
        """The answer's bytes on the wire."""
        head = len(f"HTTP/1.1 {self.status} {self.reason}\r\n\r\n")
        return head + sum(len(n) + len(v) + 4 for n, v in self.headers) + len(self.body)


class Connection:
    """A keep-alive connection to the server of `url`, opened anew once it has been closed.

    It sends a request at a time, from the address `source` if one is given.
    """

    def __init__(self, url: str, timeout: float = TIMEOUT_SECONDS, source: str = "") -> None:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host = parts.netloc
        self._connection = kind(
            parts.netloc, timeout=timeout, source_address=(source, 0) if source else None
        )
        self._method = ""
        self._held = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> None:
        """Send a request. Raises NotSent and NoAnswer."""
        self.hold(method, target, headers, body)
        self.release()

    def hold(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> None:
        """Send a request but for its last byte. Raises NotSent and NoAnswer."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method != "GET":
            lines.append(f"Content-Length: {len(body or b'')}")
        request = "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")
        if self._connection.sock is not None and self.answered():  # it has been closed
            self.close()
        if self._connection.sock is None:
            try:
                self._connection.connect()
            except OSError as error:
                self.close()
                raise NotSent(str(error)) from error
        self._method, self._held = method, request[-1:]
        self._write(request[:-1])

    def release(self) -> None:
        """Send the byte that was held back: now the server can answer. Raises NoAnswer."""
        self._write(self._held)

    def answered(self) -> bool:
        """Return whether something has come that has not been read."""
        readable, _, _ = select.select([self._connection.sock], [], [], 0)
        return bool(readable)

    def answer(self) -> Answer:
        """Return the answer to what was sent. Raises NoAnswer."""
        if self._connection.sock is None:
            raise NoAnswer("The connection is closed.")
        try:
            with HTTPResponse(self._connection.sock, method=self._method) as response:
                response.begin()
                found = Answer(
                    response.status, response.reason, response.getheaders(), response.read()
                )
                if response.will_close:
                    self.close()
                return found
        except (OSError, HTTPException) as error:
            self.close()
            raise NoAnswer(repr(error)) from error

    def _write(self, data: bytes) -> None:
        try:
            self._connection.sock.sendall(data)
        except OSError as error:
            self.close()
            raise NoAnswer(str(error)) from error
