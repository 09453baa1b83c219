"""A grant of a role, or its revocation: who may do what at which time."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

NEVER = 2**63
"""A time after all others."""


class Role(StrEnum):
    """The rights of somebody in a meeting: none, to read it, or to change it."""

    NONE = "none"
    READER = "reader"
    EDITOR = "editor"
    DELEGATE = "delegate"
    ORGANIZER = "organizer"


CHANGES = frozenset({Role.EDITOR, Role.DELEGATE, Role.ORGANIZER})
"""The roles that may change it."""


class Grant(msgspec.Struct, kw_only=True):
    """The request that gives a person a role, or takes one away, with the time of its answer."""

    person: str
    what: str
    """The request, in words."""
    role: Role
    """The role that the person has once it is answered."""
    invoked: int
    returned: int
    status: int


class Timeline:
    """The roles of a person, by time. Its grants came one after the other."""

    def __init__(self, grants: Sequence[Grant]) -> None:
        self._grants = grants

    def roles(self, since: int, until: int) -> set[Role]:
        """Return the roles that the person may have had at some moment of this time.

        A role may begin as soon as its grant is sent, and lasts until the next one is answered.
        """
        ends = [*(one.returned for one in self._grants[1:]), NEVER]
        return {
            one.role
            for one, end in zip(self._grants, ends, strict=True)
            if one.invoked <= until and end >= since
        }

    def around(self, since: int, until: int) -> list[Grant]:
        """Return the grants that decide which roles those are."""
        before = [one for one in self._grants if one.returned < since]
        return [*before[-1:], *(one for one in self._grants if since <= one.returned <= until)]
