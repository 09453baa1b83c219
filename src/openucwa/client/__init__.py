"""The Python client of UCWA servers.

`Client` blocks, `AsyncClient` awaits; they have the same surface. `errors` draws what they raise.
"""

from typing import TYPE_CHECKING

from openucwa.client._sync.client import Client
from openucwa.client._sync.conflict import MeetingConflict, MeetingDeleted
from openucwa.client._sync.meetings import Meetings
from openucwa.client.answer import Answer
from openucwa.client.conflict import MeetingChanged, MeetingGone, OnConflict, Side
from openucwa.client.errors import (
    AnswerLost,
    BadInput,
    CertificateRefused,
    ClientError,
    Conflict,
    ConnectionFailed,
    DiscoveryFailed,
    Forbidden,
    ForeignLink,
    Gone,
    LockedOut,
    MeetingNotFound,
    NotFound,
    NotOffered,
    NotUcwa,
    PreconditionFailed,
    Refused,
    ServerFailed,
    SignInFailed,
    SignInRequired,
    TooMany,
    Unavailable,
    WrongPassword,
)
from openucwa.client.history import Version
from openucwa.client.me import Me
from openucwa.client.meeting import Draft, Meeting, Outcome
from openucwa.client.people import People
from openucwa.client.planning import (
    Defaults,
    DialIn,
    Eligible,
    InvitationTexts,
    Policies,
    Region,
)
from openucwa.client.resource import Resource
from openucwa.client.token import Token

if TYPE_CHECKING:
    from openucwa.client._async.client import AsyncClient
    from openucwa.client._async.conflict import AsyncMeetingConflict, AsyncMeetingDeleted
    from openucwa.client._async.meetings import AsyncMeetings

__all__ = [
    "Answer",
    "AnswerLost",
    "AsyncClient",
    "AsyncMeetingConflict",
    "AsyncMeetingDeleted",
    "AsyncMeetings",
    "BadInput",
    "CertificateRefused",
    "Client",
    "ClientError",
    "Conflict",
    "ConnectionFailed",
    "Defaults",
    "DialIn",
    "DiscoveryFailed",
    "Draft",
    "Eligible",
    "Forbidden",
    "ForeignLink",
    "Gone",
    "InvitationTexts",
    "LockedOut",
    "Me",
    "Meeting",
    "MeetingChanged",
    "MeetingConflict",
    "MeetingDeleted",
    "MeetingGone",
    "MeetingNotFound",
    "Meetings",
    "NotFound",
    "NotOffered",
    "NotUcwa",
    "OnConflict",
    "Outcome",
    "People",
    "Policies",
    "PreconditionFailed",
    "Refused",
    "Region",
    "Resource",
    "ServerFailed",
    "Side",
    "SignInFailed",
    "SignInRequired",
    "Token",
    "TooMany",
    "Unavailable",
    "Version",
    "WrongPassword",
]

_LAZY = {
    "AsyncClient": "openucwa.client._async.client",
    "AsyncMeetingConflict": "openucwa.client._async.conflict",
    "AsyncMeetingDeleted": "openucwa.client._async.conflict",
    "AsyncMeetings": "openucwa.client._async.meetings",
}
"""What is imported when it is first asked for: most programs use one of the two clients."""


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
