"""Joining a meeting: which one, as what, and what becomes of it.

Source: joinOnlineMeeting_ref.md, startOnlineMeeting_ref.md, AccessLevel_ref.md.
"""

from typing import Annotated

import msgspec

from openucwa.domain import admission, meetings
from openucwa.domain.admission import INSIDE, Participant, Place, Standing, standing_of
from openucwa.domain.conversations import (
    FULL,
    LOBBY_FULL,
    MOST_IN_LOBBY,
    ONLINE_MEETING_INVITATION,
    Conversation,
    Invitation,
    new_conversation_id,
    new_thread_id,
)
from openucwa.domain.meetings import Details
from openucwa.domain.people import MeetingKey, User, address_of
from openucwa.resources.communication.inviting import outgoing
from openucwa.resources.communication.limits import check_entries, check_room
from openucwa.resources.role import role_of
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversations import Conversations
from openucwa.store.tables.invitations import Invitations
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.participants import Participants
from openucwa.store.tables.rosters import Rosters
from openucwa.store.tables.shared_meetings import SharedMeetings
from openucwa.store.tables.users import Users
from openucwa.store.tables.views import Views
from openucwa.store.transaction import Transaction
from openucwa.wire import conference, text
from openucwa.wire.channel import Reason
from openucwa.wire.enums import (
    ConversationState,
    Importance,
    InvitationState,
    MeetingRole,
    OnlineMeetingRel,
)
from openucwa.wire.errors import (
    DestinationNotFound,
    Forbidden,
    ParameterValidationFailure,
)

AD_HOC = "adhoc"
"""The URI by which a client asks for a meeting that nobody has scheduled."""
_LONGEST = 250

Operation = Annotated[str, msgspec.Meta(max_length=50)]
Text = Annotated[str, msgspec.Meta(max_length=_LONGEST)]


class Input(msgspec.Struct, kw_only=True, rename="camel"):
    online_meeting_uri: Annotated[str, msgspec.Meta(max_length=512)] = ""
    """The SIP URI of the meeting, or its join URL; without one, or `adhoc`, one is started."""
    anonymous_display_name: Text = ""
    """The name of a guest, who has to give one."""
    importance: Importance = Importance.NORMAL
    operation_id: Operation = ""
    """A name by which the client knows the operation."""
    subject: Text = ""
    """The subject of a meeting that is started."""
    thread_id: Text = ""
    """The thread of a meeting that is started."""


class Destination(msgspec.Struct, kw_only=True, frozen=True):
    """A meeting that somebody wants to join, with its settings as they are now.

    `running` is its conversation, while it has one.
    """

    organizer: User
    online_meeting_id: str
    details: Details
    running: Conversation | None


def join(tx: Transaction, me: Me, wanted: Input) -> Invitation:
    """Join a meeting, or start one. Raises what `destination`, `_person` and the limits raise.

    Whether she gets in, her application is told by events, and in the invitation.
    """
    check_entries(tx, me)
    check_room(tx, me)
    if wanted.online_meeting_uri.lower() in ("", AD_HOC):
        found = _started(tx, me, wanted)
    else:
        found = destination(tx, me, wanted.online_meeting_uri)
    conversation = found.running or _running(tx, found, wanted)
    before, person = _person(tx, me, found, conversation, wanted)
    invitation = _invitation(me, found, conversation, wanted)
    tx.of(Invitations).add(invitation)
    after = admission.joined(person, found.details)
    refusal = _refusal(tx, me, conversation, before, after)
    if refusal is not None:
        _refuse(tx, me, conversation, person, invitation, refusal)
    else:
        _enter(tx, me, conversation, before, after, person)
    current = tx.of(Invitations).get(invitation.invitation_id, me.application)
    assert current is not None
    return current


def destination(tx: Transaction, me: Me, uri: str) -> Destination:
    """Find the meeting of a URI, and keep others from joining or leaving it meanwhile.

    Raises Forbidden for a guest of another meeting; DestinationNotFound for what is not there, was
    cancelled, or has expired.
    """
    named, id = conference.designated(uri, me.deployment.meet_url) or ("", "")
    organizer = tx.of(Users).organizer(named) if named else None
    key = MeetingKey(organizer_id=organizer.id if organizer else 0, online_meeting_id=id)
    if me.is_guest and me.user.guest_of != key:
        raise Forbidden(
            "You are a guest of another meeting. Sign in with the key of the one to join."
        )
    found = _found(tx, organizer, id) if organizer else None
    if found is None:
        raise DestinationNotFound(
            "There is no such meeting, or it is over. Ask its organizer for the current address."
        )
    return found


def _found(tx: Transaction, organizer: User, id: str) -> Destination | None:
    conversations = tx.of(Conversations)
    conversations.turn_of(organizer.id, id)
    running = conversations.running(organizer.id, id)
    if running is not None and running.is_ad_hoc:
        meeting = conversations.meeting(running)
        details = meeting.details if meeting else None
    else:
        scheduled = tx.of(Meetings).get(organizer.id, id)
        details = scheduled.details if scheduled else None
    if details is None or (details.expiration_time and details.expiration_time <= tx.now):
        return None
    return Destination(organizer=organizer, online_meeting_id=id, details=details, running=running)


