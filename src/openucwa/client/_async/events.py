"""The event channel: hears what happens, across whatever breaks (EventChannelDetails.md)."""

import logging
import time
from collections import deque
from functools import partial
from types import TracebackType
from typing import Self
from weakref import ref

import httpx2

from openucwa.client._async.concurrency import Lock
from openucwa.client._async.listener import AsyncListener
from openucwa.client._async.session import AsyncSession
from openucwa.client._async.waiting import AsyncBackground, AsyncCallback, AsyncWait, call
from openucwa.client.errors import ClientError, EventsTaken, NotOffered, Refused
from openucwa.client.event import Event, EventType, Package, resync
from openucwa.client.failures import content_of, is_application_gone, refusal
from openucwa.client.listening import Pace, Timers, heals, is_cut_short, is_replaced, with_timers
from openucwa.client.resource import Resource
from openucwa.client.waiting import Slept, Stopped

_log = logging.getLogger("openucwa.client")


class AsyncEvents:
    """The event channel of a client's application. There is one, so one at a time follows it.

    A package of events is acknowledged, by asking for the next, when all its events have been
    taken. What was asked for and not answered is asked for again, and answered the same.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._application: Resource | None = None
        self._onwards = ""
        self._told: deque[Event] = deque()
        self._pace = Pace()
        self._stream: ref[AsyncEventStream] | None = None
        self._listeners: list[AsyncListener] = []
        self._background: AsyncBackground | None = None
        self._subscribing = Lock()
        self._turn = Lock()

    def follow(self, timers: Timers) -> "AsyncEventStream":
        """The events from where they were left. Raises EventsTaken if somebody follows them."""
        if self._stream is not None:
            there = self._stream()
            if there is not None and not there.is_closed:
                raise EventsTaken(
                    "The events of this client are already followed. Close that iterator or "
                    "cancel the callbacks, or follow them with a client of their own."
                )
        stream = AsyncEventStream(self, timers)
        self._stream = ref(stream)
        return stream

    async def subscribe(self, href: str, callback: AsyncCallback) -> "AsyncSubscription":
        """Call back for the events of what is at an address, and below it. Raises EventsTaken."""
        listener = AsyncCalling(self, href, callback)
        await self.listen(listener)
        return AsyncSubscription(self, listener)

    async def listen(self, listener: AsyncListener) -> None:
        """Tell somebody of events, in the background. Raises EventsTaken."""
        async with self._subscribing:
            stream = None if self._listeners else self.follow(Timers())
            self._listeners.append(listener)  # before anything can be heard
            if stream is not None:
                self._background = AsyncBackground(partial(self._tell, stream))

    async def forget(self, listener: AsyncListener) -> None:
        """Tell somebody no more. With the last one, following the events ends."""
        async with self._subscribing:
            if listener not in self._listeners:
                return
            self._listeners.remove(listener)
            is_last = not self._listeners
        if is_last:
            await self.aclose()

    async def aclose(self) -> None:
        """Stop following the events, whoever does so."""
        listeners, self._listeners = self._listeners, []
        stream = self._stream() if self._stream is not None else None
        if stream is not None:
            await stream.aclose()
        background, self._background = self._background, None
        if background is not None:
            await background.join()
        for one in listeners:
            await one.end(None)

    async def take(self, wait: AsyncWait, timers: Timers) -> Event:
        """The next event. Raises Stopped, and any error that waiting doesn't cure."""
        async with self._turn:  # one asks at a time: two would both be told the same
            return await self._next(wait, timers)

    async def _next(self, wait: AsyncWait, timers: Timers) -> Event:
        while not self._told:
            try:
                await self._ask(wait, timers)
            except Slept:
                _log.info("The machine was suspended. Requesting events again.")
            except ClientError as error:
                if self._application is None or not heals(error):
                    raise
                seconds = self._pace.failed(error)
                if self._pace.failures == 1:
                    for one in list(self._listeners):
                        await one.interrupt(error)
                _log.log(
                    logging.WARNING if self._pace.failures == 1 else logging.DEBUG,
                    "Events can't be received; retrying: %s",
                    error,
                )
                await wait.sleep(seconds)
        return self._told.popleft()

    async def _ask(self, wait: AsyncWait, timers: Timers) -> None:
        """Ask for the next package and keep its events."""
        asked = time.monotonic()

        async def ask() -> tuple[Resource, httpx2.Response | None]:
            return await self._exchange(timers)

        application, response = await wait.finish(ask)
        if response is None:
            self._begin(application)
            return
        if not response.is_success:
            error = refusal(response)
            if not is_cut_short(error, time.monotonic() - asked):
                await self._refused(wait, error)
            return
        package = Package.parse(content_of(response) or {})
        if self._pace.failures:
            _log.warning("Events are received again.")
            for one in list(self._listeners):
                await one.resume()
        self._pace.succeeded()
        self._onwards = package.onwards or self._onwards
        self._told += package.events
        if package.is_gap:
            self._told.append(resync(application))
        if not package.events:
            await wait.sleep(self._pace.rest(asked))

    async def _exchange(self, timers: Timers) -> tuple[Resource, httpx2.Response | None]:
        """The application, and what it answers; None if it is another one than before."""
        application = await self._session.application()
        if application is not self._application:
            return application, None
        request = await self._session.request(
            "GET", with_timers(self._onwards, timers), within=timers.read_timeout
        )
        response = await self._session.exchange(request, patient=False)
        if is_application_gone(response):
            return await self._session.ended(application), None
        return application, response

    def _begin(self, application: Resource) -> None:
        """Start at the channel of an application: a new one begins with a gap."""
        href = application.link("events")
        if href is None:
            raise NotOffered("This server offers no events to this user.")
        if self._application is not None:
            self._told.append(resync(application))
        self._application = application
        self._onwards = href

    async def _refused(self, wait: AsyncWait, error: Exception) -> None:
        """Bear with a request that was replaced once, in case that was a mere accident."""
        if not (isinstance(error, Refused) and is_replaced(error)):
            raise error
        if not self._pace.may_be_replaced():
            raise EventsTaken(
                "Another program follows the events of this application, so this client no longer "
                "receives any. Give each client a separate endpoint_id."
            ) from error
        await wait.sleep(self._pace.after_replacement())

    async def _tell(self, stream: "AsyncEventStream") -> None:
        try:
            async for event in stream:
                for one in list(self._listeners):
                    await one.tell(event)
                if not self._told:
                    for one in list(self._listeners):
                        await one.settle()
        except ClientError as error:
            listeners, self._listeners = self._listeners, []
            for one in listeners:
                await one.end(error)
            raise
        finally:
            if self._stream is not None and self._stream() is stream:  # an error has ended it
                self._listeners = []

    def concerns(self, event: Event, href: str) -> bool:
        """Return whether an event is about an address, or one below it; or about everything."""
        if event.type is EventType.RESYNC:
            return True
        asked, told = self._place(href), self._place(event.href)
        return told == asked or told.startswith(f"{asked}/")

    def _place(self, href: str) -> str:
        """An address to compare. One of an earlier application leads into that of today."""
        return self._session.address(href).path.rstrip("/").lower()


