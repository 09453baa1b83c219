"""Somebody else, who joins meetings and talks while a client is under test."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self, TypeVar

from openucwa.client import Client, ClientError, Invitation, Meeting, Message, Person, Room

T = TypeVar("T")
_PATIENCE = 30.0
"""Seconds within which what is waited for has to happen."""


class Participant:
    """A person with a client of her own, who does what a test says.

    Nothing here waits for the client under test, except `hears`, `sees` and the result of `calls`
    and `answers`. Closing it leaves all that she is in.
    """

    def __init__(self, client: Client) -> None:
        self.client: Client = client
        """The client, for all else that she does."""
        self._rooms = ExitStack()
        self._threads = ThreadPoolExecutor(thread_name_prefix="ucwa-participant")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave all, and end the client."""
        with suppress(ClientError):  # the test may have stopped the server
            self._rooms.close()
        with suppress(ClientError):
            self.client.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def joins(self, meeting: str | Meeting) -> Room:
        """Join a meeting, by its join URL, its SIP URI, or as it was got; she may have to wait."""
        return self._rooms.enter_context(self.client.join(meeting))

    def calls(self, address: str, text: str = "", *, subject: str = "") -> "Future[Room]":
        """Ask somebody to talk: the invitation comes in there.

        The result is the talk, once it was accepted; or the ConversationEnded that says why not.
        """
        room = self.client.chat(address, text, subject=subject)
        return self._threads.submit(lambda: self._rooms.enter_context(room))

    def answers(self, *, accepts: bool = True) -> "Future[Room | None]":
        """Be available, and accept or decline the next invitation.

        The result is the talk or the meeting; None where it was declined.
        """
        invitations = self.client.invitations()
        invitations.start()

        def answer() -> Room | None:
            invitation: Invitation = next(invitations)
            if accepts:
                return self._rooms.enter_context(invitation.accept())
            invitation.decline()
            return None

        return self._threads.submit(answer)

    def hears(self, room: Room, text: str) -> Message:
        """Wait until a message of somebody else's has a text in it. Raises AssertionError."""
        return _first(
            room,
            lambda: [one for one in room.messages if text in one.text and not one.is_mine],
            f"No message has {text!r} in it.",
        )

    def sees(self, room: Room, name: str) -> Person:
        """Wait until somebody is in the roster, or in the lobby. Raises AssertionError."""
        return _first(
            room,
            lambda: [one for one in (*room.roster, *room.lobby) if name in (one.name, one.uri)],
            f"{name} is neither in the meeting nor in its lobby.",
        )


def _first(room: Room, found: Callable[[], list[T]], why: str) -> T:
    """Wait until there is something, and return the first."""
    room.until(lambda: bool(found()), _PATIENCE)
    for one in found():
        return one
    raise AssertionError(f"{why} Here: {room.roster}; waiting: {room.lobby}; said: {room.messages}")