def _started(tx: Transaction, me: Me, wanted: Input) -> Destination:
    """Return a meeting that nobody has scheduled, which the viewer organizes. Raises Forbidden."""
    if me.is_guest:
        raise Forbidden("A guest can't start a meeting. Join the one that you are a guest of.")
    details = meetings.defaults(me.policy, OnlineMeetingRel.MY_ONLINE_MEETINGS, tx.now)
    details = msgspec.structs.replace(details, subject=wanted.subject, expiration_time=None)
    conversation = Conversation(
        conversation_id=new_conversation_id(),
        organizer_id=me.user.id,
        online_meeting_id=meetings.new_id(),
        subject=wanted.subject,
        importance=wanted.importance,
        thread_id=wanted.thread_id or new_thread_id(),
        created_at=tx.now,
        is_ad_hoc=True,
    )
    tx.of(Conversations).add(
        conversation, details=details, conference_id=meetings.new_conference_id()
    )
    assert conversation.online_meeting_id is not None
    return Destination(
        organizer=me.user,
        online_meeting_id=conversation.online_meeting_id,
        details=details,
        running=conversation,
    )


def _running(tx: Transaction, found: Destination, wanted: Input) -> Conversation:
    """Let a scheduled meeting run from now on. Who cancels or opens it at this moment sees that."""
    tx.of(Meetings).start_anew(found.organizer.id, found.online_meeting_id)
    conversation = Conversation(
        conversation_id=new_conversation_id(),
        organizer_id=found.organizer.id,
        online_meeting_id=found.online_meeting_id,
        subject=found.details.subject,
        importance=wanted.importance,
        thread_id=new_thread_id(),
        created_at=tx.now,
    )
    tx.of(Conversations).add(conversation)
    return conversation


def _person(
    tx: Transaction, me: Me, found: Destination, conversation: Conversation, wanted: Input
) -> tuple[Participant | None, Participant]:
    """Return the participant who joins, as she was before, if at all, and as she is known now.

    Raises ParameterValidationFailure for a guest without a name.
    """
    address = address_of(me.user)
    before = tx.of(Participants).get(conversation.conversation_id, address)
    name = me.user.name
    if me.is_guest:
        name = text.one_line(wanted.anonymous_display_name)
        if not name:
            raise ParameterValidationFailure(
                {"anonymousDisplayName": "is missing: tell the others who you are"}
            )
        standing = Standing.GUEST
    else:
        standing = standing_of(
            me.user.uri,
            found.details,
            is_organizer=me.user.id == found.organizer.id,
            is_manager=manages(tx, me, found.organizer, found.online_meeting_id),
        )
    person = before or Participant(
        conversation_id=conversation.conversation_id,
        address=address,
        user_id=me.user.id,
        uri=me.user.uri,
        name=name,
        standing=standing,
    )
    if person.place is Place.OUTSIDE:
        person = msgspec.structs.replace(person, name=name, standing=standing)
    return before, person


def manages(tx: Transaction, me: Me, organizer: User, online_meeting_id: str) -> bool:
    """Return True if the viewer may change the meeting of somebody else."""
    shared = tx.of(SharedMeetings).get(me.user.id, organizer.join_name, online_meeting_id)
    role = role_of(me, shared) if shared else None
    return role in (MeetingRole.DELEGATE, MeetingRole.EDITOR)


def _invitation(
    me: Me, found: Destination, conversation: Conversation, wanted: Input
) -> Invitation:
    return outgoing(
        me,
        ONLINE_MEETING_INVITATION,
        conversation,
        wanted.operation_id,
        online_meeting_uri=conference.uri_of(found.organizer.uri, found.online_meeting_id),
        anonymous_display_name=text.one_line(wanted.anonymous_display_name) or None,
    )


def _refusal(
    tx: Transaction,
    me: Me,
    conversation: Conversation,
    before: Participant | None,
    after: Participant,
) -> Reason | None:
    """Return why there is no place for somebody who comes, if so. The organizer always has one."""
    if (before is not None and before.place is not Place.OUTSIDE) or after.is_organizer:
        return None
    count = tx.of(Participants).count
    id, limits = conversation.conversation_id, me.deployment.limits
    if count(id, INSIDE) >= limits.participants_per_meeting:
        return FULL
    if after.is_inside:
        return None
    return LOBBY_FULL if count(id, [Place.LOBBY]) >= MOST_IN_LOBBY else None


def _refuse(
    tx: Transaction,
    me: Me,
    conversation: Conversation,
    person: Participant,
    invitation: Invitation,
    reason: Reason,
) -> None:
    """Let somebody know that she can't join."""
    tx.of(Participants).put(person)
    view = tx.of(Views).add(conversation, person, me.application.id, ConversationState.CONNECTING)
    tx.of(Invitations).complete(invitation, InvitationState.FAILED, reason)
    tx.of(Rosters).leave(view, reason)


def _enter(
    tx: Transaction,
    me: Me,
    conversation: Conversation,
    before: Participant | None,
    after: Participant,
    person: Participant,
) -> None:
    if before is None:
        tx.of(Participants).put(person)
    view = tx.of(Views).get(conversation.conversation_id, me.application)
    if before is not None and before.place is not Place.OUTSIDE:
        if view is None or not view.is_live:  # she has come with another application
            tx.of(Rosters).enter(conversation, before, me.application.id)
        else:
            tx.of(Rosters).answer(view)
        return
    if after.place is Place.LOBBY and not conversation.is_ad_hoc:
        # Who opens the meeting at this moment has to see her wait.
        assert conversation.organizer_id is not None
        assert conversation.online_meeting_id is not None
        tx.of(Meetings).start_anew(conversation.organizer_id, conversation.online_meeting_id)
    tx.of(Views).add(conversation, person, me.application.id, ConversationState.CONNECTING)
    tx.of(Rosters).move(conversation, person, after)
