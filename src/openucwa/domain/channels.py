"""Event channels: how far a client has followed what happens (EventChannelDetails.md).

A channel holds no events. It is a cursor into the facts: the last package that the client was given
covers those from one position to another, and asking for the next one acknowledges it.
"""

from datetime import datetime
from enum import Enum, auto

import msgspec

from openucwa.domain.facts import Priority


class Step(Enum):
    """The result of an acknowledgement, relative to the last package."""

    NEXT = auto()
    AGAIN = auto()
    ASTRAY = auto()


class Timers(msgspec.Struct, kw_only=True, frozen=True):
    """The bounds of a pending GET's timeout, in seconds (events_ref.md)."""

    low: int = 15
    medium: int = 5
    timeout: int = 180

    def held(self, priority: Priority) -> int:
        """Return for how long what has a priority is held back."""
        if priority is Priority.HIGH:
            return 0
        return self.medium if priority is Priority.MEDIUM else self.low


class Channel(msgspec.Struct, kw_only=True, frozen=True):
    """The event channel of one instance of an application.

    The package `number` holds the facts after `since`, up to `until`. Before the first one the
    number is 0.
    """

    application_id: int
    instance_id: str
    user_id: int
    number: int = 0
    since: int
    until: int
    opened_at: datetime
    timers: Timers = Timers()

    @property
    def key(self) -> tuple[int, int, str]:
        """The numbers of its user and its application, and the instance of that."""
        return self.user_id, self.application_id, self.instance_id

    @property
    def ack(self) -> int:
        """The acknowledgement for a client that has lost its place: of the last package."""
        return max(self.number, 1)

    def step(self, ack: int) -> Step:
        """Return the result of a request that acknowledges all before the package `ack`."""
        if ack == self.number + 1:
            return Step.NEXT
        return Step.AGAIN if ack == self.number else Step.ASTRAY

    def is_behind(self, forgotten: int) -> bool:
        """Return whether the last package lacks facts, if those up to `forgotten` are deleted."""
        return self.since < min(self.until, forgotten)

    def advanced(self, until: int, timers: Timers) -> "Channel":
        """The channel with its next package given, which covers the facts up to `until`."""
        return msgspec.structs.replace(
            self, number=self.number + 1, since=self.until, until=until, timers=timers
        )
