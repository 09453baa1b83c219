# Made from _async/entrance.py by `make synchronous`. Change that one.
"""The way into a server: where it is, a token that it takes, and where applications are."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx2

from openucwa.client._sync.connection import Connection
from openucwa.client.account import Account
from openucwa.client.addresses import is_confidential, same_origin, url_of
from openucwa.client.errors import NotUcwa
from openucwa.client.failures import content_of, is_token_refused, refusal, unwelcome
from openucwa.client.resource import Resource
from openucwa.client.token import Token

if TYPE_CHECKING:
    from openucwa.client._sync.discovery import Discovery
    from openucwa.client._sync.sign_in import SignIn

JSON = {"Accept": "application/json"}


class Entrance:
    """The part of a session that comes before its application.

    `enter`, `forget` and `leave` are called with the lock of the session held.
    """

    def __init__(self, connection: Connection, account: Account) -> None:
        self._connection = connection
        self._account = account
        self._found: Discovery | None = None
        self._applications: httpx2.URL | None = None
        self.token = account.token
        self.root_url: str | None = None
        """The root where autodiscovery has ended, once it has."""
        self.user: Resource | None = None
        """The user resource, once it was fetched."""

    @property
    def applications(self) -> httpx2.URL:
        """The address of applications, once `enter` has found it."""
        assert self._applications is not None
        return self._applications

    @property
    def is_doubted(self) -> bool:
        """True if the server has to be found, perhaps again."""
        return self._found is None

    def doubt(self) -> None:
        """Find the server again at the next occasion. Needs no lock."""
        self._found = None

    def leave(self) -> None:
        """Forget the server and the token."""
        self.token = None
        self._applications = None
        self._found = None

    def revoke(self) -> None:
        """Give up the token, where the server says where (RFC 7009)."""
        token, server, user = self.token, self._applications, self.user
        href = user.link("tokenRevocation") if user else None
        url = url_of(href, server) if href and server else None
        if token is None or server is None or url is None or not same_origin(url, server):
            return
        request = self._connection.request(
            "POST",
            url,
            headers={**JSON, "Content-Type": "application/x-www-form-urlencoded"},
            content=urlencode({"token": token.text}).encode(),
        )
        response = self._connection.send(request, safe=True)
        # An issuer's token can't be revoked here, and expires by itself.
        if not response.is_success and response.status_code != 400:
            raise refusal(response)

    def enter(self) -> Token:
        """Know the server, hold a token, and know where applications are."""
        # Here, since who imports the client may not connect at once, or at all.
        from openucwa.client._sync.discovery import Discovery
        from openucwa.client._sync.sign_in import SignIn

        found = self._found  # others forget it, without the lock, when it seems wrong
        if found is None:
            found = Discovery(self._connection, self._account.address, self._account.at)
            found.search()
            self._found, self.root_url = found, str(found.root_url)
            self._applications = None
        sign_in = SignIn(self._connection, self._account, found.user_url)
        if self.token is not None and self.token.is_due() and _is_known(self._account):
            self.token = None
        is_new = self.token is None
        token = self.token or self._new_token(sign_in)
        if self._applications is None:
            response = self.get(found.user_url, token)
            if is_token_refused(response) and not is_new:
                self.forget(token)
                token = self._new_token(sign_in)
                response = self.get(found.user_url, token)
            if is_token_refused(response):
                self.forget(token)
                raise unwelcome(found.user_url)
            if not response.is_success:
                raise refusal(response)
            self.user = Resource.parse(content_of(response) or {})
            self._applications = _applications_of(self.user, response.request.url)
        return token

    def _new_token(self, sign_in: "SignIn") -> Token:
        token = sign_in.token()
        self.token = token
        self._account.told(token)
        return token

    def get(self, url: httpx2.URL, token: Token) -> httpx2.Response:
        """Send a GET, and return the answer, whatever its status."""
        headers = {**JSON, "Authorization": f"Bearer {token.text}"}
        request = self._connection.request("GET", url, headers=headers)
        return self._connection.send(request, safe=True)

    def forget(self, token: Token) -> None:
        """Forget a token that does not hold, unless another one has taken its place."""
        if self.token is token:
            self.token = None
            self._account.told(None)


def _applications_of(user: Resource, asked: httpx2.URL) -> httpx2.URL:
    """Return the address of applications that the user resource links to."""
    href = user.link("applications")
    if href is None:
        raise NotUcwa(
            f"{asked} has no link to applications. Check that this user has an account for UCWA."
        )
    url = url_of(href, asked)
    if url is None:
        raise NotUcwa(f"{asked} links to {href!r}, which is not an address.")
    if not is_confidential(url):
        raise NotUcwa(f"{asked} links to {url}, where the token could be read in transit.")
    return url


def _is_known(account: Account) -> bool:
    """Return whether nobody has to be asked for the password."""
    return bool(account.meeting) or (isinstance(account.password, str) and bool(account.password))
