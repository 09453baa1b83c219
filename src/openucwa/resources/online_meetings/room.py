"""The room for embedded meetings: a list embeds as many as fit, and links to the others."""

from collections.abc import Iterable
from itertools import accumulate
from typing import TypeAlias

from openucwa.domain.meetings import Entry

Sized: TypeAlias = tuple[int, Entry]
"""A meeting, after the bytes of it and its extensions."""

LARGEST = 2 * 1024 * 1024
"""Bytes that the embedded meetings may hold together."""
_OVERHEAD = 1024
"""Bytes that a meeting takes beside what its organizer has written, roughly."""


def divided(meetings: Iterable[Sized]) -> tuple[list[Sized], list[Sized]]:
    """Return the meetings that are embedded, the smallest ones, and apart from them the others."""
    found = sorted(meetings, key=_key)
    totals = accumulate(size + _OVERHEAD for size, _ in found)
    count = sum(total <= LARGEST for total in totals)
    return found[:count], found[count:]


def _key(sized: Sized) -> tuple[int, int, str]:
    size, meeting = sized
    return size, meeting.organizer_id, meeting.online_meeting_id
