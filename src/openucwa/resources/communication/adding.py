"""Adding people to a conversation, which is a meeting from then on if it was a talk of two.

Source: addParticipant_ref.md, participantInvitation_ref.md.
"""

from typing import Annotated

import msgspec

from openucwa.domain import admission, meetings
from openucwa.domain.admission import INSIDE, Participant, Place, standing_of
from openucwa.domain.conversations import (
    FULL,
    NOBODY_THERE,
    ONLINE_MEETING_INVITATION,
    PARTICIPANT_INVITATION,
    RINGING,
    Conversation,
    Invitation,
    View,
)
from openucwa.domain.people import User, address_of
from openucwa.resources.communication.calling import reached, target
from openucwa.resources.communication.inviting import outgoing, ringing
from openucwa.resources.communication.joining import Operation, manages
from openucwa.resources.communication.limits import check_entries
from openucwa.resources.communication.views import current, find_view
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversations import Conversations, LiveMeeting
from openucwa.store.tables.invitations import Invitations
from openucwa.store.tables.participants import Participants
from openucwa.store.tables.rosters import Rosters
from openucwa.store.tables.talks import Talks
from openucwa.store.tables.users import Users
from openucwa.store.tables.views import Views
from openucwa.store.transaction import Transaction
from openucwa.wire import conference
from openucwa.wire.enums import (
    ConversationState,
    InvitationState,
    OnlineMeetingRel,
)
from openucwa.wire.errors import AlreadyExists, Conflict, NotFound, TooManyConversations
from openucwa.wire.given import Given

MOST_INVITED = 50
"""People of a conversation who have not answered yet."""


class Input(msgspec.Struct, kw_only=True, rename="camel"):
    to: Annotated[str, msgspec.Meta(max_length=512)] = ""
    """The SIP address of whoever is invited."""
    conversation: Annotated[str, msgspec.Meta(max_length=100)] = ""
    """In the query: the id of the conversation, for which it is there in the link
    `addParticipant`."""
    operation_id: Operation = ""
    """A name by which the client knows the operation."""


def add(tx: Transaction, me: Me, given: Given[Input]) -> Invitation:
    """Invite somebody to a conversation. Events tell what becomes of it.

    Raises ParameterValidationFailure, NotFound, AlreadyExists, Conflict and TooManyConversations.
    """
    wanted = given.over(Input())
    found = find_view(tx, me, wanted.conversation)
    if found is None:
        raise NotFound("There is no such conversation.")
    to = target(me, wanted.to)
    view = current(tx, me, found)
    if not view.is_inside:
        raise Conflict("You are not in this conversation any more, or not yet.")
    _check(tx, view, to)
    check_entries(tx, me)
    if not view.conversation.is_meeting:
        view = _escalated(tx, me, view)
    invitation = _invitation(tx, me, view, wanted, to)
    tx.of(Invitations).add(invitation)
    callee, applications, reason = reached(tx, to)
    if callee is None or reason is not None:
        reason = reason or NOBODY_THERE
        tx.of(Invitations).complete(invitation, InvitationState.FAILED, reason)
    else:
        live, owner = _meeting(tx, view.conversation)
        person = _person(tx, me, view.conversation, live, owner, callee)
        uri = conference.uri_of(owner.uri, view.conversation.online_meeting_id or "")
        details = msgspec.structs.replace(invitation.details, online_meeting_uri=uri)
        call = msgspec.structs.replace(invitation, kind=ONLINE_MEETING_INVITATION, details=details)
        tx.of(Talks).ring(view, person, ringing(call, callee, applications))
    current_one = tx.of(Invitations).get(invitation.invitation_id, me.application)
    assert current_one is not None
    return current_one


