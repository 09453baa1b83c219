"""Extensions: what applications keep with a meeting, as key-value pairs of their own."""

import re
import secrets
from collections.abc import Mapping
from typing import Annotated

import msgspec

from openucwa.wire.enums import MeetingRole, OnlineMeetingExtensionType
from openucwa.wire.errors import ParameterValidationFailure

LONGEST_NAME = 100
LONGEST_VALUE = 4096
MOST_MEMBERS = 64
LARGEST = 1024 * 1024
"""Bytes that the extensions of a meeting hold together: who reads the meeting gets them all."""

_RESERVED = {"rel", "etag", "href", "title", "_links", "_embedded"}
_NAME = re.compile(r"[^\W\d][\w.:-]*")
_ID = re.compile(r"\w[\w.:-]*")  # no dots alone: in a path they would lead elsewhere


class Attributes(msgspec.Struct, kw_only=True, rename="camel"):
    """The members of an extension that the protocol defines."""

    id: Annotated[str, msgspec.Meta(max_length=100)] = ""
    """The id in its path; given where it is left out."""
    type: OnlineMeetingExtensionType = OnlineMeetingExtensionType.UNDEFINED


class Extension(msgspec.Struct, kw_only=True):
    """An extension of a meeting, with the members that its application gave it.

    `organizer` is the join name of who organizes the meeting, `role` that of who sees it.
    """

    organizer_id: int
    organizer: str
    online_meeting_id: str
    id: str
    type: OnlineMeetingExtensionType
    version: int
    members: Mapping[str, str]
    role: MeetingRole = MeetingRole.READER


def validated(members: Mapping[str, object]) -> dict[str, str]:
    """The free members of an input: strings under names that no format reserves.

    Raises ParameterValidationFailure that names those which can't be kept.
    """
    free = {
        name: value
        for name, value in members.items()
        if name.lower() not in _RESERVED and value is not None  # null means "not given"
    }
    if len(free) > MOST_MEMBERS:
        first = list(free)[MOST_MEMBERS]
        raise ParameterValidationFailure(
            {first[:LONGEST_NAME]: f"exceeds the limit of {MOST_MEMBERS} members"}
        )
    wrong: dict[str, str] = {}
    kept: dict[str, str] = {}
    for name, value in free.items():
        if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
            wrong[name[:LONGEST_NAME]] = (
                f"must have a name of letters, digits, '_', '.', ':' and '-' that starts with a "
                f"letter and is at most {LONGEST_NAME} characters long"
            )
        elif not isinstance(value, str):
            wrong[name] = "must be a string"
        elif len(value) > LONGEST_VALUE:
            wrong[name] = f"must be a string, of at most {LONGEST_VALUE} characters"
        else:
            kept[name] = value
    if wrong:
        raise ParameterValidationFailure(wrong)
    return kept


def size(members: Mapping[str, str]) -> int:
    """Return the bytes that the members take when they are stored."""
    return len(msgspec.json.encode(members))


def validated_id(id: str) -> str:
    """The id that an application wants, or a new one where it wants none.

    Raises ParameterValidationFailure for what can't stand in a path as it is.
    """
    if not id:
        return secrets.token_hex(8)
    if not _ID.fullmatch(id):
        raise ParameterValidationFailure(
            {
                "id": "must consist of letters, digits, '_', '.', ':' and '-', and start with a "
                "letter, a digit or '_'"
            }
        )
    return id
