# Made from _async/subscription.py by `make synchronous`. Change that one.
"""Those who are told of events in the background."""

import logging
from typing import TYPE_CHECKING

from openucwa.client._sync.waiting import Callback, call
from openucwa.client.errors import ClientError
from openucwa.client.event import Event

if TYPE_CHECKING:
    from openucwa.client._sync.events import Events

_log = logging.getLogger("openucwa.client")


class Listener:
    """Something that is told of events in the background. Nothing that it does may raise."""

    def tell(self, event: Event) -> None:
        """Hear one event."""

    def settle(self) -> None:
        """Hear that no more events have come for now."""

    def interrupt(self, error: ClientError) -> None:
        """Hear that no events can be received, and are asked for again and again."""

    def resume(self) -> None:
        """Hear that events are received again, from where they were left."""

    def end(self, error: ClientError | None) -> None:
        """Hear that no more events will come: the client was closed, or because of an error."""


class Subscription:
    """A callback for the events of one meeting."""

    def __init__(self, events: "Events", listener: Listener) -> None:
        self._events = events
        self._listener = listener

    def cancel(self) -> None:
        """Call back no more."""
        self._events.forget(self._listener)


class Calling(Listener):
    """Calls a function back with the events that concern an address. Its errors are logged."""

    def __init__(self, events: "Events", href: str, callback: Callback) -> None:
        self._events = events
        self._href = href
        self._callback = callback

    def tell(self, event: Event) -> None:
        try:
            if self._events.concerns(event, self._href):
                call(self._callback, event)
        except Exception:  # one callback must not keep the others from hearing
            _log.exception("A callback for %s failed.", self._href)
