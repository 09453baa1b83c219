"""The installation as the rules see it: its organization, its limits and its policies."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from openucwa.domain.policies import AtLeastOne, Policy


class Limits(msgspec.Struct, kw_only=True, frozen=True):
    """The limits of one user, or of one meeting."""

    applications_per_user: AtLeastOne = 50
    meetings_per_user: AtLeastOne = 1000
    versions_per_meeting: AtLeastOne = 100
    history_bytes_per_meeting: AtLeastOne = 4 * 1024 * 1024
    """Of the versions before the current one; the last of them is kept anyway."""
    bytes_per_user: AtLeastOne = 64 * 1024 * 1024
    """Of the meetings that a user organizes, with their extensions."""
    extensions_per_meeting: AtLeastOne = 32
    guests_per_meeting: AtLeastOne = 1000
    participants_per_meeting: AtLeastOne = 1000
    """People in a meeting that runs, without those who wait."""
    conversations_per_application: AtLeastOne = 100
    pending_gets_per_user: AtLeastOne = 100
    requests_per_user: AtLeastOne = 100
    """At the same time, each request of a batch counted (BatchingRequests.md)."""
    connections: AtLeastOne = 4000
    """Connections of a process."""
    connections_per_address: AtLeastOne = 1000
    """Connections of a process from one address that is no trusted proxy."""


class Lifetimes(msgspec.Struct, kw_only=True, frozen=True):
    """The lifetimes of objects."""

    token: timedelta = timedelta(hours=8)
    """From the issue of a token to its end (AuthenticationInUCWA.md)."""
    anonymous_token: timedelta = timedelta(hours=1)
    """The same for a guest's token."""
    application: timedelta = timedelta(hours=4)
    """From an application's last request to its expiry."""
    meeting_grace: timedelta = timedelta(days=14)
    """From a meeting's expirationTime, the end of its schedule or its last change to its removal.

    The latest of the three counts.
    """
    silence: timedelta = timedelta(minutes=2)
    """From the time at which a client should have asked for events, until it leaves meetings."""
    conversation_log: timedelta = timedelta(days=30)
    """The time for which a user's logs of conversations are kept."""
    attendance: timedelta = timedelta(days=90)
    """The time for which it is kept who was in a meeting."""
    fact: timedelta = timedelta(hours=1)
    """The time for which events are kept for a client; then it has to start over."""
    pending_get: timedelta = timedelta(minutes=30)
    """The longest that a request of the event channel is held, whatever its client asks for."""
    tombstone: timedelta = timedelta(days=7)
    """The time for which the reason is kept why an application or a token has ended."""


class Deployment(msgspec.Struct, kw_only=True, frozen=True):
    """The values that are the same for every request."""

    domain: str
    meet_url: str
    policies: Mapping[str, Policy] = msgspec.field(default_factory=lambda: {"default": Policy()})
    limits: Limits = Limits()
    lifetimes: Lifetimes = Lifetimes()

    def policy(self, name: str) -> Policy:
        """The policy of that name; the default one where the administrator has taken it away."""
        return self.policies.get(name) or self.policies["default"]
