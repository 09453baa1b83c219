"""A success: what a server answers to what it has done."""

import httpx2

from openucwa.client.resource import Resource

__all__ = ["Answer"]


class Answer:
    """An answer that is no error."""

    __slots__ = ("headers", "repeated", "resource", "status")

    def __init__(
        self,
        status: int,
        headers: httpx2.Headers,
        resource: Resource | None,
        repeated: bool = False,
    ) -> None:
        self.status: int = status
        """Of HTTP."""
        self.headers: httpx2.Headers = headers
        """By any spelling of their names."""
        self.resource: Resource | None = resource
        """What came, if anything did."""
        self.repeated: bool = repeated
        """Whether an earlier try of the same request may have been done, too."""
