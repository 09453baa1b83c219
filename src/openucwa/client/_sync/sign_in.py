# Made from _async/sign_in.py by `make synchronous`. Change that one.
"""A token for a password (AuthenticationInUCWA.md, RFC 6749)."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx2

from openucwa.client._sync.connection import Connection
from openucwa.client.account import Account
from openucwa.client.addresses import is_confidential, is_within, url_of
from openucwa.client.challenge import Challenge
from openucwa.client.errors import LockedOut, NotUcwa, SignInFailed, SignInRequired, WrongPassword
from openucwa.client.failures import content_of, one_line, refusal, retry_after
from openucwa.client.live.conference import Conference
from openucwa.client.token import Token

_TRIES = 3
"""The number of times that a wrong password is asked for again."""
_GUEST = "urn:microsoft.rtc:anonmeeting"
"""The grant for somebody who has the key of a meeting, and no account."""


class SignIn:
    """The sign-in of one user at one server. `user_url` is the resource that asks for a token."""

    def __init__(self, connection: Connection, account: Account, user_url: httpx2.URL) -> None:
        self._connection = connection
        self._account = account
        self._user_url = user_url

    def token(self) -> Token:
        """A new token.

        Raises SignInRequired without a password, WrongPassword, LockedOut and SignInFailed.
        """
        meeting = self._account.meeting
        if meeting is not None:
            return self._token_of_guest(meeting)
        password = self._account.password
        if password is None:
            raise SignInRequired(
                f"{self._account.address} is not signed in, or no longer. Sign in again."
            )
        if isinstance(password, str):
            return self._token(password)
        for _ in range(_TRIES - 1):
            try:
                return self._token(password())
            except WrongPassword:
                continue
        return self._token(password())

    def _token(self, password: str) -> Token:
        return self._granted(
            {"grant_type": "password", "username": self._account.address, "password": password}
        )

    def _token_of_guest(self, meeting: Conference) -> Token:
        """A token of the same guest as before; of a new one if the server has forgotten her."""
        tries = [{"ms_rtc_conferenceuri": one} for one in meeting.addresses]
        if before := self._account.last_token:
            tries = [*({**one, "ms_rtc_renew": before} for one in tries), *tries]
        form = {"grant_type": _GUEST, "password": meeting.key}
        for one in tries[:-1]:
            with suppress(WrongPassword):
                return self._granted({**form, **one})
        return self._granted({**form, **tries[-1]})

    def _granted(self, form: Mapping[str, str]) -> Token:
        url = self._token_url(self._challenge(), form["grant_type"])
        request = self._connection.request(
            "POST",
            url,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
            },
            content=urlencode(form).encode(),
        )
        # To ask for a second token hurts nobody, but each wrong password counts.
        response = self._connection.send(request, safe=True)
        if not response.is_success:
            raise self._failure(response)
        return _token(response)

    def _challenge(self) -> Challenge:
        request = self._connection.request(
            "GET", self._user_url, headers={"Accept": "application/json"}
        )
        response = self._connection.send(request, safe=True)
        if response.status_code != 401:
            raise (
                NotUcwa(f"{self._user_url} requires no token, so it is not a UCWA server.")
                if response.is_success
                else refusal(response)
            )
        return Challenge.parse(response.headers.get_list("WWW-Authenticate"))

    def _token_url(self, challenge: Challenge, grant: str) -> httpx2.URL:
        """Return the URL that gets the password, which must be one that is trusted."""
        host = self._user_url.host
        if grant == _GUEST and not challenge.takes(grant):
            raise SignInFailed(f"{host} lets no guests in. Sign in with an account.")
        if challenge.token_url is None or not challenge.takes(grant):
            offered = one_line(", ".join(challenge.grants)) or "none that this client supports"
            issuer = challenge.authorization_uri
            more = (
                f" Get a token from {one_line(issuer)} and pass it to the client." if issuer else ""
            )
            raise SignInFailed(
                f"{host} does not accept passwords; its grants are: {offered}.{more}"
            )
        url = url_of(challenge.token_url, self._user_url)
        if url is None:
            raise NotUcwa(f"{host} does not say at which address it grants tokens.")
        own = url.host == host and (url.scheme == "https" or self._user_url.scheme == "http")
        _, at, domain = self._account.address.rpartition("@")
        if not is_confidential(url) or not (own or (at and is_within(url, domain.lower()))):
            raise SignInFailed(
                f"{host} asks for the password at {url}, which is another host or is not "
                "encrypted. The password was not sent."
            )
        return url

    def _failure(self, response: httpx2.Response) -> Exception:
        """RFC 6749, section 5.2. Wrong credentials are 400 invalid_grant, or 401 elsewhere."""
        refused = refusal(response)
        host = self._user_url.host
        error = getattr(refused, "body", {}).get("error")
        wait = retry_after(response)
        if response.status_code in (400, 401, 403) and (error == "invalid_grant" or not error):
            if wait is not None:
                what = "guests" if self._account.meeting else "wrong passwords"
                return LockedOut(
                    f"There were too many {what} for {self._account.address}. Try again in "
                    f"{round(wait)} seconds.",
                    wait,
                )
            if self._account.meeting is not None:
                return WrongPassword(
                    f"{host} knows no such meeting, or it is over. Check the link."
                )
            return WrongPassword(
                f"{host} says that the user name {self._account.address} or the password is wrong."
            )
        if response.status_code == 400:
            described = getattr(refused, "body", {}).get("error_description")
            return SignInFailed(f"{host} refused a token: {one_line(described or error)}.")
        return refused


def _token(response: httpx2.Response) -> Token:
    found = content_of(response) or {}
    text, seconds = found.get("access_token"), found.get("expires_in")
    if not isinstance(text, str) or not text.isascii() or not text.isprintable():
        raise NotUcwa(f"{response.request.url.host} answered without a token.")
    try:
        lasts = float(seconds) if isinstance(seconds, int | float | str) else None
    except ValueError:
        lasts = None
    return Token.lasting(text, lasts, datetime.now(UTC))
