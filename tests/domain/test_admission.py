"""Who enters, who waits and who leads, and what is told of it."""

from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from openucwa.domain import admission
from openucwa.domain.admission import (
    INSIDE,
    Audience,
    Participant,
    Place,
    Standing,
    is_leader,
    is_open_to,
    joined,
    told,
)
from openucwa.domain.meetings import Details
from openucwa.wire.channel import EventType
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    LobbyBypassForPhoneUsers,
)

ORGANIZER, MANAGER, LEADER, ATTENDEE, COLLEAGUE, GUEST, CALLER = Standing
EVERYONE, SAME, INVITED, LOCKED = (
    AccessLevel.EVERYONE,
    AccessLevel.SAME_ENTERPRISE,
    AccessLevel.INVITED,
    AccessLevel.LOCKED,
)


def settings(
    access: AccessLevel = SAME,
    leaders: AutomaticLeaderAssignment = AutomaticLeaderAssignment.DISABLED,
    bypass: LobbyBypassForPhoneUsers = LobbyBypassForPhoneUsers.DISABLED,
) -> Details:
    return Details(
        access_level=access,
        automatic_leader_assignment=leaders,
        lobby_bypass_for_phone_users=bypass,
        entry_exit_announcement=EntryExitAnnouncement.DISABLED,
    )


def person(standing: Standing = COLLEAGUE, place: Place = Place.OUTSIDE) -> Participant:
    return Participant(
        conversation_id="c",
        address=f"{standing}@contoso.com",
        user_id=1,
        uri=f"sip:{standing}@contoso.com",
        name="Alex",
        standing=standing,
        place=place,
    )


@pytest.mark.parametrize(
    ("access", "entering"),
    [
        (EVERYONE, {ORGANIZER, MANAGER, LEADER, ATTENDEE, COLLEAGUE, GUEST, CALLER}),
        (SAME, {ORGANIZER, MANAGER, LEADER, ATTENDEE, COLLEAGUE}),
        (INVITED, {ORGANIZER, MANAGER, LEADER, ATTENDEE}),
        (LOCKED, {ORGANIZER, MANAGER, LEADER}),
    ],
)
def test_access(access: AccessLevel, entering: set[Standing]) -> None:
    """AccessLevel_ref.md; leaders never wait in their own lobby."""
    assert {one for one in Standing if is_open_to(one, settings(access))} == entering
    for standing in Standing:
        after = joined(person(standing), settings(access))
        assert (after.place in INSIDE) is (standing in entering)


@pytest.mark.parametrize("access", [SAME, INVITED])
def test_callers_may_pass_the_lobby(access: AccessLevel) -> None:
    assert is_open_to(CALLER, settings(access, bypass=LobbyBypassForPhoneUsers.ENABLED))


def test_callers_wait_for_a_locked_meeting() -> None:
    assert not is_open_to(CALLER, settings(LOCKED, bypass=LobbyBypassForPhoneUsers.ENABLED))


def test_leading() -> None:
    """AutomaticLeaderAssignment_ref.md."""
    always = {ORGANIZER, MANAGER, LEADER}
    for assigned, leading in (
        (AutomaticLeaderAssignment.DISABLED, always),
        (AutomaticLeaderAssignment.SAME_ENTERPRISE, always | {ATTENDEE, COLLEAGUE}),
        (AutomaticLeaderAssignment.EVERYONE, set(Standing)),
    ):
        wanted = settings(leaders=assigned)
        assert {one for one in Standing if is_leader(one, wanted)} == leading


@pytest.mark.parametrize("access", [SAME, INVITED])
@pytest.mark.parametrize("by_leader", [True, False])
def test_who_is_invited_does_not_wait(access: AccessLevel, by_leader: bool) -> None:
    after = admission.invited(person(GUEST), settings(access), by_leader=by_leader)
    assert after.place is Place.ATTENDEES


def test_only_leaders_invite_to_a_locked_meeting_and_those_who_were_ejected() -> None:
    ejected = msgspec.structs.replace(person(), ejected=True)
    for found, details in ((person(), settings(LOCKED)), (ejected, settings(EVERYONE))):
        assert admission.invited(found, details, by_leader=False).place is Place.LOBBY
        assert admission.invited(found, details, by_leader=True).place is Place.ATTENDEES


def test_who_was_ejected_waits_until_a_leader_admits_her() -> None:
    open_to_all = settings(EVERYONE)
    inside = joined(person(), open_to_all)
    out = admission.ejected(inside)
    back = joined(out, open_to_all)
    assert back.place is Place.LOBBY
    assert admission.reconsidered(back, open_to_all) == back
    again = admission.admitted(back)
    assert again.place is Place.ATTENDEES
    assert joined(admission.gone(again), settings(LOCKED)).place is Place.ATTENDEES