def enter(tx: Transaction, invitation: Invitation, view: View) -> None:
    """Let somebody into a meeting who has accepted an invitation to it."""
    conversation, before = view.conversation, view.own
    inviter = tx.of(Participants).get(view.conversation_id, invitation.details.sender or "")
    live, _ = _meeting(tx, conversation)
    by_leader = inviter is not None and inviter.place is Place.LEADERS
    after = admission.invited(before, live.details, by_leader=by_leader)
    tx.of(Talks).stop_elsewhere(view)
    tx.of(Views).keep(view, ConversationState.CONNECTING)
    tx.of(Rosters).move(conversation, before, after)
    tx.of(Talks).tell_inviter(view.own, InvitationState.CONNECTED)


def is_full(tx: Transaction, me: Me, view: View) -> bool:
    """Return True if a meeting has as many people as it may have."""
    count = tx.of(Participants).count(view.conversation_id, INSIDE)
    return count >= me.deployment.limits.participants_per_meeting


def refuse_full(tx: Transaction, view: View) -> None:
    tx.of(Talks).fail(view, FULL)


def _check(tx: Transaction, view: View, to: str) -> None:
    there = tx.of(Participants).get(view.conversation_id, to.removeprefix("sip:"))
    if there is not None and there.place is not Place.OUTSIDE:
        raise AlreadyExists("This person is in the conversation already, or waits in its lobby.")
    pending = [
        one
        for one in tx.of(Invitations).pending(view.conversation_id)
        if one.kind == PARTICIPANT_INVITATION
    ]
    if any(one.details.to == to for one in pending):
        raise AlreadyExists("This person is invited already. Wait for the answer.")
    if len(pending) >= MOST_INVITED:
        raise TooManyConversations(
            f"{MOST_INVITED} people are invited and have not answered. Wait for them."
        )


def _escalated(tx: Transaction, me: Me, view: View) -> View:
    """Let a talk of two be a meeting, which the viewer organizes."""
    details = meetings.defaults(me.policy, OnlineMeetingRel.MY_ONLINE_MEETINGS, tx.now)
    subject = view.conversation.subject
    details = msgspec.structs.replace(details, subject=subject, expiration_time=None)
    conversation = msgspec.structs.replace(
        view.conversation,
        organizer_id=me.user.id,
        online_meeting_id=meetings.new_id(),
        is_ad_hoc=True,
    )
    tx.of(Conversations).escalate(
        conversation, details=details, conference_id=meetings.new_conference_id()
    )
    tx.of(Rosters).escalate(view, conversation)
    found = tx.of(Views).get(view.conversation_id, me.application)
    assert found is not None
    return found


def _meeting(tx: Transaction, conversation: Conversation) -> tuple[LiveMeeting, User]:
    """Return the settings of a meeting, and who organizes it. Raises Conflict if it is over."""
    live = tx.of(Conversations).meeting(conversation)
    owner = tx.of(Users).get(conversation.organizer_id or 0)
    if live is None or owner is None or conversation.ended_at is not None:
        raise Conflict("The meeting is over.")
    return live, owner


def _person(
    tx: Transaction,
    me: Me,
    conversation: Conversation,
    live: LiveMeeting,
    owner: User,
    callee: User,
) -> Participant:
    """Return the participant that somebody will be."""
    before = tx.of(Participants).get(conversation.conversation_id, address_of(callee))
    standing = standing_of(
        callee.uri,
        live.details,
        is_organizer=callee.id == owner.id,
        is_manager=manages(
            tx, Me(callee, me.deployment), owner, conversation.online_meeting_id or ""
        ),
    )
    person = msgspec.structs.replace(
        before
        or Participant(
            conversation_id=conversation.conversation_id,
            address=address_of(callee),
            user_id=callee.id,
            uri=callee.uri,
            name=callee.name,
            standing=standing,
        ),
        standing=standing,
    )
    tx.of(Participants).put(person)
    return person


def _invitation(tx: Transaction, me: Me, view: View, wanted: Input, to: str) -> Invitation:
    return outgoing(
        me,
        PARTICIPANT_INVITATION,
        view.conversation,
        wanted.operation_id,
        due_at=tx.now + RINGING,
        to=to,
        sender=address_of(me.user),
    )
