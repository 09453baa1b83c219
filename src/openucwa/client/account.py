"""The user that a client signs in, and the application that it registers."""

from collections.abc import Callable

from openucwa.client.live.conference import Conference
from openucwa.client.token import Token

__all__ = ["Account"]


class Account:
    """A user, as the caller has named her.

    `at` is the address of the root if it is known. `token` is one to start with; each new one is
    told to `on_token`, and None when one proves to hold no more. Without an `endpoint_id`, one is
    made up. Others are shown the `application_name` beside what is changed with it. A `password`
    that is a function is called whenever a new token is needed. A guest has a `meeting` instead.
    """

    def __init__(
        self,
        address: str,
        password: str | Callable[[], str] | None = None,
        *,
        at: str | None = None,
        token: Token | None = None,
        on_token: Callable[[Token | None], object] | None = None,
        endpoint_id: str | None = None,
        application_name: str = "OpenUCWA",
        culture: str = "en-US",
        meeting: Conference | None = None,
    ) -> None:
        self.address: str = address
        self.password: str | Callable[[], str] | None = password
        self.at: str | None = at
        self.token: Token | None = token
        self.on_token: Callable[[Token | None], object] | None = on_token
        self.endpoint_id: str = endpoint_id or _any_id()
        self.comes_back: bool = bool(endpoint_id)
        """True if a later client may resume the application, which is then not ended."""
        self.application_name: str = application_name
        self.culture: str = culture
        self.meeting: Conference | None = meeting
        """The meeting of which she is a guest, without an account."""
        self.last_token: str = token.text if token else ""
        """By which the server knows a guest again, also after it has expired."""

    def told(self, token: Token | None) -> None:
        """Tell the caller of a token."""
        if token is not None:
            self.last_token = token.text
        if self.on_token is not None:
            self.on_token(token)


def _any_id() -> str:
    from uuid import uuid4  # here, since it is slow to import

    return str(uuid4())
