"""Happenings: the differences between two states of a conversation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from openucwa.client.live.conversation import Conversation, Reason, key_of
from openucwa.client.live.message import Message
from openucwa.client.live.person import Person
from openucwa.wire.enums import CallState

__all__ = [
    "Demoted",
    "Ended",
    "Entered",
    "Happening",
    "Interrupted",
    "Joined",
    "Left",
    "MustWait",
    "Promoted",
    "Resumed",
    "StoppedTyping",
    "StoppedWaiting",
    "SubjectChanged",
    "TalkAllowed",
    "Typing",
    "Waiting",
    "completed",
    "happened",
]


@dataclass(frozen=True, slots=True)
class Entered:
    """The user is inside. Those who were there before her are in the roster."""


@dataclass(frozen=True, slots=True)
class MustWait:
    """The user waits in the lobby, until a leader admits her."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A `person` has come in."""

    person: Person


@dataclass(frozen=True, slots=True)
class Left:
    """A `person` has gone."""

    person: Person


@dataclass(frozen=True, slots=True)
class Waiting:
    """A `person` waits in the lobby. Only leaders are told."""

    person: Person


@dataclass(frozen=True, slots=True)
class StoppedWaiting:
    """A `person` waits no more: she was admitted or rejected, or has gone."""

    person: Person


@dataclass(frozen=True, slots=True)
class Promoted:
    """A `person` leads the meeting now; it may be the user herself."""

    person: Person


@dataclass(frozen=True, slots=True)
class Demoted:
    """A `person` leads the meeting no more; it may be the user herself."""

    person: Person


@dataclass(frozen=True, slots=True)
class Typing:
    """A `person` is typing."""

    person: Person


@dataclass(frozen=True, slots=True)
class StoppedTyping:
    """A `person` is typing no more."""

    person: Person


@dataclass(frozen=True, slots=True)
class SubjectChanged:
    """The conversation has another `subject`."""

    subject: str


@dataclass(frozen=True, slots=True)
class TalkAllowed:
    """The user can send messages now, or no more if not `allowed`."""

    allowed: bool


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The server can't be reached, and is asked again and again; `error` tells why."""

    error: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """The server is there again.

    `missed` is true if messages may be missing; all else has been read anew.
    """

    missed: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over for the user. `why` is None if the server did not tell, or she left."""

    why: Reason | None = None


Happening: TypeAlias = (
    Entered
    | MustWait
    | Joined
    | Left
    | Waiting
    | StoppedWaiting
    | Promoted
    | Demoted
    | Message
    | Typing
    | StoppedTyping
    | SubjectChanged
    | TalkAllowed
    | Interrupted
    | Resumed
    | Ended
)
"""Anything that may happen in a conversation."""


def happened(before: Conversation, after: Conversation) -> Iterator[Happening]:
    """Yield what has happened from one state to another; nothing if they are the same."""
    if before is after:
        return
    if after.is_waiting and not before.is_waiting:
        yield MustWait()
    if before.is_inside:
        yield from _of_people(before, after)
    if after.is_inside and not before.is_inside:
        yield Entered()
    if before.is_inside and after.is_inside:
        if before.subject and after.subject != before.subject:
            yield SubjectChanged(after.subject)
        is_connected = before.messaging_state == after.messaging_state == CallState.CONNECTED
        if is_connected and after.may_talk != before.may_talk:
            yield TalkAllowed(after.may_talk)
    if before.messages is not after.messages:
        known = {key_of(one.href): one.text for one in before.messages}
        for message in after.messages:
            if message.text and not known.get(key_of(message.href)):
                yield message
    if before.typing != after.typing:
        for was, now, kind in ((before, after, Typing), (after, before, StoppedTyping)):
            for key in now.typing:
                person = after.people.get(key)  # of one who has left, Left tells
                if key not in was.typing and person is not None:
                    yield kind(person)
    if after.is_over and not before.is_over:
        yield Ended(after.why)


def completed(one: Happening, people: Mapping[str, Person]) -> Happening:
    """Return what has happened, with what has been learned since of who did it."""
    match one:
        case Message(sender=Person() as sender):
            return replace(one, sender=_known(sender, people))
        case Joined() | Waiting() | Promoted() | Demoted() | Typing() | StoppedTyping():
            return replace(one, person=_known(one.person, people))
        case _:
            return one


def _known(person: Person, people: Mapping[str, Person]) -> Person:
    now = people.get(key_of(person.href))
    if now is None:
        return person
    role = person.role if _has_role(person) else now.role
    return replace(now, name=now.name or person.name, role=role, in_lobby=person.in_lobby)


def _of_people(before: Conversation, after: Conversation) -> Iterator[Happening]:
    if before.people is not after.people:
        seen, people = _placed(before), _placed(after)
        for key, person in seen.items():
            now = people.get(key)
            if now is None or (now.in_lobby and not person.in_lobby):
                yield StoppedWaiting(person) if person.in_lobby else Left(person)
        for key, person in people.items():
            was = seen.get(key)
            if person.in_lobby:
                if was is None or not was.in_lobby:
                    yield Waiting(person)
            elif was is None:
                yield Joined(person)
            elif was.in_lobby:
                yield StoppedWaiting(person)
                yield Joined(person)
            elif was.is_leader != person.is_leader and _has_role(was):
                yield Promoted(person) if person.is_leader else Demoted(person)
    was, now = before.me, after.me
    if was and now and was.is_leader != now.is_leader and _has_role(was) and _has_role(now):
        yield Promoted(now) if now.is_leader else Demoted(now)


def _placed(state: Conversation) -> dict[str, Person]:
    return {key: one for key, one in state.people.items() if one.is_placed}


def _has_role(person: Person) -> bool:
    return person.role in ("Leader", "Attendee")
