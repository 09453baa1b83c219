"""A success: what a server answers to what it has done."""

import httpx2

from openucwa.client.resource import Resource

__all__ = ["Answer"]


class Answer:
    """An answer that is no error.

    `status` is that of HTTP, `headers` go by any spelling of their names, and `resource` is what
    came, if anything did. `repeated` tells that an earlier try of the same request may have been
    done, too.
    """

    __slots__ = ("headers", "repeated", "resource", "status")

    def __init__(
        self,
        status: int,
        headers: httpx2.Headers,
        resource: Resource | None,
        repeated: bool = False,
    ) -> None:
        self.status: int = status
        self.headers: httpx2.Headers = headers
        self.resource: Resource | None = resource
        self.repeated: bool = repeated
