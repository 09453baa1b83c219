"""Moves of a meeting by others: who moved it, and in words."""

from datetime import datetime
from typing import TYPE_CHECKING

from openucwa.cli.person import fields, times
from openucwa.cli.person.conflict import Other
from openucwa.cli.person.session import Session
from openucwa.wire.members import SCHEDULE

if TYPE_CHECKING:
    from openucwa.client import Meeting

_NO_VERSION = "0"
"""An ETag that no version has: a request for it is refused, and told who wrote the current one."""


def who(session: Session, meeting: "Meeting") -> Other:
    """Return who moved a meeting last, and when, as far as the server tells."""
    from openucwa.client import ClientError, PreconditionFailed
    from openucwa.client.resource import Resource

    href = meeting.resource.link(SCHEDULE)
    if href is None:
        return Other()
    try:
        asked = {"Prefer": "return=representation"}
        session.client.send("GET", href, if_match=_NO_VERSION, headers=asked)
    except PreconditionFailed as told:
        found = Resource.parse(told.body).properties
        by, at = found.get("changedBy"), found.get("changedAt")
        return Other(by if isinstance(by, str) else None, at if isinstance(at, datetime) else None)
    except ClientError:
        pass
    return Other()


def told(before: object, after: object, other: Other) -> str:
    """The sentence for a move.

    >>> told(None, None, Other("sip:Chris@contoso.com"))
    'Chris took its time away'
    """
    at = f" ({times.short(other.at)})" if other.at else ""
    old, new = (fields.schedule({SCHEDULE: one}) for one in (before, after))
    if new is None:
        return f"{other.name} took its time away{at}"
    if old is None or old.starts_at is None or new.starts_at is None:
        return f"{other.name} set its time: {fields.shown(new)}{at}"
    if old.starts_at == new.starts_at:
        return f"{other.name} changed its end: {fields.shown(new)}{at}"
    is_as_long = old.moved(new.starts_at).ends_at == new.ends_at
    length = "" if is_as_long or new.ends_at is None else f", until {times.shown(new.ends_at)}"
    first, now = times.shown(old.starts_at), times.shown(new.starts_at)
    return f"{other.name} moved it from {first} to {now}{length}{at}"
