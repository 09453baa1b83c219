"""Moves of a meeting by others: who moved it, and in words."""

from typing import TYPE_CHECKING

from openucwa.cli.person import fields, times
from openucwa.cli.person.author import Author
from openucwa.cli.person.session import Session
from openucwa.wire.members import SCHEDULE

if TYPE_CHECKING:
    from openucwa.client import Change, Meeting

_NO_VERSION = "0"
"""An ETag that no version has: a request for it is refused, and told who wrote the current one."""


def latest(session: Session, meeting: "Meeting") -> "Change | None":
    """Return the last move of a meeting, as far as the server tells."""
    from openucwa.client import ClientError, PreconditionFailed
    from openucwa.client.change import change_in

    href = meeting.resource.link(SCHEDULE)
    if href is None:
        return None
    try:
        asked = {"Prefer": "return=representation"}
        session.client.send("GET", href, if_match=_NO_VERSION, headers=asked)
    except PreconditionFailed as told:
        return change_in(told.body)
    except ClientError:
        pass
    return None


def told(before: object, after: object, other: Author) -> str:
    """Return the sentence for a move.

    >>> told(None, None, Author("Chris Barry"))
    'Chris Barry took its time away'
    """
    at, who = other.aside, other.subject()
    old, new = (fields.schedule({SCHEDULE: one}) for one in (before, after))
    if new is None:
        return f"{who} took its time away{at}"
    if old is None or old.starts_at is None or new.starts_at is None:
        return f"{who} set its time: {fields.shown(new)}{at}"
    if old.starts_at == new.starts_at:
        return f"{who} changed its end: {fields.shown(new)}{at}"
    is_as_long = old.moved(new.starts_at).ends_at == new.ends_at
    length = "" if is_as_long or new.ends_at is None else f", until {times.shown(new.ends_at)}"
    first, now = times.shown(old.starts_at), times.shown(new.starts_at)
    return f"{who} moved it from {first} to {now}{length}{at}"
