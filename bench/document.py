"""A document of any server that offers ETag and If-Match: what it takes to change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

SERIAL = "{serial}"


@dataclass(frozen=True)
class Document:
    """The URL of a document, and the request that changes it.

    `headers` go with every request for it. `body` is what a PUT sends, with `{serial}` wherever one
    update is to differ from all others.
    """

    url: str
    headers: Mapping[str, str]
    body: str
    method: str = "PUT"
    tag: str = ""
    """A regular expression whose group is the new version in an answer; else its ETag is."""
    version: str = ""
    """The version in quotes with which the first update is made; else it is read."""

    @property
    def target(self) -> str:
        """The request target: the path, and the query if there is one."""
        parts = urlsplit(self.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def update(self, serial: str) -> bytes:
        """Return the body of the update of that serial."""
        return self.body.replace(SERIAL, serial).encode()
