# Made from _async/opening.py by `make synchronous`. Change that one.
"""The ways into a conversation: joining a meeting, starting one, calling somebody, accepting."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import uuid4

from openucwa.client._sync.session import Session
from openucwa.client.errors import BadInput, NotFound, NotOffered, NotUcwa
from openucwa.client.live.message import uri_of
from openucwa.client.resource import Resource


class Opened(NamedTuple):
    """The addresses of a conversation that has begun, and of the invitation to it."""

    conversation: str
    invitation: str


class Opening(ABC):
    """A way into a conversation. One that `is_there` already was told of by earlier events."""

    is_there = False

    @abstractmethod
    def open(self, session: Session) -> Opened:
        """Begin. Raises Refused and NotOffered."""

    def again(self, session: Session) -> Opened | None:
        """Begin once more, after the server has lost it; None if that makes no sense."""
        return None


class Joining(Opening):
    """Joins a meeting, under a `name` as a guest. Without an address it starts a meeting."""

    def __init__(
        self, addresses: Sequence[str] = (), *, name: str | None = None, subject: str = ""
    ) -> None:
        self._addresses = addresses
        self._given = {"anonymousDisplayName": name, "subject": subject or None}

    def open(self, session: Session) -> Opened:
        if not self._addresses:
            return _started(session, "startOnlineMeeting", self._given)
        for address in self._addresses[:-1]:
            with suppress(BadInput, NotFound):
                return self._join(session, address)
        return self._join(session, self._addresses[-1])

    def again(self, session: Session) -> Opened | None:
        return self.open(session) if self._addresses else None

    def _join(self, session: Session, address: str) -> Opened:
        wanted = {"onlineMeetingUri": address, **self._given}
        # To join twice is as good as once: there is one participant for each person.
        return _started(session, "joinOnlineMeeting", wanted, repeatable=True)


class Call(Opening):
    """Asks somebody to talk."""

    def __init__(self, to: str, text: str = "", *, subject: str = "") -> None:
        message = {"message": {"href": uri_of(text)}} if text else None
        self._wanted = {"to": to, "subject": subject or None, "_links": message}

    def open(self, session: Session) -> Opened:
        return _started(session, "startMessaging", self._wanted)


class Accepting(Opening):
    """Accepts an invitation."""

    is_there = True

    def __init__(self, invitation: Resource) -> None:
        self._invitation = invitation

    def open(self, session: Session) -> Opened:
        accept = self._invitation.link("accept")
        if accept is None:
            raise NotOffered("The invitation can't be accepted any more.")
        session.send("POST", accept, repeatable=True)
        return _opened(self._invitation)


def _started(
    session: Session, rel: str, given: Mapping[str, object], *, repeatable: bool = False
) -> Opened:
    communication = session.dashboard("communication")
    href = communication.link(rel)
    if href is None:
        href = (session.get(communication.href)).link(rel)
    if href is None:
        raise NotOffered(f"This server offers no {rel} to this user.")
    wanted = {name: value for name, value in given.items() if value is not None}
    answer = session.send(
        "POST", href, {**wanted, "operationId": uuid4().hex}, repeatable=repeatable
    )
    found = answer.resource
    if found is None or found.link("conversation") is None:
        location = answer.headers.get("Location")
        if location is None:
            raise NotUcwa("The server does not tell where the invitation is that it has created.")
        found = session.get(location)
    return _opened(found)


def _opened(invitation: Resource) -> Opened:
    conversation = invitation.link("conversation")
    if conversation is None:
        raise NotUcwa("The server does not tell to which conversation the invitation leads.")
    return Opened(conversation, invitation.href)
