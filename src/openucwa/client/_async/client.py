"""The client: what a program that uses UCWA starts from."""

import ssl
from collections.abc import Callable, Mapping
from os import PathLike
from types import TracebackType
from typing import Self

import httpx2

from openucwa.client._async.connection import AsyncConnection
from openucwa.client._async.meetings import AsyncMeetings
from openucwa.client._async.session import AsyncSession
from openucwa.client.account import Account
from openucwa.client.answer import Answer
from openucwa.client.errors import NotOffered
from openucwa.client.me import Me
from openucwa.client.options import USER_AGENT, tls
from openucwa.client.resource import Resource
from openucwa.client.token import Token

_PATIENCE = 15.0
"""For how many seconds a server may restart before its clients are told."""


class AsyncClient:
    """One user at her server: one application there, made when it is first needed.

    `discover` makes one. As a context manager it signs in at the start and closes its connections
    at the end. Tasks may share it.
    """

    def __init__(self, http: httpx2.AsyncClient, account: Account, *, timeout: float) -> None:
        self._http = http
        connection = AsyncConnection(http, timeout=timeout, patience=min(timeout, _PATIENCE))
        self._session = AsyncSession(connection, account)
        self._meetings = AsyncMeetings(self._session)

    @classmethod
    def discover(
        cls,
        address: str,
        password: str | None = None,
        *,
        at: str | None = None,
        token: Token | None = None,
        on_token: Callable[[Token | None], object] | None = None,
        endpoint_id: str | None = None,
        user_agent: str = USER_AGENT,
        culture: str = "en-US",
        verify: bool | ssl.SSLContext | str | PathLike[str] = True,
        timeout: float = 30.0,
        transport: httpx2.AsyncBaseTransport | None = None,
        trust_env: bool = True,
    ) -> Self:
        """A client of the server that is responsible for an address like `dana@contoso.com`.

        Nothing is sent yet. `at` is the address of the root, if it is known. A `token` of an
        earlier session is used for as long as it holds; `on_token` is called with each new one, and
        with None when one holds no more (it must not use the client). `verify` is what certificates
        are checked against: the machine's authorities, a file of others, or a context; False trusts
        anybody. `timeout` is in seconds, for each step of a request. `transport` takes the place of
        the network. With `trust_env`, proxies are those of the environment.
        """
        account = Account(
            address,
            password,
            at=at,
            token=token,
            on_token=on_token,
            user_agent=user_agent,
            culture=culture,
            **({} if endpoint_id is None else {"endpoint_id": endpoint_id}),
        )
        http = httpx2.AsyncClient(
            verify=tls(verify),
            transport=transport,
            trust_env=trust_env,
            timeout=timeout,
            headers={"User-Agent": user_agent},
            follow_redirects=False,
        )
        return cls(http, account, timeout=timeout)

    async def __aenter__(self) -> Self:
        try:
            await self._session.connect()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. The application stays until it expires: see `sign_out`."""
        await self._http.aclose()

    async def sign_out(self) -> None:
        """End the application at the server, and forget the token."""
        await self._session.sign_out()

    @property
    def root_url(self) -> str | None:
        """Where autodiscovery has ended: pass it as `at` the next time."""
        return self._session.root_url

    @property
    def endpoint_id(self) -> str:
        """By which the server knows this client again."""
        return self._session.endpoint_id

    @property
    def meetings(self) -> AsyncMeetings:
        """The meetings that the user organizes."""
        return self._meetings

    async def me(self) -> Me:
        """The signed-in user."""
        return Me(await self.follow(await self.application(), "me"))

    async def application(self) -> Resource:
        """The application resource, to go on from by links."""
        return await self._session.application()

    async def get(self, href: str) -> Resource:
        """The resource at an address that the server has served."""
        return await self._session.get(href)

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
        """Send a request to an address that the server has served: for what has no method here.

        Properties go as JSON. After a lost answer it is sent again only if that is safe: GET is,
        PUT and DELETE are with `if_match`, others are if the caller says `repeatable`. Raises
        Refused and ConnectionFailed; AnswerLost where it may have been done.
        """
        return await self._session.send(
            method, href, content, if_match=if_match, repeatable=repeatable, headers=headers
        )

    async def follow(self, resource: Resource, rel: str) -> Resource:
        """The resource that another one embeds or leads to. Raises NotOffered."""
        for embedded in resource.embedded(rel):
            return embedded
        href = resource.link(rel)
        if href is None:
            raise NotOffered(f"{resource.rel or resource.href} leads to no {rel} here.")
        return await self._session.get(href)
