"""Happenings in a room, as lines for people or as JSON for programs."""

from datetime import datetime
from typing import TYPE_CHECKING

from openucwa.cli.person import fields, times

if TYPE_CHECKING:
    from openucwa.client import Ended, Happening, Message, Person, Room

_OF_PEOPLE = {
    "Joined": "has joined",
    "Left": "has left",
    "Waiting": "is waiting in the lobby",
    "StoppedWaiting": "is no longer waiting",
    "Promoted": "is a leader now",
    "Demoted": "is no longer a leader",
}


def line(one: "Happening") -> str:
    """Return what has happened, in one line; empty for what is not worth one, such as typing."""
    from openucwa import client

    if isinstance(one, client.Message):
        return f"{sender(one)}: {' '.join(fields.plain(one.text).splitlines())}{_failed(one)}"
    if sentence := _OF_PEOPLE.get(type(one).__name__):
        person: Person = getattr(one, "person")  # noqa: B009 # those happenings have one
        return f"{'You' if person.is_local else name(person)} {_for_you(sentence, person)}"
    match one:
        case client.Entered():
            return "You are in."
        case client.MustWait():
            return "You are waiting in the lobby, until a leader lets you in."
        case client.SubjectChanged():
            return f"The subject is now: {fields.plain(one.subject)}"
        case client.TalkAllowed():
            return f"You {'can' if one.allowed else 'can no longer'} send messages."
        case client.Interrupted():
            return f"The connection is lost: {fields.plain(one.error)} Reconnecting …"
        case client.Resumed():
            missed = " Messages may be missing." if one.missed else ""
            return f"The connection is back.{missed}"
        case client.Ended():
            return why(one)
        case _:
            return ""


def invited(room: "Room") -> str:
    """Return how others join a meeting; empty in a talk of two, and while one waits."""
    return f"Join: {fields.plain(room.join_url)}" if room.join_url else ""


def why(ended: "Ended") -> str:
    """Return the sentence for the end of a conversation."""
    from openucwa.client.live.ending import sentence

    return sentence(ended.why)


def name(person: "Person") -> str:
    """Return the name of somebody, as it is shown."""
    return fields.plain(person.label) + (" (guest)" if person.is_anonymous else "")


def sender(message: "Message") -> str:
    """Return who has sent a message."""
    if message.is_mine:
        return "You"
    return name(message.sender) if message.sender else "Meeting"


def clock(at: datetime | None = None) -> str:
    """Return the time of day, of now if nothing else is said."""
    return times.local(at).strftime("%H:%M:%S") if at else times.now().strftime("%H:%M:%S")


def as_json(one: "Happening") -> dict[str, object]:
    """Return what has happened, for a program."""
    from openucwa import client

    found: dict[str, object] = {"type": type(one).__name__}
    if isinstance(one, client.Message):
        person = {"sender": _person(one.sender) if one.sender else None, "isMine": one.is_mine}
        found |= {"text": one.text, "html": one.html, **person}
        found["at"] = times.iso(one.at) if one.at else None
        return found | {"failed": list(one.failed)}
    for member in type(one).__slots__:
        value = getattr(one, member)
        if isinstance(value, client.Person):
            value = _person(value)
        elif isinstance(value, client.Reason):
            value = {"code": value.code, "subcode": value.subcode, "message": value.message}
        found[member] = value
    return found


def _person(person: "Person") -> dict[str, object]:
    return {
        "name": person.name,
        "uri": person.uri,
        "role": str(person.role),
        "isGuest": person.is_anonymous,
        "isLocal": person.is_local,
    }


def _for_you(sentence: str, person: "Person") -> str:
    if not person.is_local:
        return f"{sentence}."
    return f"{sentence.replace('is ', 'are ', 1).replace('has ', 'have ', 1)}."


def _failed(message: "Message") -> str:
    return (
        f" (not delivered to {', '.join(map(fields.plain, message.failed))})"
        if message.failed
        else ""
    )
