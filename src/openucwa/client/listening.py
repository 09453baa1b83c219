"""The client's requests for events: timers, pauses, and errors to retry after."""

import time
from dataclasses import dataclass

from openucwa.client.backoff import backoff
from openucwa.client.errors import (
    CertificateRefused,
    ClientError,
    ConnectionFailed,
    DiscoveryFailed,
    Refused,
    ServerFailed,
    TooMany,
    Unavailable,
)
from openucwa.client.failures import GATEWAY

__all__ = ["Pace", "Timers", "heals", "is_cut_short", "is_replaced", "with_timers"]

_LATE = 30.0
"""Seconds that an answer may come later than the server's own timeout."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_AT_LEAST = 1.0
"""Seconds from one answer without events to the next request."""
_REPLACED_PAUSE = 2.0
_LONG = 10.0
"""Seconds after which a gateway that answers has waited for the server."""
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Timers:
    """The seconds for which the server may hold events (events_ref.md); None for its default."""

    low: int | None = None
    medium: int | None = None
    timeout: int = 180

    @property
    def read_timeout(self) -> float:
        """The timeout of a request."""
        return self.timeout + _LATE


def with_timers(href: str, timers: Timers) -> str:
    """An address of the event channel that tells the timers. All else of it stays as it is.

    They are told each time, since a server may have forgotten them; and so is that the client knows
    what to do with events that are extensions.
    """
    given = {"low": timers.low, "medium": timers.medium, "timeout": timers.timeout}
    told: dict[str, object] = {name: one for name, one in given.items() if one is not None}
    told["extended"] = "true"
    place, _, query = href.partition("?")
    kept = [one for one in query.split("&") if one and one.partition("=")[0] not in told]
    return f"{place}?{'&'.join([*kept, *(f'{name}={told[name]}' for name in told)])}"


def heals(error: ClientError) -> bool:
    """Return whether an error may pass by itself: of the network, or of a restarting server."""
    if isinstance(error, CertificateRefused):
        return False
    if isinstance(error, TooMany):
        return error.status == _TOO_MANY_REQUESTS
    return isinstance(error, ConnectionFailed | DiscoveryFailed | ServerFailed | Unavailable)


def is_cut_short(error: ClientError, waited: float) -> bool:
    """Return whether a gateway has ended a wait of so many seconds without an event.

    That is no failure: the server holds the request for longer than the gateway bears.
    """
    return isinstance(error, Refused) and error.status in GATEWAY and waited > _LONG


def is_replaced(error: Refused) -> bool:
    """Return whether a later request for the same events has replaced this one."""
    return error.subcode == "PGetReplaced"


class Pace:
    """Counts failures, and gives the pauses after them, so that no server is flooded."""

    def __init__(self) -> None:
        self.failures: int = 0
        """The number of requests in succession that got no answer."""
        self._replacements = 0

    def succeeded(self) -> None:
        """There was an answer."""
        self.failures = self._replacements = 0

    def failed(self, error: ClientError) -> float:
        """There was none. How many seconds to wait."""
        pause = backoff(self.failures, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE)
        self.failures = min(self.failures + 1, 10)
        asked = error.retry_after if isinstance(error, Refused) else None
        return max(pause, asked or 0.0)

    def may_be_replaced(self) -> bool:
        """Return whether to ask again for events that another request got: once in succession."""
        self._replacements += 1
        return self._replacements <= 1

    def after_replacement(self) -> float:
        """Return the seconds to wait."""
        return backoff(0, first=_REPLACED_PAUSE, longest=_REPLACED_PAUSE)

    def rest(self, asked: float) -> float:
        """Return the seconds to wait after an answer without events, asked at that moment."""
        return max(0.0, asked + _AT_LEAST - time.monotonic())
