"""The URLs of this server, as its clients see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from openucwa.domain.deployment import Deployment
from openucwa.http.grants.windows import Kerberos
from openucwa.http.request import Assertion, Call


class Issuer(Protocol):
    """The issuer of the organization's tokens, besides this server."""

    @property
    def name(self) -> str: ...
    async def assertion(self, authorization: str | None) -> Assertion | Exception | None: ...


@dataclass(frozen=True)
class Site:
    """The deployment and its addresses.

    `public_url` is what absolute links start with, None for what the request was sent to.
    `redirects` tells the root URL of the server of other organizations, by SIP domain.
    `allowed_origins` are the web applications that may use the server from a browser.
    """

    deployment: Deployment
    public_url: str | None = None
    redirects: Mapping[str, str] = field(default_factory=dict)
    allowed_origins: Sequence[str] = ()
    issuer: Issuer | None = None
    kerberos: Kerberos | None = None

    def base_url(self, call: Call) -> str:
        """Return the start of absolute links, without a slash at the end."""
        if self.public_url:
            return self.public_url
        return f"{call.scheme}://{call.header('host') or 'localhost'}"

    def name(self, call: Call) -> str:
        """The server's host name."""
        return urlsplit(self.base_url(call)).hostname or "localhost"
