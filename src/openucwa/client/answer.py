"""A success, as a session tells it."""

from dataclasses import dataclass

import httpx2

from openucwa.client.resource import Resource

__all__ = ["Answer"]


@dataclass(frozen=True)
class Answer:
    """The status, the headers (by any spelling of their names), and the resource that came.

    `repeated` tells that an earlier try of the same request may have been done, too.
    """

    status: int
    headers: httpx2.Headers
    resource: Resource | None
    repeated: bool = False
