"""What a user has signed in (an extension of OpenUCWA; others don't tell)."""

from datetime import datetime

from openucwa.client.known import Known, Told, moment, text, texts


class SignedIn(Told):
    """A client of the user that has signed in, with a token of its own."""

    id: Known[str] = Known("id", text)
    """The id, by which it can be ended."""
    client: Known[str] = Known("client", text)
    """The name by which the client has signed in."""
    address: Known[str] = Known("address", text)
    """The network address from which it has."""
    signed_in_at: Known[datetime | None] = Known("signedInAt", moment)
    """The time of the sign-in."""
    expires_at: Known[datetime | None] = Known("expiresAt", moment)
    """The time at which its token expires."""
    is_current: Known[bool] = Known("isCurrent", bool)
    """True for the session of this client."""
    applications: Known[tuple[str, ...]] = Known("applications", texts)
    """The names of its applications, which end with it."""
