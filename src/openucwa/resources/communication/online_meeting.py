"""onlineMeeting: the meeting of a conversation with its settings, which those inside may read.

Source: onlineMeeting_ref.md.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from openucwa.domain.admission import Standing
from openucwa.domain.conversations import View
from openucwa.domain.meetings import Details
from openucwa.domain.people import User, address_of
from openucwa.resources.communication.views import PATH, find_meeting
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversations import Conversations, LiveMeeting
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire import conference
from openucwa.wire.channel import LIFE
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    LobbyBypassForPhoneUsers,
    OnlineMeetingRel,
    PhoneUserAdmission,
)


class Attended(msgspec.Struct, kw_only=True, frozen=True):
    """A meeting that somebody is in, with its settings."""

    view: View
    live: LiveMeeting
    owner: User

    @property
    def conversation_id(self) -> str:
        return self.view.conversation_id

    @property
    def organizer_id(self) -> int:
        return self.owner.id

    @property
    def organizer(self) -> str:
        """The organizer's join name, for paths."""
        return self.owner.join_name

    @property
    def address(self) -> str:
        """The organizer's address."""
        return address_of(self.owner)

    @property
    def online_meeting_id(self) -> str:
        return self.view.conversation.online_meeting_id or ""


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order of the page."""

    access_level: AccessLevel
    attendees: Sequence[str]
    """The SIP addresses of those who are invited."""
    automatic_leader_assignment: AutomaticLeaderAssignment
    conference_id: str | None
    """The number that callers enter, if callers are admitted."""
    description: str
    """The description, in any number of lines."""
    entry_exit_announcement: EntryExitAnnouncement
    expiration_time: datetime | None
    """The end of the meeting."""
    join_url: str
    """The page at which to join."""
    leaders: Sequence[str]
    """The SIP addresses of those who lead it, by its settings."""
    lobby_bypass_for_phone_users: LobbyBypassForPhoneUsers
    online_meeting_id: str
    """The id in its address."""
    online_meeting_rel: OnlineMeetingRel
    online_meeting_uri: str
    """The SIP URI of the meeting itself."""
    organizer_name: str
    """The name of the organizer."""
    organizer_uri: str
    """The SIP address of the organizer."""
    phone_user_admission: PhoneUserAdmission
    subject: str
    """The subject."""


def properties(me: Me, found: Attended) -> Properties:
    details: Details = found.live.details
    is_callable = details.phone_user_admission is PhoneUserAdmission.ENABLED
    return Properties(
        **msgspec.structs.asdict(details),
        conference_id=found.live.conference_id if is_callable else None,
        join_url=f"{me.deployment.meet_url}/{found.organizer}/{found.online_meeting_id}",
        online_meeting_id=found.online_meeting_id,
        online_meeting_rel=found.live.rel,
        online_meeting_uri=conference.uri_of(found.owner.uri, found.online_meeting_id),
        organizer_name=found.owner.name,
        organizer_uri=found.owner.uri,
    )


online_meeting = Resource[Attended](
    rel="onlineMeeting",
    path=f"{PATH}/onlineMeeting",
    properties=properties,
    kinds={"onlineMeeting": "live meeting"},
    audience=Audience.EVERYBODY,
)
online_meeting.sends(*LIFE, sender="conversation", within="conversation", embedded=True)


@online_meeting.find
def find(tx: Transaction, me: Me, conversation_id: str) -> Attended | None:
    """The meeting that the viewer is in."""
    view = find_meeting(tx, me, conversation_id)
    if view is None or view.conversation.organizer_id is None:
        return None
    live = tx.of(Conversations).meeting(view.conversation)
    owner = tx.of(Users).get(view.conversation.organizer_id)
    return Attended(view=view, live=live, owner=owner) if live and owner else None


def may_extend(me: Me, found: Attended) -> bool:
    """There for who may change the meeting."""
    managers = (Standing.ORGANIZER, Standing.MANAGER)
    return found.view.own.standing in managers and not found.view.conversation.is_ad_hoc


online_meeting.link("conversation")
online_meeting.link("organizer", lambda tx, me, found: found)
online_meeting.link("phoneDialInInformation")
online_meeting.link("onlineMeetingExtensions", lambda tx, me, found: found, when=may_extend)
