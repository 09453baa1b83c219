"""A connection under full control: a request can be sent but for its last byte."""

from __future__ import annotations

import select
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Self
from urllib.parse import urlsplit

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What a race needs of an answer; `etag` is empty where none was sent."""

    status: int
    etag: str
    body: bytes


class Line:
    """A keep-alive connection to the server of `url`, opened anew once the server has closed it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.netloc, timeout=PATIENCE_SECONDS)
        self._host = parts.netloc
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._held = b""
        self._method = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def hold(self, method: str, headers: Mapping[str, str], body: bytes = b"") -> None:
        """Send a request but for its last byte. Raises OSError."""
        lines = [f"{method} {self._path} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if method != "GET":
            lines.append(f"Content-Length: {len(body)}")
        request = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        if self._hung_up():
            self.close()
        if self._connection.sock is None:
            self._connection.connect()
        self._connection.sock.sendall(request[:-1])
        self._held = request[-1:]
        self._method = method

    def release(self) -> None:
        """Send the byte that was held back: now the server can answer. Raises OSError."""
        self._connection.sock.sendall(self._held)

    def answered(self) -> bool:
        """Whether something has come that has not been read."""
        readable, _, _ = select.select([self._connection.sock], [], [], 0)
        return bool(readable)

    def answer(self) -> Answer:
        """Wait for the answer. Raises OSError or HTTPException when none comes, or half of one."""
        with HTTPResponse(self._connection.sock, method=self._method) as response:
            response.begin()
            found = Answer(response.status, response.headers.get("ETag", ""), response.read())
            if response.will_close:
                self.close()
            return found

    def _hung_up(self) -> bool:
        """Whether the server has closed the connection since its last answer."""
        return self._connection.sock is not None and self.answered()
