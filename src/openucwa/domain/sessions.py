"""Sessions: what a user has signed in, each with a token of its own."""

from datetime import datetime

import msgspec

MOST = 1000
"""Tokens of a user. The oldest are removed for new ones."""
MOST_OF_A_GUEST = 10
LONGEST = 200
"""Characters of the names that are kept of a client and its address."""
_ID = 16


class Session(msgspec.Struct, kw_only=True):
    """A session. `client` is the name by which its client has signed in, from an `address`.

    `applications` are the names of those that were used in it last.
    """

    id: str
    client: str
    address: str
    signed_in_at: datetime
    expires_at: datetime
    applications: tuple[str, ...] = ()


def id_of(hash: str) -> str:
    """Return the id of the session of a token, given the token's hash. It opens nothing."""
    return hash[:_ID]
