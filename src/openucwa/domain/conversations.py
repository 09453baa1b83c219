"""Conversations: talks of two people, meetings while they run, and the invitations to both.

There is one conversation for all who take part, by one id. Each application of theirs has a view of
it, with a state of its own; who has no view of a conversation does not find it.
"""

import secrets
from datetime import datetime, timedelta
from uuid import uuid4

import msgspec

from openucwa.domain.admission import Participant, Place
from openucwa.domain.sign_ins import Allowance
from openucwa.wire.channel import Reason
from openucwa.wire.enums import (
    AudienceMessaging,
    CallState,
    ConversationState,
    Direction,
    Importance,
    InvitationState,
    MessageFormat,
)

KEPT = timedelta(minutes=10)
"""The time for which a view that has ended, or an invitation that has completed, is still found."""
MOST_IN_LOBBY = 250
"""People who wait in a lobby."""
RINGING = timedelta(seconds=30)
"""The time in which an invitation has to be answered."""
ENTRIES = Allowance(60, timedelta(seconds=1))
"""Entries of a person into conversations, and calls, which others hear of."""
LOBBY_WAIT = timedelta(minutes=30)
"""The longest time that somebody waits in a lobby."""


class Conversation(msgspec.Struct, kw_only=True, frozen=True):
    """A talk of two, or a meeting while it runs.

    Of a talk of two there is no organizer. `is_ad_hoc` tells that nobody has scheduled the meeting:
    it is there only while it runs.
    """

    conversation_id: str
    organizer_id: int | None = None
    online_meeting_id: str | None = None
    subject: str = ""
    importance: Importance = Importance.NORMAL
    thread_id: str
    created_at: datetime
    ended_at: datetime | None = None
    audience_messaging: AudienceMessaging = AudienceMessaging.ENABLED
    is_ad_hoc: bool = False

    @property
    def is_meeting(self) -> bool:
        return self.online_meeting_id is not None


class View(msgspec.Struct, kw_only=True, frozen=True):
    """A conversation as an application of a participant sees it: where she is, and with how many.

    `count` is the number of people inside. `messaging` is the state of instant messaging, and
    `formats` are those in which the application gets messages.
    """

    conversation: Conversation
    own: Participant
    application_id: int
    state: ConversationState
    count: int = 0
    ended_at: datetime | None = None
    messaging: CallState = CallState.DISCONNECTED
    formats: tuple[MessageFormat, ...] = ()

    @property
    def conversation_id(self) -> str:
        return self.conversation.conversation_id

    @property
    def user_id(self) -> int:
        return self.own.user_id

    @property
    def local(self) -> "Seen":
        """The participant herself."""
        return Seen(participant=self.own, view=self)

    @property
    def is_live(self) -> bool:
        """True until it has ended."""
        return self.ended_at is None

    @property
    def is_inside(self) -> bool:
        """True while the participant takes part, and sees the others."""
        return self.state in (ConversationState.CONNECTED, ConversationState.CONFERENCED)

    @property
    def is_in_meeting(self) -> bool:
        """True while the participant takes part in a meeting."""
        return self.state is ConversationState.CONFERENCED

    @property
    def leads(self) -> bool:
        """True while the participant leads the meeting."""
        return self.is_in_meeting and self.own.place is Place.LEADERS


class Seen(msgspec.Struct, kw_only=True, frozen=True):
    """A participant as another one sees her."""

    participant: Participant
    view: View

    @property
    def conversation_id(self) -> str:
        return self.participant.conversation_id

    @property
    def address(self) -> str:
        return self.participant.address

    @property
    def title(self) -> str:
        """The name, which is told in meetings alone."""
        return self.participant.name if self.view.conversation.is_meeting else ""

    @property
    def is_own(self) -> bool:
        """True for who looks at herself."""
        return self.participant.address == self.view.own.address


class InvitationDetails(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The part of an invitation that does not change while it is there."""

    online_meeting_uri: str | None = None
    to: str | None = None
    """The SIP URI of who is invited."""
    sender: str | None = None
    """The address of the participant who invites."""
    subject: str = ""
    importance: Importance = Importance.NORMAL
    thread_id: str = ""
    anonymous_display_name: str | None = None
    message: str | None = None
    """The first message, as a data URI."""


class Invitation(msgspec.Struct, kw_only=True, frozen=True):
    """An operation by which somebody comes into a conversation, as one application sees it.

    `kind` is its rel. `due_at` is when it fails for want of an answer.
    """

    invitation_id: str
    kind: str
    user_id: int
    application_id: int
    conversation_id: str
    direction: Direction
    state: InvitationState = InvitationState.CONNECTING
    operation_id: str = ""
    details: InvitationDetails = InvitationDetails()
    due_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def is_pending(self) -> bool:
        return self.completed_at is None


MESSAGING_INVITATION = "messagingInvitation"
PARTICIPANT_INVITATION = "participantInvitation"
ONLINE_MEETING_INVITATION = "onlineMeetingInvitation"


def new_conversation_id() -> str:
    """Return an id that can't be guessed."""
    return str(uuid4())


def new_invitation_id() -> str:
    """Return 32 random hexadecimal digits."""
    return secrets.token_hex(16)


new_thread_id = new_invitation_id

ENDED = Reason("RemoteFailure", "Ended", "The meeting has ended.")
EJECTED = Reason("RemoteFailure", "Ejected", "A leader has removed you from the meeting.")
DENIED = Reason("RemoteFailure", "Denied", "A leader has not let you into the meeting.")
WAITED = Reason("RemoteFailure", "Timeout", "Nobody has let you into the meeting for too long.")
DEMOTED = Reason("Informational", "Demoted", "A leader has made you an attendee.")
FULL = Reason("RemoteFailure", "TooManyParticipants", "The meeting is full. Try again later.")
LOBBY_FULL = Reason(
    "RemoteFailure",
    "TooManyLobbyParticipants",
    "Too many people wait to be let into the meeting. Try again later.",
)
DECLINED_BY_OTHER = Reason("RemoteFailure", "Declined", "Your invitation was declined.")
DECLINED = Reason("LocalFailure", "Declined", "You have declined it.")
CANCELLED_BY_OTHER = Reason("RemoteFailure", "Canceled", "The invitation was cancelled.")
NO_ANSWER = Reason("RemoteFailure", "Timeout", "Nobody has answered in time.")
MISSED = Reason("Informational", "Missed", "You have not answered in time.")
ELSEWHERE = Reason(
    "Informational", "ConnectedElsewhere", "You have answered in another application."
)
NOBODY_THERE = Reason("RemoteFailure", "DestinationNotFound", "There is nobody of that address.")
UNREACHABLE = Reason("RemoteFailure", "Unreachable", "Nobody can be reached there just now.")
BUSY = Reason("RemoteFailure", "DoNotDisturb", "The user does not want to be disturbed just now.")
HUNG_UP = Reason("Informational", "CallTerminated", "The other one has left the conversation.")
CANCELLED = Reason("LocalFailure", "Canceled", "You have cancelled it.")
LEFT = Reason("Informational", "CallTerminated", "You have left the conversation.")
