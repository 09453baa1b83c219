"""Applications: a user on one of her devices (ApplicationDashboard.md)."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

Text = Annotated[str, msgspec.Meta(max_length=100)]


class Registration(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """The properties with which a client creates an application."""

    user_agent: Text
    endpoint_id: Text
    culture: Text
    instance_id: Text = ""


class Application(Registration, kw_only=True, frozen=True):
    """A registered application, seen from one of its instances, or from none where that is empty.

    `available_at` is when its client said that the user can be reached there (makeMeAvailable).
    `ended_at` is set when inactivity has ended it, or when another one took its place. `session` is
    the id of the session in which it was used last; empty for a token of the issuer.
    """

    id: int
    user_id: int
    version: int
    last_seen_at: datetime
    ended_at: datetime | None = None
    session: str = ""
    available_at: datetime | None = None

    def instance(self, instance_id: str) -> "Application":
        """The application, seen from one of its instances (MultiTabSupport.md)."""
        return msgspec.structs.replace(self, instance_id=instance_id)

    def expires_at(self, lifetime: timedelta) -> datetime:
        """Return the time at which it expires unless it makes another request."""
        return self.last_seen_at + lifetime


def noted_every(lifetime: timedelta) -> timedelta:
    """Return the interval at which the use of an application is noted: reads must not all write."""
    return lifetime / 20


def new_id() -> int:
    """A number of twelve digits, as the original gives to applications."""
    return 10**11 + secrets.randbelow(9 * 10**11)
