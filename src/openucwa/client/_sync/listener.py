# Made from _async/listener.py by `make synchronous`. Change that one.
"""Those who are told of events in the background."""

from openucwa.client.errors import ClientError
from openucwa.client.event import Event


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
