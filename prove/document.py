"""A document of any server that offers ETag and If-Match: what it takes to change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SERIAL = "{serial}"


@dataclass(frozen=True)
class Document:
    """Where a document is, and what is sent to change it.

    `headers` go with every request for it. `body` is what a PUT sends, with `{serial}` wherever one
    update is to differ from all others.
    """

    url: str
    headers: Mapping[str, str]
    body: str

    def update(self, serial: str) -> bytes:
        """Return the body of the update of that serial."""
        return self.body.replace(SERIAL, serial).encode()
