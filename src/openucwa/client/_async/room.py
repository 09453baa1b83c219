"""A conversation that the user takes part in: a meeting, or a talk of two."""

import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self
from uuid import uuid4

from openucwa.client._async.events import AsyncEvents
from openucwa.client._async.keeper import AsyncKeeper
from openucwa.client._async.opening import AsyncOpening
from openucwa.client._async.session import AsyncSession
from openucwa.client.errors import (
    AnswerLost,
    ClientError,
    ConversationEnded,
    Gone,
    NotFound,
    NotOffered,
)
from openucwa.client.failures import refusal
from openucwa.client.live.conversation import Conversation, key_of
from openucwa.client.live.ending import sentence
from openucwa.client.live.happening import Ended, Happening
from openucwa.client.live.message import Message
from openucwa.client.live.person import Person
from openucwa.client.live.reducer import said, saying, unsaid
from openucwa.wire.enums import Role

_ANSWERED = 120.0
"""Seconds within which a server decides, or another person answers."""
_TALKING = 15.0
"""Seconds within which messages can be sent, after they were asked for."""
_TYPING = 3.0
"""Seconds in which it is told once that the user is typing."""


class AsyncRoom:
    """A conversation that the user takes part in while the `async with` block lasts.

    It is live: `roster`, `lobby`, `messages` and all else are as they are now. Iterating over it
    gives what happens, in its order, until it is over. The block begins when the user is inside, or
    waits in the lobby; at its end she leaves. Raises ConversationEnded where she does not come in.
    Tasks may share it.
    """

    def __init__(self, session: AsyncSession, events: AsyncEvents, opening: AsyncOpening) -> None:
        self._session = session
        self._keeper = AsyncKeeper(session, events, opening)
        self._typed = 0.0
        self._is_finished = False

    @property
    def conversation(self) -> Conversation:
        """The state of the conversation, as one value that does not change."""
        return self._keeper.state

    @property
    def subject(self) -> str:
        """The subject."""
        return self.conversation.subject

    @property
    def join_url(self) -> str:
        """The URL at which others join; empty in a talk of two."""
        return self.conversation.join_url

    @property
    def me(self) -> Person | None:
        """The user, once the server has told of her."""
        return self.conversation.me

    @property
    def role(self) -> Role | str:
        """The role of the user."""
        return self.conversation.role

    @property
    def is_waiting(self) -> bool:
        """True while the user waits in the lobby."""
        return self.conversation.is_waiting

    @property
    def is_over(self) -> bool:
        """True when the conversation has ended for the user."""
        return self.conversation.is_over

    @property
    def roster(self) -> tuple[Person, ...]:
        """All who are inside, the user among them."""
        return self.conversation.roster

    @property
    def leaders(self) -> tuple[Person, ...]:
        """Those who lead the meeting."""
        return self.conversation.leaders

    @property
    def lobby(self) -> tuple[Person, ...]:
        """Those who wait to be admitted. Only leaders see them."""
        return self.conversation.lobby

    @property
    def typing(self) -> tuple[Person, ...]:
        """Those who are typing."""
        return self.conversation.typists

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages, in the order that is the same for all: the latest ten thousand."""
        return self.conversation.messages

    async def __aenter__(self) -> Self:
        try:
            await self._keeper.begin()
            await self._until(lambda: self.conversation.is_inside or self.is_waiting, _ANSWERED)
        except BaseException:
            await self.leave()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.leave()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Happening:
        keeper = self._keeper
        found: list[Happening] = []

        def is_there() -> bool:
            if not found and (one := keeper.take()) is not None:
                found.append(one)
            return bool(found) or self._is_finished or keeper.is_closed

        await keeper.bell.until(is_there)
        if found:
            self._is_finished = self._is_finished or isinstance(found[0], Ended)
            return found[0]
        if keeper.error is not None:
            raise keeper.error
        raise StopAsyncIteration

    async def admitted(self) -> None:
        """Wait until a leader admits the user. Raises ConversationEnded if none does."""
        await self._until(lambda: self.conversation.is_inside, None)

    async def until(self, holds: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until something holds that is read from the room, and return whether it does.

        It need not hold if the conversation ends first, or so many seconds have passed.
        """
        keeper = self._keeper
        await keeper.bell.until(lambda: holds() or self.is_over or keeper.is_closed, seconds)
        return holds()

    async def say(self, text: str, *, html: str | None = None) -> None:
        """Send a message to all; with `html`, they get that where their clients show it.

        Raises ConversationEnded, NotOffered while the user may not, and AnswerLost where it may
        have been sent: it is not sent twice.
        """
        await self._talks()
        operation = uuid4().hex
        self._keeper.move(lambda state: saying(state, operation, text, html))
        href = self.conversation.messaging["sendMessage"]
        kind, body = ("text/plain", text) if html is None else ("text/html", html)
        try:
            request = await self._session.request(
                "POST",
                f"{href}{'&' if '?' in href else '?'}operationId={operation}",
                headers={"Content-Type": f"{kind}; charset=utf-8"},
                content=body.encode("utf-8", "replace"),
            )
            response = await self._session.exchange(request)
            if not response.is_success:
                raise refusal(response)
        except AnswerLost:  # if it was sent, an event tells of it
            raise
        except ClientError:
            self._keeper.move(lambda state: unsaid(state, operation))
            raise
        location = response.headers.get("Location", "")
        self._keeper.move(lambda state: said(state, operation, location))
        self._keeper.deliver()

    async def type(self) -> None:
        """Tell the others that the user is typing. It may be called at each key."""
        href = self.conversation.messaging.get("setIsTyping")
        now = time.monotonic()
        if href is not None and now - self._typed > _TYPING:
            self._typed = now
            with suppress(ClientError):  # nothing is lost with it
                await self._session.send("POST", href, repeatable=True)

    async def admit(self, person: Person) -> None:
        """Let somebody in who waits in the lobby."""
        await self._act(person, "admit")

    async def reject(self, person: Person) -> None:
        """Send somebody away who waits in the lobby."""
        await self._act(person, "reject")

    async def eject(self, person: Person) -> None:
        """Remove somebody from the meeting. She comes back only if she is admitted."""
        await self._act(person, "eject")

    async def promote(self, person: Person) -> None:
        """Make an attendee a leader."""
        await self._act(person, "promote")

    async def demote(self, person: Person) -> None:
        """Make a leader an attendee."""
        await self._act(person, "demote")

    async def invite(self, address: str) -> None:
        """Ask somebody else to join. A talk of two becomes a meeting."""
        href = await self._offered("addParticipant")
        if href is None:
            raise NotOffered("You can't invite anybody to this conversation now.")
        to = address if ":" in address else f"sip:{address}"
        await self._session.send("POST", href, {"to": to, "operationId": uuid4().hex})

    async def allow_messages(self, allowed: bool) -> None:
        """Let attendees send messages, or leaders only."""
        rel = "enableAudienceMessaging" if allowed else "disableAudienceMessaging"
        href = await self._offered(rel)
        if href is None:
            raise NotOffered("Only leaders decide who sends messages, and it may be so already.")
        await self._session.send("POST", href, repeatable=True)

    async def leave(self) -> None:
        """Leave. The meeting goes on without the user; a talk of two is over."""
        href, lasts = self.conversation.href, not self.is_over
        await self._keeper.close()
        if href and lasts:
            with suppress(ClientError):  # the server notices by itself, in a while
                await self._session.send("DELETE", href, repeatable=True)

    async def _offered(self, rel: str) -> str | None:
        """Return the link of the conversation, which an event may be about to tell of."""
        self._check_lasts()
        state = self.conversation
        return state.links.get(rel) or (await self._session.get(state.href)).link(rel)

    async def _act(self, person: Person, rel: str) -> None:
        known = self.conversation.people.get(key_of(person.href), person)
        href = known.links.get(rel)
        if href is None:
            try:
                href = (await self._session.get(known.href)).link(rel)
            except (NotFound, Gone):
                raise NotOffered(f"{person.label} is not here any more.") from None
        if href is None:
            raise NotOffered(f"You can't {rel} {person.label} now.")
        try:
            await self._session.send("POST", href, repeatable=True)
        except (NotFound, Gone):
            raise NotOffered(f"{person.label} is not here any more.") from None

    async def _talks(self) -> None:
        """Wait until messages can be sent: it takes a moment from when the user comes in."""
        if self.is_waiting:
            raise NotOffered("You are waiting in the lobby, where nobody can read you.")
        await self.until(lambda: self.conversation.may_talk, _TALKING)
        self._check_lasts()
        if self.conversation.may_talk:
            return
        raise NotOffered("You can't send messages now: the leaders allow it to nobody else.")

    async def _until(self, holds: Callable[[], bool], seconds: float | None) -> None:
        """Wait for something that comes unless the conversation ends."""
        waited = self.is_waiting
        if await self.until(holds, seconds):
            return
        self._check_lasts(waited=waited)
        raise ConversationEnded("The server has not answered in time. Try again later.")

    def _check_lasts(self, *, waited: bool = False) -> None:
        if self.is_over:
            why = self.conversation.why
            raise ConversationEnded(sentence(why, waited=waited), why)
        if self._keeper.error is not None:
            raise self._keeper.error
        if self._keeper.is_closed:
            raise ConversationEnded("You have left the conversation.")
