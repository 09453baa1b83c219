"""Those who are told of events in the background."""

from openucwa.client.errors import ClientError
from openucwa.client.event import Event


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