class AsyncEventStream:
    """Events, to be iterated over. It ends when it or its client is closed, or with an error.

    Tasks may share it: then each event goes to one of them.
    """

    def __init__(self, events: AsyncEvents, timers: Timers) -> None:
        self._events = events
        self._timers = timers
        self._wait = AsyncWait()

    @property
    def is_closed(self) -> bool:
        """True after the stream has ended."""
        return self._wait.is_stopped

    async def aclose(self) -> None:
        """End it; whoever waits for an event stops to. Tasks may call this at any time."""
        self._wait.stop()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if self._wait.is_stopped:
            raise StopAsyncIteration
        try:
            return await self._events.take(self._wait, self._timers)
        except Stopped:
            raise StopAsyncIteration from None
        except Exception:
            await self.aclose()
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class AsyncSubscription:
    """A callback for the events of one meeting."""

    def __init__(self, events: AsyncEvents, listener: AsyncListener) -> None:
        self._events = events
        self._listener = listener

    async def cancel(self) -> None:
        """Call back no more."""
        await self._events.forget(self._listener)


class AsyncCalling(AsyncListener):
    """Calls a function back with the events that concern an address. Its errors are logged."""

    def __init__(self, events: AsyncEvents, href: str, callback: AsyncCallback) -> None:
        self._events = events
        self._href = href
        self._callback = callback

    async def tell(self, event: Event) -> None:
        try:
            if self._events.concerns(event, self._href):
                await call(self._callback, event)
        except Exception:  # one callback must not keep the others from hearing
            _log.exception("A callback for %s failed.", self._href)
