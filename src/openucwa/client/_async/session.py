"""The session of one client: its server, its token and its application, renewed as needed."""

from collections.abc import Mapping
from contextlib import suppress

import httpx2

from openucwa.client._async.concurrency import Lock
from openucwa.client._async.connection import AsyncConnection
from openucwa.client._async.entrance import JSON, AsyncEntrance
from openucwa.client.account import Account
from openucwa.client.addresses import below, path_of, same_origin, url_of
from openucwa.client.answer import Answer
from openucwa.client.errors import (
    ConnectionFailed,
    ForeignLink,
    NotOffered,
    NotUcwa,
)
from openucwa.client.failures import (
    REPEATED,
    astray,
    content_of,
    is_application_gone,
    is_token_refused,
    refusal,
    unwelcome,
)
from openucwa.client.resource import Resource, content_of_request, quoted
from openucwa.client.token import Token

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CONDITIONAL = frozenset({"PUT", "DELETE"})


_PARTING = 3.0
"""Seconds that each step of ending an application may take when the client is closed."""


class _Application:
    def __init__(self, resource: Resource, url: httpx2.URL) -> None:
        self.resource = resource
        self.url = url


class AsyncSession:
    """The state that the parts of a client share. Tasks may use it at the same time.

    An href may be absolute or relative. Those of an application that has ended lead to the same
    places in the one that took its place.
    """

    def __init__(self, connection: AsyncConnection, account: Account) -> None:
        self._connection = connection
        self._account = account
        self._lock = Lock()
        self._entrance = AsyncEntrance(connection, account)
        self._application: _Application | None = None
        self._ended: list[httpx2.URL] = []

    @property
    def root_url(self) -> str | None:
        """The root where autodiscovery has ended, once it has."""
        return self._entrance.root_url

    @property
    def endpoint_id(self) -> str:
        """By which the server knows this client again."""
        return self._account.endpoint_id

    async def connect(self) -> None:
        """Find the server and sign in, unless that was done."""
        async with self._lock:
            await self._enter()

    async def application(self) -> Resource:
        """The application, registered when it is first asked for."""
        return (await self._registered()).resource

    async def dashboard(self, rel: str) -> Resource:
        """A resource that the application embeds or leads to, such as `onlineMeetings`.

        Raises NotOffered.
        """
        application = await self.application()
        for embedded in application.embedded(rel):
            return embedded
        href = application.link(rel)
        if href is None:
            raise NotOffered(f"This server offers no {rel} to {self._account.address}.")
        return await self.get(href)

    async def get(self, href: str, *, headers: Mapping[str, str] | None = None) -> Resource:
        """The resource at an address. Raises Refused and ConnectionFailed."""
        answer = await self.send("GET", href, headers=headers)
        if answer.resource is None:
            raise NotUcwa(f"There is no resource at {href}: the answer is empty.")
        return answer.resource

    async def send(
        self,
        method: str,
        href: str,
        content: Mapping[str, object] | None = None,
        *,
        if_match: str | None = None,
        repeatable: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request, with properties as its JSON, and read the resource in the answer.

        It is sent again after a lost answer if that is safe: GET is, PUT and DELETE are with
        `if_match` (a tag, with or without quotes), all others are if the caller says `repeatable`.
        Raises Refused and ConnectionFailed; AnswerLost where it may have been done.
        """
        all_headers = {**JSON, **(headers or {})}
        body = None
        if content is not None:
            body = content_of_request(content)
            all_headers["Content-Type"] = "application/json"
        if if_match is not None:
            all_headers["If-Match"] = quoted(if_match)
        safe = repeatable or _is_safe(method, conditional=if_match is not None)
        response = await self._ask(method, href, all_headers, body, safe=safe)
        if not (response.is_success or response.status_code == 304):
            raise refusal(response)
        return self._answer(response, href)

    async def request(
        self,
        method: str,
        href: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        within: float | None = None,
    ) -> httpx2.Request:
        """A request for `exchange`. Its answer may take `within` seconds to come."""
        application = await self._registered()
        return self._connection.request(
            method,
            self._resolved(application, href),
            headers={**JSON, **(headers or {})},
            content=content,
            within=within,
        )

    async def exchange(
        self, request: httpx2.Request, *, repeatable: bool = False, patient: bool = True
    ) -> httpx2.Response:
        """Send a request with the token of the session, and read the answer, whatever its status.

        A token that does not hold any more is renewed. An application that has ended is told by
        the answer: see `ended`. Without `patient`, nothing is sent again because of failures.
        Raises ForeignLink and ConnectionFailed.
        """
        _check_own(request.url, (await self._registered()).url)
        safe = repeatable or _is_safe(request.method, conditional=False)
        return await self._authorized(request, safe=safe, patient=patient)

    def address(self, href: str) -> httpx2.URL:
        """Return the URL of an href, in the current application if any. Raises ForeignLink."""
        application = self._application
        return httpx2.URL(href) if application is None else self._resolved(application, href)

    async def ended(self, application: Resource) -> Resource:
        """The application that takes the place of one that has ended."""
        async with self._lock:
            if self._application is not None and self._application.resource is application:
                self._forget_application()
        return await self.application()

    async def part(self) -> None:
        """End the application, unless a client may come back to it.

        The server is asked once, and briefly: if that fails, the application expires by itself.
        """
        application, token = self._application, self._entrance.token
        if application is None or token is None or self._account.comes_back:
            return
        self._application = None
        headers = {**JSON, "Authorization": f"Bearer {token.text}"}
        request = self._connection.request(
            "DELETE", application.url, headers=headers, limit=_PARTING
        )
        with suppress(Exception):  # also what a transport of the caller's raises
            await self._connection.send(request, safe=True, patient=False)

    async def entry(self, rel: str) -> str:
        """Return the address that the user resource has for a rel. Raises NotOffered."""
        async with self._lock:
            await self._enter()
            href = self._entrance.user.link(rel) if self._entrance.user else None
        if href is None:
            raise NotOffered(f"This server offers no {rel} to {self._account.address}.")
        return href

    async def sign_out(self) -> None:
        """End the application, if there is one, and revoke and forget the token."""
        application = self._application
        if application is not None:
            request = self._connection.request("DELETE", application.url, headers=dict(JSON))
            response = await self._authorized(request, safe=True)
            if not (response.is_success or response.status_code in (404, 410)):
                raise refusal(response)
        await self._entrance.revoke()
        async with self._lock:
            self._entrance.leave()
            if self._application is not None:
                self._forget_application()

    async def _ask(
        self,
        method: str,
        href: str,
        headers: dict[str, str],
        content: bytes | None,
        *,
        safe: bool,
    ) -> httpx2.Response:
        """The answer to a request, in a new application if the old one has ended."""
        has_ended = False
        while True:
            application = await self._registered()
            url = self._resolved(application, href)
            request = self._connection.request(method, url, headers=headers, content=content)
            response = await self._authorized(request, safe=safe, changes=method not in _SAFE)
            if has_ended or not is_application_gone(response):
                return response
            has_ended = True
            await self.ended(application.resource)

    async def _authorized(
        self, request: httpx2.Request, *, safe: bool, changes: bool = False, patient: bool = True
    ) -> httpx2.Response:
        """The answer to a request with a token that holds."""
        token = await self._valid_token()
        response = await self._sent(request, token, safe=safe, changes=changes, patient=patient)
        if not is_token_refused(response):
            return response
        async with self._lock:
            self._entrance.forget(token)
        token = await self._valid_token()
        response = await self._sent(request, token, safe=safe, changes=changes, patient=patient)
        if is_token_refused(response):
            raise unwelcome(request.url)
        return response

    async def _sent(
        self, request: httpx2.Request, token: Token, *, safe: bool, changes: bool, patient: bool
    ) -> httpx2.Response:
        request.headers["Authorization"] = f"Bearer {token.text}"
        try:
            response = await self._connection.send(
                request, safe=safe, changes=changes, patient=patient
            )
        except ConnectionFailed:
            self._entrance.doubt()  # the user's server may be another one by now (RootURL.md)
            raise
        if response.status_code in (403, 502):
            self._entrance.doubt()
        return response

    async def _valid_token(self) -> Token:
        async with self._lock:
            return await self._enter()

    async def _registered(self) -> _Application:
        async with self._lock:
            if self._application is None or self._entrance.is_doubted:
                await self._enter()
            if self._application is None:
                self._application = await self._register()
            return self._application

    # What follows is called with the lock held.

    async def _enter(self) -> Token:
        """Hold a token. An application that was registered at another server is forgotten."""
        token = await self._entrance.enter()
        application = self._application
        if application and not same_origin(application.url, self._entrance.applications):
            self._forget_application()
        return token

    def _forget_application(self) -> None:
        assert self._application is not None
        self._ended.append(self._application.url)
        self._application = None

    async def _register(self) -> _Application:
        """A new application. The endpoint id makes it safe to ask twice."""
        token = await self._enter()
        response = await self._post_application(token)
        if is_token_refused(response):
            self._entrance.forget(token)
            response = await self._post_application(await self._enter())
        if not response.is_success:
            raise refusal(response)
        applications = self._entrance.applications
        found = content_of(response)
        location = response.headers.get("Location")
        if found is None and location:
            token = await self._enter()
            url = url_of(location, applications)
            if url is None or not same_origin(url, applications):
                raise astray(applications, location)
            response = await self._entrance.get(url, token)
            if not response.is_success:
                raise refusal(response)
            found = content_of(response)
        resource = Resource.parse(found or {}, location, rel="application")
        if not resource.href:
            raise NotUcwa(f"{applications} created an application without returning its address.")
        url = url_of(resource.href, applications)
        if url is None or not same_origin(url, applications):
            raise astray(applications, resource.href)
        return _Application(resource, url)

    async def _post_application(self, token: Token) -> httpx2.Response:
        request = self._connection.request(
            "POST",
            self._entrance.applications,
            headers={
                **JSON,
                "Content-Type": "application/json",
                "Authorization": f"Bearer {token.text}",
            },
            content=content_of_request(
                {
                    "userAgent": self._account.application_name,
                    "endpointId": self._account.endpoint_id,
                    "culture": self._account.culture,
                }
            ),
        )
        return await self._connection.send(request, safe=True)

    # What follows asks nobody.

    def _resolved(self, application: _Application, href: str) -> httpx2.URL:
        """Return the URL of an href. Raises ForeignLink for other servers, which get no token."""
        url = url_of(href, application.url)
        if url is None:
            raise ForeignLink(f"{href!r} is not an address of this server.")
        is_absolute = "://" in href.partition("?")[0]
        for ended in self._ended:
            if is_absolute and not same_origin(url, ended):
                continue
            if (rest := below(ended, url)) is not None:
                url = application.url.copy_with(raw_path=(path_of(application.url) + rest).encode())
                break
        _check_own(url, application.url)
        return url

    def _answer(self, response: httpx2.Response, href: str) -> Answer:
        found = content_of(response) if response.is_success else None
        resource = None
        if found is not None:
            resource = Resource.parse(
                found,
                response.headers.get("Location") or href,
                etag=response.headers.get("ETag"),
            )
        return Answer(
            response.status_code, response.headers, resource, REPEATED in response.extensions
        )


def _check_own(url: httpx2.URL, server: httpx2.URL) -> None:
    if not same_origin(url, server):
        raise ForeignLink(f"{url} is not an address of {server.host}, so it gets no token.")


def _is_safe(method: str, *, conditional: bool) -> bool:
    return method in _SAFE or (conditional and method in _CONDITIONAL)
