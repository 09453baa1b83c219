"""Rosters: people as they come to a conversation, move and go, with all that is told of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from openucwa.domain import admission
from openucwa.domain.admission import Audience, Participant, Place, Told
from openucwa.domain.conversations import (
    CANCELLED,
    DEMOTED,
    ENDED,
    LEFT,
    LOBBY_WAIT,
    PARTICIPANT_INVITATION,
    WAITED,
    Conversation,
    View,
)
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.facts import (
    Priority,
    of_attendees,
    of_conversation,
    of_leaders,
)
from openucwa.store.table import Table
from openucwa.store.tables.attendances import Attendances
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.conversation_logs import ConversationLogs
from openucwa.store.tables.conversations import Conversations
from openucwa.store.tables.invitations import Invitations
from openucwa.store.tables.messaging import Messaging
from openucwa.store.tables.participants import Participants
from openucwa.store.tables.talks import Talks
from openucwa.store.tables.views import OWN, Views
from openucwa.wire.channel import EventType, Reason
from openucwa.wire.enums import AudienceMessaging, ConversationState, Direction, InvitationState

_TOPICS = {
    Audience.ALL: of_conversation,
    Audience.LEADERS: of_leaders,
    Audience.ATTENDEES: of_attendees,
}
_MOST_AT_ONCE = 50  # so that others have their turn


class Rosters(Table):
    """Whoever calls these has the turn of the conversation."""

    def move(
        self,
        conversation: Conversation,
        before: Participant,
        after: Participant,
        reason: Reason | None = None,
    ) -> None:
        """Let somebody be in another place, and tell those who may know, and her applications.

        A conversation is over when nobody is in it any more, or waits.
        """
        if before == after:
            return
        if before.place is Place.OUTSIDE:
            self._tx.of(Talks).stop_ringing(before)
        views = self._tx.of(Views).of(before)
        if not after.is_inside:
            for view in views:
                self._tx.of(Messaging).disconnect(view)
        if before.is_inside and not after.is_inside:
            for view in views:
                self._unfollow(view, before.place)
        self._tell(after, admission.told(before.place, after.place))
        self._tx.of(Participants).put(after)
        self._tx.of(Attendances).note(conversation, after)
        if before.is_inside != after.is_inside:
            # How many there are can wait until there is something else to tell.
            self._tx.of(Conversations).tell_updated(conversation, Priority.LOW)
        for view in views:
            view = msgspec.structs.replace(view, own=after)
            self._show(view, before.place, after.place, reason)
        if after.place is Place.OUTSIDE:
            self._end_if_empty(conversation)

    def enter(self, conversation: Conversation, own: Participant, application_id: int) -> View:
        """Let an application see a conversation from the place where its user is already."""
        view = self._tx.of(Views).add(
            conversation, own, application_id, ConversationState.CONNECTING
        )
        self._show(view, Place.OUTSIDE, own.place, None)
        return view

    def answer(self, view: View) -> None:
        """Let an application that joins once more have what it has already."""
        if view.is_inside:
            self._complete(view, InvitationState.CONNECTED)

    def escalate(self, leader: View, conversation: Conversation) -> None:
        """Let a talk of two be a meeting, in which one leads and organizes, and the other attends.

        Their applications are in it at once.
        """
        people = self._tx.of(Participants)
        for one in people.of(conversation.conversation_id):
            leads = one.address == leader.own.address
            people.put(admission.escalated(one, leads=leads))
        there = people.of(conversation.conversation_id)
        tell = self._tx.of(Views).tell_of
        for view in self._tx.of(Views).live(conversation.conversation_id):
            for topic in _topics(view, view.own.place)[1:]:  # it follows the first already
                self._tx.of(Channels).follow_from(view.application_id, view.user_id, topic)
            tell(view, EventType.UPDATED, "participant", collection=OWN, about=view.own)
            tell(view, EventType.UPDATED, "participant messaging", collection=OWN, about=view.own)
            tell(view, EventType.ADDED, "live meeting")
            for other in there:
                if other.address != view.own.address:
                    place = other.place.value
                    tell(view, EventType.ADDED, "participant", collection=place, about=other)
                    tell(view, EventType.UPDATED, "participant", about=other)
                    tell(view, EventType.UPDATED, "participant messaging", about=other)
            self._tx.of(Views).become(view, ConversationState.CONFERENCED)

    def leave(self, view: View, reason: Reason = LEFT) -> None:
        """Let an application be in a conversation no more; with the last one its user leaves.

        A talk of two is over then, and an invitation is declined.
        """
        if not view.conversation.is_meeting or view.state is ConversationState.INCOMING:
            self._tx.of(Talks).hang_up(view, reason)
            return
        others = [
            one
            for one in self._tx.of(Views).of(view.own)
            if one.application_id != view.application_id
        ]
        if not others and view.own.place is not Place.OUTSIDE:
            self.move(view.conversation, view.own, admission.gone(view.own), reason)
            return
        self._tx.of(Messaging).disconnect(view)
        self._unfollow(view, view.own.place)
        self._show(view, view.own.place, Place.OUTSIDE, reason)
        self._end_if_empty(view.conversation)

    def leave_all(self, views: Iterable[View], reason: Reason = LEFT) -> None:
        """Let applications leave the conversations that they are in."""
        views = list(views)
        self._tx.of(Conversations).turn(*(view.conversation for view in views))
        for view in views:
            found = self._tx.of(Participants).get(view.conversation_id, view.own.address)
            if found is not None:  # others may have moved her meanwhile
                self.leave(msgspec.structs.replace(view, own=found), reason)

    def follow(self, organizer_id: int, online_meeting_id: str) -> None:
        """Let a meeting that runs follow its settings, which have changed just now.

        Who may enter by them is let in; nobody is thrown out.
        """
        conversations = self._tx.of(Conversations)
        if conversations.running(organizer_id, online_meeting_id) is None:
            return  # as most of the time
        conversations.turn_of(organizer_id, online_meeting_id)
        conversation = conversations.running(organizer_id, online_meeting_id)
        meeting = conversations.meeting(conversation) if conversation else None
        if conversation is None or meeting is None:
            return
        details = meeting.details
        self._tx.facts.append(
            of_conversation(conversation.conversation_id),
            EventType.UPDATED,
            "live meeting",
            conversation_id=conversation.conversation_id,
        )
        is_renamed = details.subject != conversation.subject
        if is_renamed:
            conversation = msgspec.structs.replace(conversation, subject=details.subject)
            conversations.change(conversation)
        for waiting in self._tx.of(Participants).of(conversation.conversation_id, [Place.LOBBY]):
            after = admission.reconsidered(waiting, details)
            self.move(conversation, waiting, after)
            if after == waiting and is_renamed:
                for view in self._tx.of(Views).of(waiting):
                    self._tx.of(Views).tell(view, EventType.UPDATED)

    def end(self, organizer_id: int, online_meeting_id: str, reason: Reason = ENDED) -> None:
        """Let a meeting that runs be over for all who are in it, or wait."""
        conversations = self._tx.of(Conversations)
        if conversations.running(organizer_id, online_meeting_id) is None:
            return
        conversations.turn_of(organizer_id, online_meeting_id)
        conversation = conversations.running(organizer_id, online_meeting_id)
        if conversation is None:
            return
        people = self._tx.of(Participants).of(conversation.conversation_id, admission.PRESENT)
        for one in people:
            # Nobody stays who would have to be told that the others go.
            for view in self._tx.of(Views).of(one):
                self._tx.of(Messaging).disconnect(view, is_told=False)
                self._unfollow(view, one.place)
                self._show(view, one.place, Place.OUTSIDE, reason)
            gone = admission.gone(one)
            self._tx.of(Participants).put(gone)
            self._tx.of(Attendances).note(conversation, gone)
        conversations.end(conversation)

    def end_all(self, organizer_id: int) -> None:
        """Let all meetings of an organizer that run be over, and nobody's."""
        running = self._tx.of(Conversations).of_organizer(organizer_id)
        self._tx.of(Conversations).turn(*running)
        for one in running:
            assert one.online_meeting_id is not None
            self.end(organizer_id, one.online_meeting_id)
        self._tx.of(Conversations).disown(organizer_id)

    def next_due(self) -> datetime | None:
        """The time at which the next of those who wait has waited for too long."""
        since = self._tx.of(Participants).waiting_since()
        return since + LOBBY_WAIT if since else None

    def settle_due(self, lifetimes: Lifetimes) -> int:
        """Send away some who have waited for too long."""
        waiting = self._tx.of(Participants).waiting_since_before(
            self._now - LOBBY_WAIT, _MOST_AT_ONCE
        )
        conversations = self._of({one.conversation_id for one in waiting})
        for one in waiting:
            self.move(conversations[one.conversation_id], one, admission.gone(one), WAITED)
        return len(waiting)

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        """Let some applications leave that are silent, or have ended."""
        silent = self._tx.of(Views).silent(self._now - lifetimes.silence, _MOST_AT_ONCE)
        views = [view for one in silent for view in self._tx.of(Views).of_application(*one)]
        self.leave_all(views)
        return {"silent_removed": len(silent)}

    def _of(self, conversation_ids: Iterable[str]) -> dict[str, Conversation]:
        """Return conversations by their id, with the turns of all."""
        found = {id: self._tx.of(Conversations).get(id) for id in conversation_ids}
        there = {id: one for id, one in found.items() if one is not None}
        self._tx.of(Conversations).turn(*there.values())
        return there

    def _end_if_empty(self, conversation: Conversation) -> None:
        if not self._tx.of(Participants).count(conversation.conversation_id, admission.PRESENT):
            self._tx.of(Conversations).end(conversation)

    def _tell(self, participant: Participant, events: Iterable[Told]) -> None:
        for told in events:
            self._tx.facts.append(
                _TOPICS[told.audience](participant.conversation_id),
                told.type,
                "participant",
                collection=told.collection,
                conversation_id=participant.conversation_id,
                address=participant.address,
                title=participant.name,
            )

    def _show(self, view: View, before: Place, after: Place, reason: Reason | None) -> None:
        """Tell an application what becomes of its view when its user moves."""
        was_inside, is_inside = before in admission.INSIDE, after in admission.INSIDE
        if after is Place.OUTSIDE:
            self._disconnect(view, was_inside, reason)
        elif after is Place.LOBBY:
            self._tx.of(Views).tell_own(view, EventType.ADDED)
            self._tx.of(Views).become(view, ConversationState.IN_LOBBY)
        elif is_inside and not was_inside:
            self._let_in(view, before, after)
        else:
            self._change_role(view, before, after)

    def _let_in(self, view: View, before: Place, after: Place) -> None:
        tell = self._tx.of(Views).tell_of
        self._follow(view, after)
        self._tx.of(Views).tell_own(
            view, EventType.ADDED if before is Place.OUTSIDE else EventType.UPDATED
        )
        tell(view, EventType.ADDED, "live meeting")
        tell(view, EventType.UPDATED, "messaging")
        tell(view, EventType.ADDED, "roster")
        if after is Place.LEADERS:
            self._tell_lobby(view, EventType.ADDED)
        self._tx.of(Views).become(view, ConversationState.CONFERENCED)
        self._complete(view, InvitationState.CONNECTED)

    def _change_role(self, view: View, before: Place, after: Place) -> None:
        tell = self._tx.of(Views).tell_of
        self._unfollow(view, before)
        self._follow(view, after)
        self._tx.of(Views).tell_own(view, EventType.UPDATED)
        tell(view, EventType.UPDATED, "roster")
        self._tell_lobby(view, EventType.ADDED if after is Place.LEADERS else EventType.DELETED)
        demoted = after is Place.ATTENDEES
        if view.conversation.audience_messaging is AudienceMessaging.DISABLED:
            tell(view, EventType.UPDATED, "messaging")
        self._tx.of(Views).become(view, view.state, DEMOTED if demoted else None)

    def _tell_lobby(self, view: View, type: EventType) -> None:
        """Tell an application of all who wait, whom its user sees from now on, or no more."""
        places = ("", Place.LOBBY.value)
        for waiting in self._tx.of(Participants).of(view.conversation_id, [Place.LOBBY]):
            for collection in places if type is EventType.ADDED else reversed(places):
                self._tx.of(Views).tell_of(
                    view, type, "participant", collection=collection, about=waiting
                )

    def _disconnect(self, view: View, was_inside: bool, reason: Reason | None) -> None:
        if was_inside:
            self._tx.of(Views).tell_of(view, EventType.UPDATED, "messaging", reason=reason)
        self._tx.of(Views).tell_own(view, EventType.DELETED)
        if reason in (None, LEFT, CANCELLED):
            self._complete(view, InvitationState.CANCELLED, CANCELLED)
        else:
            self._complete(view, InvitationState.FAILED, reason)
        self._tx.of(Views).become(view, ConversationState.DISCONNECTED, reason or LEFT)
        self._tx.of(Views).tell(view, EventType.DELETED)
        self._tx.of(ConversationLogs).ended(view, reason)

    def _complete(self, view: View, state: InvitationState, reason: Reason | None = None) -> None:
        """Complete what is pending; with who leaves go those whom she has invited."""
        is_inside = state is InvitationState.CONNECTED
        for one in self._tx.of(Invitations).pending(view.conversation_id, view.user_id):
            has_invited = one.kind == PARTICIPANT_INVITATION
            if one.application_id != view.application_id or (has_invited and is_inside):
                continue
            self._tx.of(Invitations).complete(one, state, reason)
            if has_invited:
                self._tx.of(Talks).cancel_ringing(one)
            elif is_inside and one.direction is Direction.INCOMING:
                self._tx.of(Talks).tell_inviter(view.own, state)

    def _follow(self, view: View, place: Place) -> None:
        for topic in _topics(view, place):
            self._tx.of(Channels).follow_from(view.application_id, view.user_id, topic)

    def _unfollow(self, view: View, place: Place) -> None:
        for topic in _topics(view, place):
            self._tx.of(Channels).leave_from(view.application_id, view.user_id, topic)


def _topics(view: View, place: Place) -> list[str]:
    """The topics of who is in a place."""
    id = view.conversation_id
    if place not in admission.INSIDE:
        return []
    leads = place is Place.LEADERS
    return [of_conversation(id), of_leaders(id) if leads else of_attendees(id)]
