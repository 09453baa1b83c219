"""One HTTP request with its response, as a test saw it pass."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, urlsplit

Headers = Sequence[tuple[str, str]]

GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class Exchange:
    """A request and its response; `url` is as sent, a path with its query or absolute."""

    method: str
    url: str
    request_headers: Headers
    request_body: bytes
    status: int
    response_headers: Headers
    response_body: bytes
    raw_header_case: bool = False
    """The response's header names are spelled as on the wire. Without it, that is taken to be so
    as soon as one name has a capital letter."""
    inner: bool = False
    """A part of a batch: the transport's own headers stand on the batch, not here."""

    @property
    def verb(self) -> str:
        """The method, with HEAD taken for the GET whose head it asks for."""
        return "GET" if self.method.upper() == "HEAD" else self.method.upper()

    @property
    def path(self) -> str:
        without_origin = self.url if self.url.startswith("/") else urlsplit(self.url).path
        return without_origin.split("?")[0].split("#")[0] or "/"

    @cached_property
    def query_names(self) -> frozenset[str]:
        _, _, query = self.url.partition("?")
        return frozenset(name.lower() for name, _ in parse_qsl(query, keep_blank_values=True))

    @cached_property
    def content(self) -> bytes:
        """The response's body, unpacked in case the client left it gzipped."""
        if self.response_header("Content-Encoding") == "gzip" and self.is_still_packed:
            return gzip.decompress(self.response_body)
        return self.response_body

    @property
    def is_still_packed(self) -> bool:
        return self.response_body.startswith(GZIP_MAGIC)

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    def request_header(self, name: str) -> str | None:
        return next(iter(values(self.request_headers, name)), None)

    def response_header(self, name: str) -> str | None:
        return next(iter(values(self.response_headers, name)), None)

    def __str__(self) -> str:
        return f"{self.method} {self.url} -> {self.status}"


def values(headers: Headers, name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name.lower()]
