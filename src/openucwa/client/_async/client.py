"""The client: what a program that uses UCWA starts from."""

import ssl
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpx2

from openucwa.client._async.connection import AsyncConnection
from openucwa.client._async.meetings import AsyncMeetings
from openucwa.client._async.network import AsyncNetwork
from openucwa.client._async.session import AsyncSession
from openucwa.client.account import Account
from openucwa.client.answer import Answer
from openucwa.client.errors import NotOffered
from openucwa.client.me import Me
from openucwa.client.meeting import Meeting
from openucwa.client.options import USER_AGENT, seconds, tls
from openucwa.client.proxies import Proxies
from openucwa.client.resource import Resource
from openucwa.client.token import Token
from openucwa.wire.enums import PreferredAvailability

if TYPE_CHECKING:
    from openucwa.client._async.batch import AsyncBatch
    from openucwa.client._async.delegates import AsyncDelegates
    from openucwa.client._async.directory import AsyncDirectory
    from openucwa.client._async.events import AsyncEvents, AsyncEventStream, AsyncSubscription
    from openucwa.client._async.invitations import AsyncInvitations
    from openucwa.client._async.opening import AsyncOpening
    from openucwa.client._async.room import AsyncRoom
    from openucwa.client._async.waiting import AsyncCallback
    from openucwa.client.signed_in import SignedIn

_PATIENCE = 15.0
"""For how many seconds a server may restart before its clients are told."""


