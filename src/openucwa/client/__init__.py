"""The Python client of UCWA servers.

`Client` blocks, `AsyncClient` awaits; they have the same surface. `errors` draws what they raise.
"""

from typing import TYPE_CHECKING

from openucwa.client._sync.client import Client
from openucwa.client._sync.conflict import MeetingConflict, MeetingDeleted
from openucwa.client._sync.meetings import Meetings
from openucwa.client.answer import Answer
from openucwa.client.change import Change
from openucwa.client.conflict import (
    ChangesIgnored,
    MeetingBusy,
    MeetingChanged,
    MeetingGone,
    MeetingNotMoved,
    OnConflict,
)
from openucwa.client.draft import Draft
from openucwa.client.errors import (
    AnswerLost,
    BadEnvironment,
    BadInput,
    CertificateRefused,
    ClientError,
    Conflict,
    ConnectionFailed,
    ConversationEnded,
    DiscoveryFailed,
    EventsTaken,
    Forbidden,
    ForeignLink,
    Gone,
    LockedOut,
    MeetingNotFound,
    NotFound,
    NotOffered,
    NotUcwa,
    PreconditionFailed,
    ProxyRefused,
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
from openucwa.client.meeting import Meeting
from openucwa.client.outcome import Outcome
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
from openucwa.client.schedule import Schedule
from openucwa.client.token import Token
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    ConversationState,
    EntryExitAnnouncement,
    GenericPolicy,
    LobbyBypassForPhoneUsers,
    MeetingRole,
    OnlineMeetingExtensionType,
    OnlineMeetingRel,
    PhoneUserAdmission,
    PreferredAvailability,
    Role,
    ShareRole,
    SourceNetwork,
)
from openucwa.wire.merge import Side

if TYPE_CHECKING:
    from openucwa.client._async.batch import AsyncBatch
    from openucwa.client._async.client import AsyncClient
    from openucwa.client._async.conflict import AsyncMeetingConflict, AsyncMeetingDeleted
    from openucwa.client._async.delegates import AsyncDelegates
    from openucwa.client._async.directory import AsyncDirectory
    from openucwa.client._async.events import AsyncEventStream, AsyncSubscription
    from openucwa.client._async.invitations import AsyncInvitation, AsyncInvitations
    from openucwa.client._async.meetings import AsyncMeetings
    from openucwa.client._async.room import AsyncRoom
    from openucwa.client._sync.batch import Batch
    from openucwa.client._sync.delegates import Delegates
    from openucwa.client._sync.directory import Directory
    from openucwa.client._sync.events import EventStream, Subscription
    from openucwa.client._sync.invitations import Invitation, Invitations
    from openucwa.client._sync.room import Room
    from openucwa.client.attendance import Attendance
    from openucwa.client.batching import Part
    from openucwa.client.contact import Contact
    from openucwa.client.event import Event, EventType, Target
    from openucwa.client.extension import Extension
    from openucwa.client.live.conversation import Conversation, Reason
    from openucwa.client.live.happening import (
        Demoted,
        Ended,
        Entered,
        Happening,
        Interrupted,
        Joined,
        Left,
        MustWait,
        Promoted,
        Resumed,
        StoppedTyping,
        StoppedWaiting,
        SubjectChanged,
        TalkAllowed,
        Typing,
        Waiting,
    )
    from openucwa.client.live.message import Message
    from openucwa.client.live.person import Person
    from openucwa.client.share import Share
    from openucwa.client.signed_in import SignedIn

