"""The sessions and applications of a user (an extension of OpenUCWA; others don't tell)."""

from datetime import datetime

from openucwa.client.attributes import Attribute, TypedResource, moment, text, texts


class SignedIn(TypedResource):
    """A client of the user that has signed in, with a token of its own."""

    id: Attribute[str] = Attribute("id", text)
    """The id, by which it can be ended."""
    client: Attribute[str] = Attribute("client", text)
    """The name by which the client has signed in."""
    address: Attribute[str] = Attribute("address", text)
    """The network address from which it has."""
    signed_in_at: Attribute[datetime | None] = Attribute("signedInAt", moment)
    """The time of the sign-in."""
    expires_at: Attribute[datetime | None] = Attribute("expiresAt", moment)
    """The time at which its token expires."""
    is_current: Attribute[bool] = Attribute("isCurrent", bool)
    """True for the session of this client."""
    applications: Attribute[tuple[str, ...]] = Attribute("applications", texts)
    """The names of its applications, which end with it."""
