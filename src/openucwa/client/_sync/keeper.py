# Made from _async/keeper.py by `make synchronous`. Change that one.
"""The keeper of a conversation: keeps its state up to date by the events about it."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from threading import Lock as Mutex
from uuid import uuid4

from openucwa.client._sync.batch import Batch
from openucwa.client._sync.concurrency import Lock
from openucwa.client._sync.events import Events
from openucwa.client._sync.listener import Listener
from openucwa.client._sync.opening import Opening
from openucwa.client._sync.session import Session
from openucwa.client._sync.waiting import Background, Bell
from openucwa.client.attributes import text
from openucwa.client.errors import ClientError, Gone, NotFound
from openucwa.client.event import Event, EventType, Target, targets
from openucwa.client.live.conversation import Conversation, key_of
from openucwa.client.live.happening import (
    Happening,
    Interrupted,
    Resumed,
    completed,
    happened,
)
from openucwa.client.live.person import Person
from openucwa.client.live.reducer import apply, learned, loaded, named
from openucwa.client.resource import Resource
from openucwa.wire.enums import ConversationState

_log = logging.getLogger("openucwa.client")
_MOST_WAITING = 10_000
"""The number of happenings that are kept for somebody who does not ask for them: the latest."""
_ENDING = 2.0
"""Seconds in which the reason for an end comes, if the server tells it."""
_RELOADED = ("messaging", "onlineMeeting", "localParticipant")
_COLLECTIONS = ("leaders", "attendees", "lobby")


class Keeper(Listener):
    """Keeps the state of a conversation, and what has happened in it until somebody asks."""

    def __init__(self, session: Session, events: Events, opening: Opening) -> None:
        self._session = session
        self._events = events
        self._opening = opening
        self._state = Conversation("")
        self._heard: deque[Event] = deque()
        self._pending: list[Happening] = []
        self._told: deque[Happening] = deque(maxlen=_MOST_WAITING)
        self._moving = Mutex()
        self._settling = Lock()
        self._has_asked = self._has_caught_up = False
        self._conclusion: Background | None = None
        self._retry: Background | None = None
        self.bell = Bell()
        """Rings whenever the state may have changed."""
        self.is_closed = False
        self.error: ClientError | None = None
        """The error after which no more events are received."""

    @property
    def state(self) -> Conversation:
        """The state as it is now."""
        return self._state

    def begin(self) -> None:
        """Begin the conversation, and follow it from then on. Raises Refused, EventsTaken …"""
        self._events.listen(self)
        opened = self._opening.open(self._session)
        self._state = Conversation(opened.conversation, key_of(opened.invitation))
        if self._opening.is_there:
            with self._settling:
                self._catch_up()
        self.settle()

    def close(self) -> None:
        """Follow it no more."""
        self._events.forget(self)
        self.end(None)

    def move(self, change: Callable[[Conversation], Conversation]) -> None:
        """Change the state, and keep what has happened by that."""
        with self._moving:  # threads may say something while another one hears
            before, self._state = self._state, change(self._state)
            self._pending += happened(before, self._state)

    def deliver(self, *more: Happening) -> None:
        """Let those who wait have what has happened."""
        with self._moving:
            people = self._state.people
            self._told += [*(completed(one, people) for one in self._pending), *more]
            self._pending.clear()
        self.bell.ring()

    def take(self) -> Happening | None:
        """Return the next happening, if there is one."""
        try:
            return self._told.popleft()
        except IndexError:
            return None

    # As a listener

    def tell(self, event: Event) -> None:
        if event.type == EventType.RESYNC or event.sender_rel in ("communication", "conversation"):
            self._heard.append(event)

    def settle(self) -> None:
        with self._settling:
            if not self._state.href:  # what was heard so far is kept until it is known what it is
                return
            try:
                self._settle()
            except ClientError as error:
                _log.warning("The state of a conversation can't be read; retrying: %s", error)
                self._retry = Background(self._settle_again)
            self.deliver()

    def interrupt(self, error: ClientError) -> None:
        self.deliver(Interrupted(str(error)))

    def resume(self) -> None:
        self.deliver(Resumed(missed=False))
        self.settle()

    def end(self, error: ClientError | None) -> None:
        self.is_closed = True
        self.error = self.error or error
        if error is None and self._state.href:
            self.move(lambda state: learned(state, state.href, None))
        self.deliver()

    def _settle(self) -> None:
        while self._heard:
            event = self._heard.popleft()
            if event.type == EventType.RESYNC:
                self._reload()
            else:
                self._apply([event, *self._rest_of_entry()])
        if self._state.is_inside and self._state.me is None and not self._has_caught_up:
            self._catch_up()
        self._fetch()
        self._add_messaging()
        if self._state.state == ConversationState.DISCONNECTING and self._conclusion is None:
            self._conclusion = Background(self._conclude)

    def _settle_again(self) -> None:
        self.bell.until(lambda: self.is_closed, _ENDING)
        if not self.is_closed:
            self.settle()

    def _conclude(self) -> None:
        """End a conversation that is about to end, if no reason comes soon."""
        self.bell.until(lambda: self._state.is_over, _ENDING)
        if not self._state.is_over:
            self.move(lambda state: learned(state, state.href, None))
            self.deliver()

    def _reload(self) -> None:
        """Read all anew, since events are missing."""
        if self._state.is_over:
            return
        try:
            found = self._session.get(self._state.href)
        except (NotFound, Gone):
            self._begin_again()
            return
        self._state = replace(self._state, href=found.href)
        self.move(self._loading(found))
        self._fetch()
        self.deliver(Resumed(missed=True))

    def _catch_up(self) -> None:
        """Read all of a conversation that earlier events have told of.

        Who accepts an invitation, or is there already, comes to it later than her application.
        Those who are in it by then have not joined just now.
        """
        self._has_caught_up = True
        change = self._loading(self._session.get(self._state.href))
        if not self._state.is_inside:
            self.move(change)
            return
        with self._moving:
            self._state = change(self._state)

    def _loading(self, found: Resource) -> Callable[[Conversation], Conversation]:
        """Read what a conversation links to; returns the change of the state by that."""
        collections = [rel for rel in _COLLECTIONS if found.link(rel)] or ["participants"]
        hrefs = {rel: href for rel in (*_RELOADED, *collections) if (href := found.link(rel))}
        read = dict(zip(hrefs, self._read(hrefs.values()), strict=True))

        def load(state: Conversation) -> Conversation:
            if href := hrefs.get("localParticipant"):
                me = state.me or Person(href, is_local=True)
                state = replace(state, me=replace(me, href=href))
            for rel in _RELOADED:
                if (one := read.get(rel)) is not None:
                    state = learned(state, hrefs[rel], one)
            people = {rel: _members(one) for rel in collections if (one := read.get(rel))}
            return loaded(learned(state, found.href, found), people)

        return load

    def _begin_again(self) -> None:
        """Begin once more, since the server does not know the conversation any more."""
        opened = self._opening.again(self._session)
        if opened is None:
            self.move(lambda state: learned(state, state.href, None))
            return
        before = self._state
        self._state = Conversation(
            opened.conversation,
            key_of(opened.invitation),
            subject=before.subject,
            messages=before.messages,
        )
        self.deliver(Resumed(missed=True))

    def _fetch(self) -> None:
        """Read what events have told of by its address only."""
        while hrefs := self._state.stale:
            for href, found in zip(hrefs, self._read(hrefs), strict=True):
                self._learn(href, found)
            self._name()

    def _name(self) -> None:
        """Ask the contacts of those who have no name: between two people, that is where it is."""
        nameless = {
            href: one
            for one in self._state.people.values()
            if not one.name and (href := one.links.get("contact"))
        }
        if nameless:
            for person, found in zip(nameless.values(), self._read(nameless), strict=True):
                if found is not None:
                    self._learn_name(person, text(found.properties.get("name")))

    def _add_messaging(self) -> None:
        """Ask for the messages of a meeting: who joins it does not get them by itself.

        A talk of two that has ended would begin once more.
        """
        state = self._state
        href = state.messaging.get("addMessaging")
        if href is None or state.state != ConversationState.CONFERENCED:
            self._has_asked = False
        elif not self._has_asked:
            self._has_asked = True
            self._session.send("POST", href, {"operationId": uuid4().hex})

    def _rest_of_entry(self) -> list[Event]:
        """Return the events that came with the entry: those who are there already do not join."""
        rest: list[Event] = []
        if not self._state.is_inside:
            while self._heard and self._heard[0].type != EventType.RESYNC:
                rest.append(self._heard.popleft())
        return rest

    def _apply(self, events: Sequence[Event]) -> None:
        """Apply events as one step."""
        self.move(lambda state: reduce(apply, events, state))

    def _learn(self, href: str, found: Resource | None) -> None:
        self.move(lambda state: learned(state, href, found))

    def _learn_name(self, person: Person, name: str) -> None:
        self.move(lambda state: named(state, person, name))

    def _read(self, hrefs: Iterable[str]) -> list[Resource | None]:
        """Return the resources at some addresses; None for those that are gone."""
        batch = Batch(self._session)
        parts = [batch.get(href) for href in hrefs]
        batch.send()
        found: list[Resource | None] = []
        for part in parts:
            try:
                found.append(part.result())
            except (NotFound, Gone):
                found.append(None)
        return found


def _members(collection: Resource) -> Iterator[Target]:
    """Yield the people of a collection, which it embeds or links to."""
    embedded = collection.embedded("participant")
    if embedded:
        for one in embedded:
            yield Target(one.rel, one.href, text(one.properties.get("name")))
    else:
        yield from targets(collection, "participant")
