"""Talks of two people: the call, the answer and the end, with what each side is told of it.

An invitation to a meeting rings and is answered in the same way. The order of what is told is that
of the pages, since some clients look events up by their place. Sources: SendAnIM.md,
ReceiveAnIM.md, messagingInvitation_ref.md.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec

from openucwa.domain.admission import Participant, Place, Standing
from openucwa.domain.conversations import (
    CANCELLED,
    CANCELLED_BY_OTHER,
    DECLINED,
    DECLINED_BY_OTHER,
    ELSEWHERE,
    HUNG_UP,
    LEFT,
    MISSED,
    NO_ANSWER,
    PARTICIPANT_INVITATION,
    Conversation,
    Invitation,
    View,
)
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.facts import of_application, of_conversation
from openucwa.domain.messages import Content
from openucwa.domain.people import User, address_of
from openucwa.store.table import Table
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.conversation_logs import ConversationLogs
from openucwa.store.tables.conversations import Conversations
from openucwa.store.tables.invitations import Invitations
from openucwa.store.tables.messages import Messages
from openucwa.store.tables.messaging import Messaging
from openucwa.store.tables.participants import Participants
from openucwa.store.tables.views import Views
from openucwa.wire.channel import EventType, Reason, Status
from openucwa.wire.dates import from_milliseconds
from openucwa.wire.enums import ConversationState, InvitationState, MessageFormat

_AT_ONCE = 20
_CALLS = (ConversationState.CONNECTING, ConversationState.INCOMING)


class Outcome(msgspec.Struct, frozen=True):
    """The end of a conversation for one application: of its invitation, if that is pending."""

    view: View
    state: InvitationState
    reason: Reason


class Talks(Table):
    """Whoever calls these has the turn of the conversation, but for one that is new."""

    def call(self, conversation: Conversation, caller: User, invitation: Invitation) -> View:
        """Let an application call somebody, and tell it so."""
        own = self.person(conversation, caller, Place.ATTENDEES)
        self._tx.of(Invitations).add(invitation)
        view = self._tx.of(Views).add(
            conversation, own, invitation.application_id, ConversationState.CONNECTING
        )
        self._tx.of(Views).tell_own(view, EventType.ADDED)
        view = self._tx.of(Messaging).ring(view)
        self._messaging(view)
        return view

    def ring(self, caller: View, callee: Participant, invitations: Collection[Invitation]) -> None:
        """Let invitations ring at applications of whoever is called."""
        for one in invitations:
            self._tx.of(Invitations).add(one)
            view = self._tx.of(Views).add(
                caller.conversation, callee, one.application_id, ConversationState.INCOMING
            )
            if not caller.conversation.is_meeting:
                self._tx.of(Views).tell_own(view, EventType.ADDED)
                self._other(view, EventType.ADDED, caller.own, caller.own.name)

    def person(self, conversation: Conversation, user: User, place: Place) -> Participant:
        """Let a user have part in a conversation of two."""
        found = Participant(
            conversation_id=conversation.conversation_id,
            address=address_of(user),
            user_id=user.id,
            uri=user.uri,
            name=user.name,
            standing=Standing.COLLEAGUE,
            place=place,
        )
        self._tx.of(Participants).put(found)
        return found

    def accept(
        self,
        view: View,
        caller: View,
        formats: Collection[MessageFormat],
        first: Content | None,
    ) -> None:
        """Let two applications talk, beginning with the message of the invitation."""
        id = view.conversation_id
        message = first and self._tx.of(Messages).add(
            id,
            address=caller.own.address,
            user_id=caller.user_id,
            application_id=caller.application_id,
            content=first,
        )
        own = msgspec.structs.replace(view.own, place=Place.ATTENDEES)
        self._tx.of(Participants).put(own)
        view = msgspec.structs.replace(view, own=own)
        for one in (view, caller):
            self._tx.of(Channels).follow_from(one.application_id, one.user_id, of_conversation(id))
        self._messaging(view)
        self._tx.of(Views).become(view, ConversationState.CONNECTED)
        self._tx.of(Views).become(caller, ConversationState.CONNECTED)
        self._other(caller, EventType.ADDED, own)
        for one in (view, caller):
            self._tx.of(Messaging).connect(one, formats, heard_from=0)
        self._messaging(caller)
        self._other(view, EventType.UPDATED, caller.own, caller.own.name)
        for one in (caller, view):
            self._complete(one, InvitationState.CONNECTED)
        if message:
            self._tx.facts.append(
                of_application(view.application_id),
                EventType.COMPLETED,
                "message",
                status=Status.SUCCESS,
                conversation_id=id,
                number=str(message.number),
            )
            self._tx.of(Views).tell(view, EventType.UPDATED)
        self.stop_elsewhere(view)

    def stop_elsewhere(self, view: View) -> None:
        """Let an invitation ring no more at the other applications of who has answered it."""
        self._end(
            Outcome(other, InvitationState.FAILED, ELSEWHERE)
            for other in self._tx.of(Views).of(view.own)
            if other.application_id != view.application_id
            and other.state is ConversationState.INCOMING
        )

    def stop_ringing(self, participant: Participant) -> None:
        """The same at all applications of somebody who comes in without an answer."""
        views = self._tx.of(Views).of(participant)
        ringing = [one for one in views if one.state is ConversationState.INCOMING]
        if ringing:
            self._end(Outcome(one, InvitationState.FAILED, ELSEWHERE) for one in ringing)
            self.tell_inviter(participant, InvitationState.CONNECTED)

    def decline(self, view: View, *, everywhere: bool) -> None:
        """Let somebody decline, here or everywhere. The last one who might answer ends it."""
        views = self._tx.of(Views).of(view.own)
        declining = views if everywhere else [view]
        own = [Outcome(one, InvitationState.DECLINED, DECLINED) for one in declining]
        is_last = len(declining) == len(views)
        self._end_with(view, own, DECLINED_BY_OTHER if is_last else None)

    def hang_up(self, view: View, reason: Reason = LEFT) -> None:
        """Let an application end the talk, which is over then for both, or stop calling."""
        if view.state is ConversationState.INCOMING:
            self.decline(view, everywhere=False)
        elif view.state is ConversationState.CONNECTING:
            own = Outcome(view, InvitationState.CANCELLED, CANCELLED)
            self._end_with(view, [own], CANCELLED_BY_OTHER, InvitationState.CANCELLED)
        else:
            self._end_with(view, [Outcome(view, InvitationState.FAILED, reason)], HUNG_UP)

    def fail(self, view: View, reason: Reason) -> None:
        """Let a call fail."""
        self._end_with(view, [Outcome(view, InvitationState.FAILED, reason)], reason)

    def cancel_ringing(self, invitation: Invitation, reason: Reason = CANCELLED_BY_OTHER) -> None:
        """Let the invitations to a meeting ring no more for which one to somebody stands."""
        address = (invitation.details.to or "").removeprefix("sip:")
        invited = self._tx.of(Participants).get(invitation.conversation_id, address)
        self._end(
            Outcome(view, InvitationState.CANCELLED, reason)
            for view in (self._tx.of(Views).of(invited) if invited else ())
            if view.state is ConversationState.INCOMING
        )

    def next_due(self) -> datetime | None:
        (at,) = self._connection.execute(
            "SELECT min(due_at) FROM invitations WHERE completed_at IS NULL", {}
        ).fetchone()
        return None if at is None else from_milliseconds(at)

    def settle_due(self, lifetimes: Lifetimes) -> int:
        """Let the invitations fail that nobody has answered."""
        due = self._tx.of(Invitations).due(_AT_ONCE)
        ids = dict.fromkeys(one.conversation_id for one in due)
        found = [self._tx.of(Conversations).get(id) for id in ids]
        self._tx.of(Conversations).turn(*(one for one in found if one))
        for one in due:
            if self._tx.of(Invitations).is_pending(one):  # the other side of it may have ended it
                self._time_out(one)
        return len(due)

    def _time_out(self, invitation: Invitation) -> None:
        view = self._tx.of(Views).at(
            invitation.conversation_id, invitation.user_id, invitation.application_id
        )
        is_ringing = view is not None and view.state is ConversationState.INCOMING
        reason = MISSED if is_ringing else NO_ANSWER
        if view is None or view.state not in _CALLS:
            self._tx.of(Invitations).complete(invitation, InvitationState.FAILED, reason)
            return
        own = [Outcome(view, InvitationState.FAILED, reason)]
        if view.conversation.is_meeting:
            self._end(own)
        else:
            self._end_with(view, own, NO_ANSWER if is_ringing else MISSED)

    def _end_with(
        self,
        view: View,
        own: Sequence[Outcome],
        others: Reason | None,
        state: InvitationState = InvitationState.FAILED,
    ) -> None:
        """End a conversation for some applications, and so for the other side, if at all.

        Of a meeting, the other side is who has invited to it.
        """
        if others is None:
            self._end(own)
        elif view.conversation.is_meeting:
            self._end(own)
            self.tell_inviter(view.own, state, others)
        else:
            ended = {one.view.application_id for one in own}
            self._end(
                [
                    *own,
                    *(
                        Outcome(one, state, others)
                        for one in self._tx.of(Views).live(view.conversation_id)
                        if one.application_id not in ended
                    ),
                ]
            )
            self._tx.of(Conversations).end(view.conversation)

    def tell_inviter(
        self, invited: Participant, state: InvitationState, reason: Reason | None = None
    ) -> None:
        """Complete the invitation of who has invited somebody to a meeting."""
        for one in self._tx.of(Invitations).pending(invited.conversation_id):
            if one.kind == PARTICIPANT_INVITATION and one.details.to == f"sip:{invited.address}":
                self._tx.of(Invitations).complete(one, state, reason)

    def _end(self, outcomes: Iterable[Outcome]) -> None:
        """Tell applications how their conversation has ended, all in the order of one."""
        found = list(outcomes)
        for one in found:
            self._messaging(one.view, one.reason)
        for one in found:
            self._tx.of(Messaging).disconnect(one.view)
        for one in found:
            view = one.view
            self._complete(view, one.state, one.reason)
            if not view.conversation.is_meeting and view.state is not ConversationState.CONNECTING:
                for other in self._tx.of(Participants).everybody(view.conversation_id):
                    if other.address != view.own.address:
                        self._other(view, EventType.DELETED, other)
            if not (view.conversation.is_meeting and view.state is ConversationState.INCOMING):
                self._tx.of(Views).tell_own(view, EventType.DELETED)
            self._tx.of(Views).become(view, ConversationState.DISCONNECTED, one.reason)
            self._tx.of(Views).tell(view, EventType.DELETED)
            self._tx.of(Channels).leave_from(
                view.application_id, view.user_id, of_conversation(view.conversation_id)
            )
            self._tx.of(ConversationLogs).ended(view, one.reason)

    def _complete(self, view: View, state: InvitationState, reason: Reason | None = None) -> None:
        for one in self._tx.of(Invitations).pending(view.conversation_id, view.user_id):
            if one.application_id == view.application_id:
                self._tx.of(Invitations).complete(one, state, reason)

    def _messaging(self, view: View, reason: Reason | None = None) -> None:
        self._tx.of(Views).tell_of(view, EventType.UPDATED, "messaging", reason=reason)

    def _other(self, view: View, type: EventType, other: Participant, title: str = "") -> None:
        """Tell an application of the other one, whose name it is told when it has accepted."""
        about = msgspec.structs.replace(other, name=title)
        self._tx.of(Views).tell_of(view, type, "participant", about=about)