class AsyncClient:
    """One user at her server: one application there, made when it is first needed.

    `discover` makes one. As a context manager it signs in at the start, and at the end it ends the
    application and closes its connections. Tasks may share it.
    """

    def __init__(self, http: httpx2.AsyncClient, account: Account, *, timeout: float) -> None:
        self._http = http
        self._account = account
        connection = AsyncConnection(http, timeout=timeout, patience=min(timeout, _PATIENCE))
        self._session = AsyncSession(connection, account)
        self._events: AsyncEvents | None = None
        self._beginning = Lock()
        self._meetings = AsyncMeetings(self._session)

    @classmethod
    def discover(
        cls,
        address: str,
        password: str | Callable[[], str] | None = None,
        *,
        at: str | None = None,
        token: Token | None = None,
        on_token: Callable[[Token | None], object] | None = None,
        endpoint_id: str | None = None,
        user_agent: str = USER_AGENT,
        application_name: str | None = None,
        culture: str = "en-US",
        verify: bool | ssl.SSLContext | str | PathLike[str] = True,
        timeout: float | None = 30.0,
        transport: httpx2.AsyncBaseTransport | None = None,
        trust_env: bool = True,
    ) -> Self:
        """Return a client of the server that is responsible for an address like `dana@contoso.com`.

        Nothing is sent yet. A `password` may be a function that asks the person for it: it is
        called when the server wants one, up to three times while the answer is wrong. `at` is the
        address of the root, if it is known. A `token` of an earlier session is used for as long as
        it holds; `on_token` is called with each new one, and with None when one holds no more (it
        must not use the client). With an `endpoint_id` of your own, the application stays when the
        client is closed, and one with the same comes back to it. `application_name` is what others
        read beside the changes that are made with it, such as "Calendar on laptop-2"; without one
        it is the `user_agent`. `verify` is what certificates are checked against: the machine's
        authorities, a file of others, or a context; False trusts anybody. `timeout` is in seconds,
        for each step of a request; None is for ever. `transport` takes the place of the network.
        With `trust_env`, proxies and authorities are those of the environment; this very machine is
        asked without a proxy. Raises ValueError for a timeout that is none, and CertificateRefused.
        """
        account = Account(
            address,
            password,
            at=at,
            token=token,
            on_token=on_token,
            application_name=application_name or user_agent,
            culture=culture,
            endpoint_id=endpoint_id,
        )
        limit = seconds(timeout)
        proxies = Proxies() if trust_env else None
        http = _http(user_agent, tls(verify), limit, transport, proxies)
        return cls(http, account, timeout=limit)

    @classmethod
    def guest(
        cls,
        meeting: str,
        name: str,
        *,
        at: str | None = None,
        user_agent: str = USER_AGENT,
        verify: bool | ssl.SSLContext | str | PathLike[str] = True,
        timeout: float | None = 30.0,
        transport: httpx2.AsyncBaseTransport | None = None,
        trust_env: bool = True,
    ) -> Self:
        """Return a client of somebody who has no account, only the address of a meeting.

        That is its join URL or its SIP URI. Others see her `name`. All else is as in `discover`.
        Raises ValueError for an address or a name that is none.
        """
        from openucwa.client.live.conference import Conference

        conference = Conference.parse(meeting)
        if conference is None:
            raise ValueError(f"{meeting!r} is not the join URL of a meeting.")
        if not name.strip():
            raise ValueError("The name of a guest can't be empty.")
        account = Account(
            conference.organizer, at=at, application_name=name.strip(), meeting=conference
        )
        limit = seconds(timeout)
        proxies = Proxies() if trust_env else None
        http = _http(user_agent, tls(verify), limit, transport, proxies)
        return cls(http, account, timeout=limit)

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
        """End what waits for events, end the application, and close the connections.

        An application with an `endpoint_id` that was given to `discover` stays until it expires, or
        until `sign_out`: a client with the same one comes back to it.
        """
        try:
            if self._events is not None:
                await self._events.aclose()
            await self._session.part()
        finally:
            await self._http.aclose()

    async def sign_out(self) -> None:
        """End the application at the server, and revoke and forget the token.

        A server that can't revoke tokens takes this one until it expires.
        """
        await self._session.sign_out()

    async def sessions(self) -> "list[SignedIn]":
        """Return the sessions of the user, the newest first. Raises NotOffered by other servers."""
        from openucwa.client.signed_in import SignedIn

        found = await self._session.get(await self._session.entry("sessions"))
        return [SignedIn(one) for one in found.embedded("session")]

    async def end_session(self, session: "SignedIn") -> None:
        """End what was signed in: its token is revoked, and its applications end.

        One that has ended before raises NotFound.
        """
        await self._session.send("DELETE", session.resource.href)

    @property
    def root_url(self) -> str | None:
        """The root URL that discovery found. Pass it as `at` to skip discovery."""
        return self._session.root_url

    @property
    def endpoint_id(self) -> str:
        """The id by which the server recognizes this client."""
        return self._session.endpoint_id

    @property
    def meetings(self) -> AsyncMeetings:
        """The meetings that the user organizes."""
        return self._meetings

    @property
    def delegates(self) -> "AsyncDelegates":
        """The people who act for the user, and those for whom the user acts."""
        from openucwa.client._async.delegates import AsyncDelegates  # few programs need them

        return AsyncDelegates(self._session)

    @property
    def people(self) -> "AsyncDirectory":
        """The people of the organization."""
        from openucwa.client._async.directory import AsyncDirectory  # few programs need them

        return AsyncDirectory(self._session)

    async def make_available(
        self,
        sign_in_as: PreferredAvailability | str | None = None,
        *,
        modalities: Iterable[str] = ("Messaging",),
        formats: Iterable[str] = ("Plain", "Html"),
    ) -> None:
        """Let others see that the user is available, and reach her in this application.

        Until then, invitations do not come here. Nothing happens if she is available already. It
        ends with the application: after an event `resync`, call this again. Without `sign_in_as`,
        the availability that she chose before stays. Raises BadInput and NotOffered.
        """
        from openucwa.client._async.availability import make_available

        await make_available(self._session, sign_in_as, modalities, formats)

    async def report_activity(self) -> None:
        """Tell the server that the user is active just now: at least every four minutes.

        Raises NotOffered before `make_available`.
        """
        from openucwa.client._async.availability import report_activity

        await report_activity(self._session)

    async def me(self) -> Me:
        """The signed-in user."""
        return Me(await self.follow(await self.application(), "me"))

    async def application(self) -> Resource:
        """Return the application resource, which links to all others."""
        return await self._session.application()

    async def get(self, href: str) -> Resource:
        """Return the resource at an address that the server has returned."""
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
        """Return the resource that another one embeds or links to. Raises NotOffered."""
        for embedded in resource.embedded(rel):
            return embedded
        href = resource.link(rel)
        if href is None:
            raise NotOffered(f"{resource.rel or resource.href} has no link to {rel}.")
        return await self._session.get(href)

    def events(
        self, *, low: int | None = None, medium: int | None = None, timeout: int = 180
    ) -> "AsyncEventStream":
        """Return an iterator over events, from the start of the application until it is closed.

        It goes on across all that breaks in between. Where events may have been missed, it says so
        with one of type `resync`. `low` and `medium` are how many seconds the server may keep
        events of that priority, to tell several at once, and `timeout` after how many it answers
        that nothing has happened. Raises EventsTaken if this client's events are followed already.
        """
        from openucwa.client.listening import Timers

        return self._channel().follow(Timers(low, medium, timeout))

    async def on_meeting(
        self, meeting: str | Meeting, callback: "AsyncCallback"
    ) -> "AsyncSubscription":
        """Have a function called with each event about a meeting or its extensions, and `resync`.

        The meeting is named by its id, or given as it was got. That goes on in the background,
        until the client is closed or the subscription cancelled. An error in the function is
        logged. Raises MeetingNotFound, and EventsTaken while `events` is followed.
        """
        found = await self._meetings.get(meeting)
        return await self._channel().subscribe(found.href, callback)

    def join(self, meeting: str | Meeting | None = None) -> "AsyncRoom":
        """Return a meeting, which the user joins by entering it with `async with`.

        It is named by its join URL or SIP URI, or given as it was got; a guest has only hers.
        Raises ValueError for an address that is none. While the client is in a meeting, `events`
        can't be followed.
        """
        from openucwa.client._async.opening import AsyncJoining

        guest = self._account.meeting
        found = guest.addresses if guest and meeting is None else _addresses_of(meeting)
        name = self._account.application_name if guest else None
        return self._room(AsyncJoining(found, name=name))

    def meet(self, subject: str = "") -> "AsyncRoom":
        """Return a new meeting of the user's, which begins by entering it with `async with`.

        It is in no list of meetings, and gone when the last one has left.
        """
        from openucwa.client._async.opening import AsyncJoining

        return self._room(AsyncJoining(subject=subject))

    def chat(self, address: str, text: str = "", *, subject: str = "") -> "AsyncRoom":
        """Return a talk with somebody, who is asked when it is entered with `async with`.

        With a `text`, that is what she reads when she is asked. The block begins when she has
        accepted; it raises ConversationEnded if she does not.
        """
        from openucwa.client._async.opening import AsyncCall

        to = address if ":" in address else f"sip:{address}"
        return self._room(AsyncCall(to, text, subject=subject))

    def invitations(self) -> "AsyncInvitations":
        """Return an iterator over the invitations of others, as they come in.

        From the first one on that is waited for, others see that the user is available.
        """
        from openucwa.client._async.invitations import AsyncInvitations

        return AsyncInvitations(self._session, self._channel())

    def batch(self) -> "AsyncBatch":
        """Requests to be sent together, when the `async with` block is left."""
        from openucwa.client._async.batch import AsyncBatch

        return AsyncBatch(self._session)

    def _room(self, opening: "AsyncOpening") -> "AsyncRoom":
        from openucwa.client._async.room import AsyncRoom

        return AsyncRoom(self._session, self._channel(), opening)

    def _channel(self) -> "AsyncEvents":
        """The event channel. What few programs need is imported when they do."""
        from openucwa.client._async.events import AsyncEvents

        with self._beginning:
            if self._events is None:
                self._events = AsyncEvents(self._session)
            return self._events


def _http(
    user_agent: str,
    context: ssl.SSLContext | None,
    timeout: float,
    transport: httpx2.AsyncBaseTransport | None,
    proxies: Proxies | None,
) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=transport or AsyncNetwork(context, proxies),
        trust_env=False,
        timeout=timeout,
        headers={"User-Agent": user_agent},
        follow_redirects=False,
    )


def _addresses_of(meeting: str | Meeting | None) -> tuple[str, ...]:
    """Return the addresses of a meeting. Raises ValueError."""
    from openucwa.client.live.conference import Conference

    if isinstance(meeting, Meeting):
        return (meeting.uri,)
    found = Conference.parse(meeting) if meeting else None
    if found is None:
        raise ValueError(
            f"{meeting!r} is neither the join URL of a meeting nor its SIP URI. Get the meeting by "
            "its id, and pass that."
        )
    return found.addresses
