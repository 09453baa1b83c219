"""Those who are told of events in the background."""

import logging
from typing import TYPE_CHECKING

from openucwa.client._async.waiting import AsyncCallback, call
from openucwa.client.errors import ClientError
from openucwa.client.event import Event

if TYPE_CHECKING:
    from openucwa.client._async.events import AsyncEvents

_log = logging.getLogger("openucwa.client")


class AsyncListener:
    """Something that is told of events in the background. Nothing that it does may raise."""

    async def tell(self, event: Event) -> None:
        """Hear one event."""

    async def settle(self) -> None:
        """Hear that no more events have come for now."""

    async def interrupt(self, error: ClientError) -> None:
        """Hear that no events can be received, and are asked for again and again."""

    async def resume(self) -> None:
        """Hear that events are received again, from where they were left."""

    async def end(self, error: ClientError | None) -> None:
        """Hear that no more events will come: the client was closed, or because of an error."""


class AsyncSubscription:
    """A callback for the events of one meeting."""

    def __init__(self, events: "AsyncEvents", listener: AsyncListener) -> None:
        self._events = events
        self._listener = listener

    async def cancel(self) -> None:
        """Call back no more."""
        await self._events.forget(self._listener)


class AsyncCalling(AsyncListener):
    """Calls a function back with the events that concern an address. Its errors are logged."""

    def __init__(self, events: "AsyncEvents", href: str, callback: AsyncCallback) -> None:
        self._events = events
        self._href = href
        self._callback = callback

    async def tell(self, event: Event) -> None:
        try:
            if self._events.concerns(event, self._href):
                await call(self._callback, event)
        except Exception:  # one callback must not keep the others from hearing
            _log.exception("A callback for %s failed.", self._href)
