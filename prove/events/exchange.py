"""A request of a listener to its event channel, and the answer: a line of the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event: what happened to what, and in which version it was shown, where it was."""

    type: str
    rel: str
    key: str
    version: int = 0


class Exchange(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A request of a channel and its answer; `status` is None where none came.

    Numbers are those of packages, and None where there is no such link. Times are in nanoseconds.
    """

    channel: str
    asked: int
    """The package that was asked for."""
    sent: int
    answered: int | None = None
    status: int | None = None
    number: int | None = None
    """The package that came."""
    next: int | None = None
    resync: int | None = None
    resume: int | None = None
    events: list[Event] = []
    is_kept: bool = False
    """True if the listener took it, and did not behave as if the answer had been lost."""
    is_contested: bool = False
    """True if another request of the channel may have been pending."""

    @property
    def has_package(self) -> bool:
        """True if it got the next package, or the last one again, and no timeout."""
        return self.status == 200 and self.resync is None and self.next != self.number


def numbers(links: Mapping[str, Any]) -> dict[str, int]:
    """The package that each link of an answer leads to."""
    found = {name: parse_qs(urlsplit(link["href"]).query)["ack"] for name, link in links.items()}
    return {name: int(number) for name, (number,) in found.items()}
