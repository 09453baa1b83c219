# Made from _async/invitations.py by `make synchronous`. Change that one.
"""Invitations of others, as they come in: to talk, or to a meeting."""

from collections import deque
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Self

from openucwa.client._sync.events import Events
from openucwa.client._sync.listener import Listener
from openucwa.client._sync.opening import Accepting
from openucwa.client._sync.room import Room
from openucwa.client._sync.session import Session
from openucwa.client._sync.waiting import Bell
from openucwa.client.attributes import text
from openucwa.client.errors import ClientError, Conflict, Gone, NotFound, NotOffered
from openucwa.client.event import Event, EventType
from openucwa.client.live.conversation import key_of
from openucwa.client.live.message import body_of
from openucwa.client.live.person import Person
from openucwa.client.resource import Resource

_RELS = frozenset({"messagingInvitation", "onlineMeetingInvitation"})
_ABLE = {"supportedModalities": ["Messaging"], "supportedMessageFormats": ["Plain", "Html"]}


class Invitation:
    """An invitation of somebody else's.

    It has a `sender`, the `resource` as the server told it, and `is_pending` until it is accepted,
    here or on another device of the user's, declined, or taken back.
    """

    def __init__(
        self,
        session: Session,
        events: Events,
        resource: Resource,
        sender: Person | None,
    ) -> None:
        self._session = session
        self._events = events
        self.resource: Resource = resource
        self.sender: Person | None = sender
        self.is_pending: bool = True
        """True while it can be accepted."""

    @property
    def is_meeting(self) -> bool:
        """True for an invitation to a meeting, False for one to a talk of two."""
        return self.resource.rel == "onlineMeetingInvitation"

    @property
    def subject(self) -> str:
        """The subject."""
        return text(self.resource.properties.get("subject"))

    @property
    def text(self) -> str:
        """The first message, if the invitation has one."""
        return body_of(self.resource)[0]

    def accept(self) -> Room:
        """Return the conversation, which is accepted by entering it with `with`."""
        return Room(self._session, self._events, Accepting(self.resource))

    def decline(self, *, everywhere: bool = True) -> None:
        """Decline it: on all devices of the user's, or on this one. One that is over stays so."""
        href = self.resource.link("decline")
        if href is None:
            raise NotOffered("The invitation can't be declined.")
        reason = "Global" if everywhere else "Local"
        with suppress(Conflict, Gone, NotFound):
            self._session.send("POST", href, {"reason": reason}, repeatable=True)


class Invitations:
    """Incoming invitations, to be iterated over: it waits for the next one.

    From the first on, the user is available, and others see that she is. It ends when it or its
    client is closed.
    """

    def __init__(self, session: Session, events: Events) -> None:
        self._events = events
        self._inbox = Inbox(session, events)
        self._is_started = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Invitation:
        self.start()
        return self._inbox.take()

    def start(self) -> None:
        """Become available, if that has not happened yet. Raises EventsTaken."""
        if not self._is_started:
            self._events.listen(self._inbox)
            self._is_started = True
            self._inbox.become_available()

    def close(self) -> None:
        """Take no more invitations."""
        self._events.forget(self._inbox)
        self._inbox.end(None)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Inbox(Listener):
    """Collects the invitations that events tell of."""

    def __init__(self, session: Session, events: Events) -> None:
        self._session = session
        self._events = events
        self._bell = Bell()
        self._heard: deque[Event] = deque()
        self._found: deque[Invitation] = deque()
        self._pending: dict[str, Invitation] = {}
        self._is_over = False
        self._error: ClientError | None = None

    def take(self) -> Invitation:
        """The next invitation. Raises StopAsyncIteration, or what keeps events away."""
        self._bell.until(lambda: bool(self._found) or self._is_over)
        if self._found:
            return self._found.popleft()
        if self._error is not None:
            raise self._error
        raise StopIteration

    def become_available(self) -> None:
        """Let others invite the user, if that is not so yet."""
        application = self._session.application()
        me = next(iter(application.embedded("me")), None)
        href = me.link("makeMeAvailable") if me else None
        if href is not None:
            with suppress(Conflict):  # she is already
                self._session.send("POST", href, _ABLE, repeatable=True)

    def tell(self, event: Event) -> None:
        if event.rel in _RELS or event.type == EventType.RESYNC:
            self._heard.append(event)

    def settle(self) -> None:
        while self._heard:
            with suppress(ClientError):  # an invitation that can't be read is over
                self._hear(self._heard.popleft())
        self._bell.ring()

    def end(self, error: ClientError | None) -> None:
        self._is_over = True
        self._error = error
        self._bell.ring()

    def _hear(self, event: Event) -> None:
        if event.type == EventType.RESYNC:
            self.become_available()
            return
        key = key_of(event.href)
        known = self._pending.get(key)
        if event.type == EventType.COMPLETED:
            if known is not None:
                known.is_pending = False
                del self._pending[key]
            return
        if known is not None or event.type != EventType.STARTED:
            return
        found = event.resource or self._session.get(event.href)
        if found.properties.get("direction") == "Incoming":
            sender = self._sender(found)
            invitation = Invitation(self._session, self._events, found, sender)
            self._pending[key] = invitation
            self._found.append(invitation)

    def _sender(self, invitation: Resource) -> Person | None:
        """Return the inviter, with the name that her contact has."""
        embedded = invitation.embedded("from")
        href = invitation.link("from")
        if not embedded and href is None:
            return None
        person = Person.read(embedded[0] if embedded else self._session.get(href or ""))
        contact = person.links.get("contact")
        if person.name or contact is None:
            return person
        found = self._session.get(contact)
        return replace(person, name=text(found.properties.get("name")))