__all__ = [
    "AccessLevel",
    "Answer",
    "AnswerLost",
    "AsyncBatch",
    "AsyncClient",
    "AsyncDelegates",
    "AsyncDirectory",
    "AsyncEventStream",
    "AsyncInvitation",
    "AsyncInvitations",
    "AsyncMeetingConflict",
    "AsyncMeetingDeleted",
    "AsyncMeetings",
    "AsyncRoom",
    "AsyncSubscription",
    "Attendance",
    "AutomaticLeaderAssignment",
    "BadEnvironment",
    "BadInput",
    "Batch",
    "CertificateRefused",
    "Change",
    "ChangesIgnored",
    "Client",
    "ClientError",
    "Conflict",
    "ConnectionFailed",
    "Contact",
    "Conversation",
    "ConversationEnded",
    "ConversationState",
    "Defaults",
    "Delegates",
    "Demoted",
    "DialIn",
    "Directory",
    "DiscoveryFailed",
    "Draft",
    "Eligible",
    "Ended",
    "Entered",
    "EntryExitAnnouncement",
    "Event",
    "EventStream",
    "EventType",
    "EventsTaken",
    "Extension",
    "Forbidden",
    "ForeignLink",
    "GenericPolicy",
    "Gone",
    "Happening",
    "Interrupted",
    "Invitation",
    "InvitationTexts",
    "Invitations",
    "Joined",
    "Left",
    "LobbyBypassForPhoneUsers",
    "LockedOut",
    "Me",
    "Meeting",
    "MeetingBusy",
    "MeetingChanged",
    "MeetingConflict",
    "MeetingDeleted",
    "MeetingGone",
    "MeetingNotFound",
    "MeetingNotMoved",
    "MeetingRole",
    "Meetings",
    "Message",
    "MustWait",
    "NotFound",
    "NotOffered",
    "NotUcwa",
    "OnConflict",
    "OnlineMeetingExtensionType",
    "OnlineMeetingRel",
    "Outcome",
    "Part",
    "People",
    "Person",
    "PhoneUserAdmission",
    "Policies",
    "PreconditionFailed",
    "PreferredAvailability",
    "Promoted",
    "ProxyRefused",
    "Reason",
    "Refused",
    "Region",
    "Resource",
    "Resumed",
    "Role",
    "Room",
    "Schedule",
    "ServerFailed",
    "Share",
    "ShareRole",
    "Side",
    "SignInFailed",
    "SignInRequired",
    "SignedIn",
    "SourceNetwork",
    "StoppedTyping",
    "StoppedWaiting",
    "SubjectChanged",
    "Subscription",
    "TalkAllowed",
    "Target",
    "Token",
    "TooMany",
    "Typing",
    "Unavailable",
    "Version",
    "Waiting",
    "WrongPassword",
]

_LAZY = {
    "AsyncBatch": "openucwa.client._async.batch",
    "AsyncClient": "openucwa.client._async.client",
    "AsyncDelegates": "openucwa.client._async.delegates",
    "AsyncDirectory": "openucwa.client._async.directory",
    "AsyncEventStream": "openucwa.client._async.events",
    "AsyncInvitation": "openucwa.client._async.invitations",
    "AsyncInvitations": "openucwa.client._async.invitations",
    "AsyncMeetingConflict": "openucwa.client._async.conflict",
    "AsyncMeetingDeleted": "openucwa.client._async.conflict",
    "AsyncMeetings": "openucwa.client._async.meetings",
    "AsyncRoom": "openucwa.client._async.room",
    "AsyncSubscription": "openucwa.client._async.events",
    "Attendance": "openucwa.client.attendance",
    "Batch": "openucwa.client._sync.batch",
    "Contact": "openucwa.client.contact",
    "Conversation": "openucwa.client.live.conversation",
    "Delegates": "openucwa.client._sync.delegates",
    "Demoted": "openucwa.client.live.happening",
    "Directory": "openucwa.client._sync.directory",
    "Ended": "openucwa.client.live.happening",
    "Entered": "openucwa.client.live.happening",
    "Event": "openucwa.client.event",
    "EventStream": "openucwa.client._sync.events",
    "EventType": "openucwa.client.event",
    "Extension": "openucwa.client.extension",
    "Happening": "openucwa.client.live.happening",
    "Interrupted": "openucwa.client.live.happening",
    "Invitation": "openucwa.client._sync.invitations",
    "Invitations": "openucwa.client._sync.invitations",
    "Joined": "openucwa.client.live.happening",
    "Left": "openucwa.client.live.happening",
    "Message": "openucwa.client.live.message",
    "MustWait": "openucwa.client.live.happening",
    "Part": "openucwa.client.batching",
    "Person": "openucwa.client.live.person",
    "Promoted": "openucwa.client.live.happening",
    "Reason": "openucwa.client.live.conversation",
    "Resumed": "openucwa.client.live.happening",
    "Room": "openucwa.client._sync.room",
    "Share": "openucwa.client.share",
    "SignedIn": "openucwa.client.signed_in",
    "StoppedTyping": "openucwa.client.live.happening",
    "StoppedWaiting": "openucwa.client.live.happening",
    "SubjectChanged": "openucwa.client.live.happening",
    "Subscription": "openucwa.client._sync.events",
    "TalkAllowed": "openucwa.client.live.happening",
    "Target": "openucwa.client.event",
    "Typing": "openucwa.client.live.happening",
    "Waiting": "openucwa.client.live.happening",
}
"""Names that are imported when they are first asked for: most programs use one of the two clients,
and few need events."""


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
