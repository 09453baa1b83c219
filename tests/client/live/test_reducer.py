"""The state of a conversation, as events and fetched resources make it."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from openucwa.client.live.conversation import Conversation, Reason
from openucwa.client.live.happening import (
    Ended,
    Entered,
    Happening,
    Joined,
    Left,
    MustWait,
    Promoted,
    StoppedWaiting,
    SubjectChanged,
    TalkAllowed,
    Typing,
    Waiting,
    happened,
)
from openucwa.client.live.message import Message
from openucwa.client.live.reducer import apply, learned, said, saying, unsaid
from openucwa.wire.enums import ConversationState, Role
from tests.client.live.meeting import (
    COMMUNICATION,
    HERE,
    ME,
    Meeting,
    after,
    begun,
    package,
    parsed,
)

PEOPLE = ("alex", "chris", "lenea")
PLACES = ("lobby", "attendees", "leaders")
COMMUNICATES = {"rel": "communication", "href": COMMUNICATION}
CONVERSES = {"rel": "conversation", "href": HERE}


def inside() -> Conversation:
    return Conversation(HERE, state=ConversationState.CONFERENCED, subject="Weekly")


def played(data: st.DataObject, meeting: Meeting) -> None:
    """Something that may happen in a meeting."""
    who = data.draw(st.sampled_from(PEOPLE))
    here = meeting.people.get(who)
    match data.draw(st.sampled_from(["move", "leave", "type", "rest", "say", "rename"])):
        case "move" if here is None:
            meeting.joins(who, data.draw(st.sampled_from(PLACES)))
        case "move" if here is not None:
            place = data.draw(st.sampled_from(PLACES[1:]))
            if place != here["place"]:
                meeting.moves(who, place)
        case "leave" if here is not None:
            meeting.leaves(who)
        case "type" if here is not None and here["place"] != "lobby":
            meeting.types(who)
        case "rest":
            meeting.rests(who)
        case "say" if here is not None:
            meeting.says(who, data.draw(st.text(min_size=1, max_size=5)))
        case "rename":
            meeting.renames(data.draw(st.sampled_from(["Weekly", "Monthly"])))


def seen(state: Conversation) -> Any:
    """What is so, whenever it was told."""
    return (
        state.state,
        state.subject,
        {one.name: one for one in state.roster},
        {one.name: one for one in state.lobby},
        state.stale,
    )


class TestWhateverHappens:
    @given(st.data(), st.booleans())
    def test_old_state_and_events_are_the_new_state(
        self, data: st.DataObject, embeds: bool
    ) -> None:
        """Fetched meanwhile or not, embedded or not: it is what somebody reads who comes now."""
        meeting = Meeting(embeds=embeds)
        state = meeting.anew()
        for _ in range(data.draw(st.integers(0, 12))):
            played(data, meeting)
            if data.draw(st.booleans()):
                state = after(state, package(meeting.told))
                meeting.told.clear()
                if data.draw(st.booleans()):
                    state = meeting.fetched(state)
        state = meeting.fetched(after(state, package(meeting.told)))
        assert seen(state) == seen(meeting.anew())
        assert [one.name for one in state.typists] == [one.title() for one in meeting.typing]
        assert [(one.sender.name if one.sender else "", one.text) for one in state.messages] == [
            (who.title(), text) for who, text in meeting.messages
        ]

    @given(st.data(), st.booleans())
    def test_where_packages_are_cut_does_not_matter(
        self, data: st.DataObject, embeds: bool
    ) -> None:
        meeting = Meeting(embeds=embeds)
        for _ in range(data.draw(st.integers(0, 8))):
            played(data, meeting)
        told = meeting.told
        cuts = sorted(data.draw(st.sets(st.integers(0, len(told)))) | {0, len(told)})
        packages = [package(told[a:b]) for a, b in pairwise(cuts)]
        assert after(inside(), *packages) == after(inside(), package(told))

    @given(st.data())
    def test_what_a_later_server_tells_changes_nothing(self, data: st.DataObject) -> None:
        meeting = Meeting()
        for _ in range(data.draw(st.integers(0, 5))):
            played(data, meeting)
        alone = after(inside(), package(meeting.told))
        for rel in ("audioVideo", "whiteboard", "participantMessaging"):
            place = data.draw(st.integers(0, len(meeting.told)))
            event = {"link": {"rel": rel, "href": f"{HERE}/{rel}"}, "type": "updated"}
            meeting.told.insert(place, (CONVERSES, event))
        assert after(inside(), package(meeting.told)) == alone


def told(*events: tuple[dict[str, str], dict[str, Any]]) -> list[Happening]:
    """What happens to somebody who is inside."""
    return happenings(inside(), *events)


def happenings(
    state: Conversation, *events: tuple[dict[str, str], dict[str, Any]]
) -> list[Happening]:
    found: list[Happening] = []
    for event in package(list(events)):
        now = apply(state, event)
        found += happened(state, now)
        state = now
    return found


def conversation(state: str, **more: Any) -> tuple[dict[str, str], dict[str, Any]]:
    links = {"self": {"href": HERE}}
    found = {"state": state, "subject": "Weekly", "_links": links, **more.pop("found", {})}
    return (
        COMMUNICATES,
        {
            "link": {"rel": "conversation", "href": HERE},
            "type": "updated",
            "_embedded": {"conversation": found},
            **more,
        },
    )


def names(found: list[Happening]) -> list[Any]:
    return [
        (type(one).__name__, one.person.name)
        if isinstance(one, Joined | Left | Waiting | StoppedWaiting | Promoted | Typing)
        else type(one).__name__
        for one in found
    ]


class TestHappenings:
    def test_those_who_were_there_before_do_not_join(self) -> None:
        meeting = Meeting()
        meeting.joins("alex", "attendees")
        meeting.told.append(conversation("Conferenced"))
        meeting.joins("chris", "attendees")
        assert names(happenings(begun(), *meeting.told)) == ["Entered", ("Joined", "Chris")]

    def test_waiting_admitted_rejected(self) -> None:
        meeting = Meeting()
        meeting.joins("alex", "lobby")
        meeting.moves("alex", "attendees")
        meeting.joins("chris", "lobby")
        meeting.leaves("chris")
        assert names(told(*meeting.told)) == [  # and nobody has joined before she waits
            ("Waiting", "Alex"),
            ("StoppedWaiting", "Alex"),
            ("Joined", "Alex"),
            ("Waiting", "Chris"),
            ("StoppedWaiting", "Chris"),
        ]

    def test_promoted_typing_left(self) -> None:
        meeting = Meeting()
        meeting.joins("alex", "attendees")
        meeting.moves("alex", "leaders")
        meeting.types("alex")
        meeting.leaves("alex")
        assert names(told(*meeting.told)) == [
            ("Joined", "Alex"),
            ("Promoted", "Alex"),
            ("Typing", "Alex"),
            ("Left", "Alex"),
        ]

    def test_lobby_and_its_end(self) -> None:
        reason = {"code": "RemoteFailure", "subcode": "Denied", "message": "No."}
        waits = conversation("InLobby")
        ends = conversation("Disconnected", reason=reason)
        assert happenings(begun(), waits, ends) == [
            MustWait(),
            Ended(Reason("RemoteFailure", "Denied", "No.")),
        ]
        assert happenings(begun(), waits, conversation("Conferenced")) == [MustWait(), Entered()]

    def test_end_is_told_once_with_its_first_reason(self) -> None:
        ends = conversation("Disconnected", reason={"code": "RemoteFailure", "subcode": "Ejected"})
        deleted = (
            COMMUNICATES,
            {"link": {"rel": "conversation", "href": HERE}, "type": "deleted"},
        )
        assert told(ends, deleted) == [Ended(Reason("RemoteFailure", "Ejected"))]
        assert told(deleted) == [Ended()]
        assert told(conversation("Disconnected")) == []  # the reason may come
        assert told(conversation("Disconnected"), deleted) == [Ended()]
        assert told(conversation("Disconnected"), ends) == [
            Ended(Reason("RemoteFailure", "Ejected"))
        ]

    def test_invitation_that_fails_ends_it(self) -> None:
        href = f"{COMMUNICATION}/onlineMeetingInvitations/60c"
        event = {
            "link": {"rel": "onlineMeetingInvitation", "href": href},
            "type": "completed",
            "status": "Failure",
            "reason": {"code": "RemoteFailure", "subcode": "TooManyParticipants"},
        }
        state = replace(begun(), invitation=href.lower())
        ended = [Ended(Reason("RemoteFailure", "TooManyParticipants"))]
        assert happenings(state, (COMMUNICATES, event)) == ended
        assert happenings(begun(), (COMMUNICATES, event)) == []

    def test_subject_and_what_may_be_said(self) -> None:
        def messaging(*rels: str) -> tuple[dict[str, str], dict[str, Any]]:
            links = {rel: {"href": f"{HERE}/messaging/{rel}"} for rel in ("self", *rels)}
            return (
                CONVERSES,
                {
                    "link": {"rel": "messaging", "href": f"{HERE}/messaging"},
                    "type": "updated",
                    "_embedded": {"messaging": {"state": "Connected", "_links": links}},
                },
            )

        found = told(
            conversation("Conferenced", found={"subject": "Monthly"}),
            messaging("stopMessaging"),
            messaging("stopMessaging", "sendMessage"),
            messaging("stopMessaging"),
        )
        assert found == [SubjectChanged("Monthly"), TalkAllowed(True), TalkAllowed(False)]

    def test_the_user_is_promoted(self) -> None:
        def local(role: str) -> tuple[dict[str, str], dict[str, Any]]:
            found = {"name": "Dana", "role": role, "_links": {"self": {"href": ME}}}
            return (
                CONVERSES,
                {
                    "link": {"rel": "localParticipant", "href": ME},
                    "type": "updated",
                    "_embedded": {"localParticipant": {**found, "rel": "participant"}},
                },
            )

        (promoted,) = told(local("Attendee"), local("Leader"))
        assert isinstance(promoted, Promoted)
        assert promoted.person.is_local
        state = after(inside(), package([local("Leader")]))
        assert (state.role, [one.name for one in state.roster]) == (Role.LEADER, ["Dana"])


class TestMessages:
    def sent(self, number: int = 2, **more: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """The event by which the server tells a sender of her message."""
        href = f"{HERE}/messaging/messages/{number}"
        found = {"direction": "Outgoing", "timeStamp": "/Date(1474932027613)/", **more}
        return (
            CONVERSES,
            {
                "link": {"rel": "message", "href": href},
                "type": "completed",
                "status": "Success",
                "_embedded": {"message": {**found, "_links": {"self": {"href": href}}}},
            },
        )

    def test_own_message_has_the_text_that_was_sent(self) -> None:
        state = saying(inside(), "abc", "Hello")
        (message,) = happenings(state, self.sent(operationId="abc"))
        assert isinstance(message, Message)
        assert (message.text, message.is_mine, message.sender) == ("Hello", True, None)
        assert message.at is not None

    def test_own_message_is_found_by_its_address_too(self) -> None:
        """Whichever comes first: the answer, or the event."""
        href = f"{HERE}/messaging/messages/2"
        state = saying(inside(), "abc", "Hello")
        answered = said(state, "abc", href)
        (first,) = happenings(answered, self.sent())
        (event,) = package([self.sent()])
        told_before = apply(state, event)
        assert list(happened(state, told_before)) == []
        (second,) = happened(told_before, said(told_before, "abc", href))
        assert first == second
        assert said(told_before, "abc", href).own == {}

    def test_refused_message_is_forgotten(self) -> None:
        assert unsaid(saying(inside(), "abc", "Hello"), "abc") == inside()

    def test_message_told_twice_is_one(self) -> None:
        meeting = Meeting()
        meeting.joins("alex", "attendees")
        meeting.says("alex", "Hi")
        started = (meeting.told[-1][0], {**meeting.told[-1][1], "type": "started"})
        found = told(*meeting.told[:-1], started, meeting.told[-1])
        assert [one.text for one in found if isinstance(one, Message)] == ["Hi"]

    def test_who_has_left_is_known_by_the_title(self) -> None:
        meeting = Meeting()
        meeting.says("alex", "Bye")
        (message,) = told(*meeting.told)
        assert isinstance(message, Message)
        assert message.sender is not None
        assert message.sender.name == "Alex"

    def test_names_those_whom_it_did_not_reach(self) -> None:
        meeting = Meeting()
        meeting.joins("alex", "attendees")
        sender, event = self.sent(operationId="abc")
        failed = (sender, {**event, "status": "Failure"})
        (message,) = after(saying(inside(), "abc", "Hi"), package([*meeting.told, failed])).messages
        assert message.failed == ("Alex",)


class TestFetching:
    def test_what_is_told_by_address_alone_is_stale_until_fetched(self) -> None:
        event = {"link": {"rel": "conversation", "href": HERE}, "type": "updated"}
        state = after(inside(), package([(COMMUNICATES, event)]))
        assert state.stale == (HERE,)
        found = parsed({"state": "Conferenced", "subject": "New", "_links": {}})
        now = learned(state, HERE, found)
        assert (now.stale, now.subject) == ((), "New")

    def test_conversation_that_is_gone_is_over(self) -> None:
        assert learned(inside(), HERE, None).is_over

    def test_who_has_gone_meanwhile_is_not_stale(self) -> None:
        meeting = Meeting(embeds=False)
        meeting.joins("alex", "attendees")
        meeting.leaves("alex")
        assert after(inside(), package(meeting.told)).stale == ()

    def test_other_conversation_changes_nothing(self) -> None:
        meeting = Meeting()
        meeting.joins("alex", "attendees")
        other = Conversation(f"{COMMUNICATION}/conversations/99")
        assert after(other, package(meeting.told)) is other
