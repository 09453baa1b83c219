"""Whom a client signs in, and how it introduces itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from openucwa.client.token import Token

__all__ = ["Account"]


@dataclass(frozen=True)
class Account:
    """A user, as the caller has named her.

    `at` is the address of the root if it is known. `token` is one to start with; each new one is
    told to `on_token`, and None when one proves to hold no more.
    """

    address: str
    password: str | None = field(default=None, repr=False)
    at: str | None = None
    token: Token | None = None
    on_token: Callable[[Token | None], object] | None = None
    endpoint_id: str = field(default_factory=lambda: str(uuid4()))
    user_agent: str = "OpenUCWA"
    culture: str = "en-US"

    def told(self, token: Token | None) -> None:
        """Tell the caller of a token."""
        if self.on_token is not None:
            self.on_token(token)
