"""The Python client of UCWA servers.

`Client` blocks, `AsyncClient` awaits; they have the same surface. `errors` draws what they raise.
"""

from typing import TYPE_CHECKING

from openucwa.client._sync.client import Client
from openucwa.client.errors import (
    AnswerLost,
    BadInput,
    CertificateRefused,
    ClientError,
    Conflict,
    ConnectionFailed,
    DiscoveryFailed,
    EventsTaken,
    Forbidden,
    ForeignLink,
    Gone,
    LockedOut,
    MeetingChanged,
    MeetingDeleted,
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
from openucwa.client.event import Event, EventType, Target
from openucwa.client.resource import Resource
from openucwa.client.token import Token

if TYPE_CHECKING:
    from openucwa.client._async.client import AsyncClient

__all__ = [
    "AnswerLost",
    "AsyncClient",
    "BadInput",
    "CertificateRefused",
    "Client",
    "ClientError",
    "Conflict",
    "ConnectionFailed",
    "DiscoveryFailed",
    "Event",
    "EventType",
    "EventsTaken",
    "Forbidden",
    "ForeignLink",
    "Gone",
    "LockedOut",
    "MeetingChanged",
    "MeetingDeleted",
    "NotFound",
    "NotOffered",
    "NotUcwa",
    "PreconditionFailed",
    "Refused",
    "Resource",
    "ServerFailed",
    "SignInFailed",
    "SignInRequired",
    "Target",
    "Token",
    "TooMany",
    "Unavailable",
    "WrongPassword",
]

_LAZY = {"AsyncClient": "openucwa.client._async.client"}
"""What is imported when it is first asked for: most programs use one of the two clients."""


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