def test_a_manager_who_was_ejected_waits_too() -> None:
    out = admission.ejected(joined(person(MANAGER), settings()))
    assert joined(out, settings()).place is Place.LOBBY


places = st.sampled_from(Place)


@given(places, places)
def test_what_is_told_agrees_with_where_somebody_is(before: Place, after: Place) -> None:
    """Each audience, applying what it is told, has her where she is, as far as it may see her."""
    assume(not (before in INSIDE and after is Place.LOBBY))  # nobody goes back to wait
    for audience in (Audience.LEADERS, Audience.ATTENDEES):
        seen = seen_by(audience, before)
        for one in told(before, after):
            if one.audience not in (Audience.ALL, audience):
                continue
            if one.type is EventType.ADDED:
                seen.add(one.collection)
            elif one.type is EventType.DELETED:
                seen.discard(one.collection)
            else:
                assert "" in seen
        assert seen == seen_by(audience, after)


def seen_by(audience: Audience, place: Place) -> set[str]:
    """The collections in which somebody is seen; the roster has no name."""
    if place is Place.OUTSIDE or (place is Place.LOBBY and audience is Audience.ATTENDEES):
        return set()
    return {"", place.value}


@dataclass
class History:
    """What has happened to a person, to be compared with where she is."""

    ejected: bool = False
    admitted: bool = False
    moves: list[str] = field(default_factory=list)


class Meeting(RuleBasedStateMachine):
    """People come and go, leaders act, and the organizer changes the settings."""

    def __init__(self) -> None:
        super().__init__()
        self.details = settings()
        self.people = {one: person(one) for one in Standing}
        self.history = {one: History() for one in Standing}

    standings = st.sampled_from(Standing)

    @rule(one=standings)
    def join(self, one: Standing) -> None:
        before = self.people[one]
        self.people[one] = after = joined(before, self.details)
        if before.place is not Place.OUTSIDE:
            assert after == before
            return
        known = self.history[one]
        if known.ejected:
            assert after.place is Place.LOBBY
        else:
            enters = known.admitted or is_open_to(one, self.details)
            assert (after.place in INSIDE) is enters
        if after.is_inside:
            known.admitted = True
            assert after.leads is is_leader(one, self.details)

    @rule(one=standings)
    def leave(self, one: Standing) -> None:
        self.people[one] = admission.gone(self.people[one])
        assert self.people[one].place is Place.OUTSIDE

    @rule(one=standings)
    def admit(self, one: Standing) -> None:
        before = self.people[one]
        self.people[one] = after = admission.admitted(before)
        if before.place is Place.LOBBY:
            assert after.is_inside
            self.history[one] = History(admitted=True)
        else:
            assert after == before

    @rule(one=standings)
    def eject(self, one: Standing) -> None:
        before = self.people[one]
        self.people[one] = after = admission.ejected(before)
        if before.is_inside and one is not ORGANIZER:
            assert after.place is Place.OUTSIDE
            self.history[one] = History(ejected=True)
        else:
            assert after == before

    @rule(one=standings)
    def promote(self, one: Standing) -> None:
        before = self.people[one]
        self.people[one] = after = admission.promoted(before)
        moved = before.place is Place.ATTENDEES
        assert after.place is (Place.LEADERS if moved else before.place)

    @rule(one=standings)
    def demote(self, one: Standing) -> None:
        before = self.people[one]
        self.people[one] = after = admission.demoted(before)
        moved = before.place is Place.LEADERS and one is not ORGANIZER
        assert after.place is (Place.ATTENDEES if moved else before.place)

    @rule(access=st.sampled_from([EVERYONE, SAME, INVITED, LOCKED]))
    def change(self, access: AccessLevel) -> None:
        """Nobody is thrown out, and who may enter by now is let in."""
        self.details = msgspec.structs.replace(self.details, access_level=access)
        for one, before in self.people.items():
            self.people[one] = after = admission.reconsidered(before, self.details)
            if before.place is not Place.LOBBY:
                assert after == before
                continue
            known = self.history[one]
            enters = not known.ejected and (known.admitted or is_open_to(one, self.details))
            assert after.is_inside is enters
            known.admitted = known.admitted or enters

    @invariant()
    def the_organizer_is_never_kept_out(self) -> None:
        organizer = self.people[ORGANIZER]
        assert organizer.place in (Place.OUTSIDE, Place.LEADERS)

    @invariant()
    def who_is_inside_leads_or_attends(self) -> None:
        for one in self.people.values():
            assert not one.is_inside or one.leads is (one.place is Place.LEADERS)
            assert not (one.ejected and one.is_inside)


TestMeeting = Meeting.TestCase
