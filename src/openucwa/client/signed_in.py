"""What a user has signed in (an extension of OpenUCWA; others don't tell)."""

from datetime import datetime

from openucwa.client.known import Known, Told, moment, text, texts


class SignedIn(Told):
    """A client of the user that has signed in, with a token of its own."""

    id: Known[str] = Known("id", text)
    """By which it can be ended."""
    client: Known[str] = Known("client", text)
    """The name by which the client has signed in."""
    address: Known[str] = Known("address", text)
    """The network address from which it has."""
    signed_in_at: Known[datetime | None] = Known("signedInAt", moment)
    """When it has."""
    expires_at: Known[datetime | None] = Known("expiresAt", moment)
    """When its token expires."""
    is_current: Known[bool] = Known("isCurrent", bool)
    """Whether it is the client that asks."""
    applications: Known[tuple[str, ...]] = Known("applications", texts)
    """The names of its applications, which end with it."""
