"""Moves of a meeting by others, in words."""

from openucwa.cli.person import fields, times
from openucwa.cli.person.author import Author
from openucwa.wire.members import SCHEDULE


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
