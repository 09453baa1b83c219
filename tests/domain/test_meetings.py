"""Meetings: what an organizer may decide, and in what versions differ."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.domain import meetings
from openucwa.domain.meetings import Details, Entry, defaults, differing, members, validated
from openucwa.domain.policies import Policy
from openucwa.wire import sip
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    GenericPolicy,
    LobbyBypassForPhoneUsers,
    OnlineMeetingRel,
    PhoneUserAdmission,
)
from openucwa.wire.errors import ParameterValidationFailure
from openucwa.wire.given import read
from openucwa.wire.merge import merge

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
ORGANIZER = "sip:Dana@contoso.com"
ANYTHING = Policy(
    access_levels=tuple(AccessLevel),
    entry_exit_announcements=tuple(EntryExitAnnouncement),
)
ONE_CHOICE = Policy(
    access_levels=(AccessLevel.SAME_ENTERPRISE,),
    automatic_leader_assignments=(AutomaticLeaderAssignment.DISABLED,),
    entry_exit_announcements=(EntryExitAnnouncement.DISABLED,),
    lobby_bypass_for_phone_users=(LobbyBypassForPhoneUsers.DISABLED,),
    phone_user_admission=GenericPolicy.DISABLED,
)
PLAIN = defaults(Policy(), OnlineMeetingRel.MY_ONLINE_MEETINGS, NOW)

addresses = st.builds(
    "{}:{}@{}{}".format,
    st.sampled_from(["sip", "SIP", "sips"]),
    st.sampled_from(["dana", "Dana", "d%61na", "chris", "Chris", "sam%20b", "SAM%20B", "alex"]),
    st.sampled_from(["contoso.com", "Contoso.com"]),
    st.sampled_from(["", ":5061", ";transport=tls"]),
)
people = st.lists(addresses, max_size=5).map(tuple)
all_details = st.builds(
    Details,
    access_level=st.sampled_from(AccessLevel),
    entry_exit_announcement=st.sampled_from(EntryExitAnnouncement),
    attendees=people,
    automatic_leader_assignment=st.sampled_from(AutomaticLeaderAssignment),
    description=st.text(max_size=5),
    expiration_time=st.sampled_from([None, NOW]),
    leaders=people,
    phone_user_admission=st.sampled_from(PhoneUserAdmission),
    lobby_bypass_for_phone_users=st.sampled_from(LobbyBypassForPhoneUsers),
    subject=st.text(max_size=5),
)


def check(
    wanted: Details, policy: Policy = ANYTHING, organizer: str = ORGANIZER, now: datetime = NOW
) -> Details:
    return validated(wanted, policy, organizer_uri=organizer, domain="Contoso.com", now=now)


def but(**members: object) -> Details:
    """Plain details in which something is different."""
    return msgspec.structs.replace(PLAIN, **members)


def wrong(wanted: Details, policy: Policy = ANYTHING, now: datetime = NOW) -> Mapping[str, str]:
    """What is named to correct."""
    with pytest.raises(ParameterValidationFailure) as raised:
        check(wanted, policy, now=now)
    return raised.value.parameters


def keys(people: tuple[str, ...]) -> list[str]:
    return [sip.normalise(one) for one in people]


@given(all_details)
def test_what_has_been_validated_is_valid_and_stays_as_it_is(wanted: Details) -> None:
    once = check(wanted)
    assert check(once) == once
    assert differing(wanted, once) in ([], ["leaders"])


@given(people)
def test_the_organizer_is_among_the_leaders_where_any_are_named(leaders: tuple[str, ...]) -> None:
    found = keys(check(but(leaders=leaders)).leaders)
    assert found == list(
        dict.fromkeys([*keys(leaders), sip.normalise(ORGANIZER)] if leaders else [])
    )


@given(people)
def test_who_is_named_twice_is_kept_once_as_first_spelled(attendees: tuple[str, ...]) -> None:
    found = check(but(attendees=attendees)).attendees
    first = {sip.normalise(one): one for one in reversed(attendees)}
    assert found == tuple(first[key] for key in dict.fromkeys(keys(attendees)))


def test_people_are_kept_without_the_spaces_around_them() -> None:
    assert check(but(attendees=(" sip:chris@contoso.com ",))).attendees == (
        "sip:chris@contoso.com",
    )


@pytest.mark.parametrize("stranger", ["sip:sam@fabrikam.com", "sip:sam@eu.contoso.com"])
def test_only_people_of_the_organization_lead(stranger: str) -> None:
    leaders = ("sip:chris@CONTOSO.com", stranger)
    assert wrong(but(leaders=leaders)) == {
        "leaders": f"must belong to Contoso.com; {stranger} does not"
    }
    assert check(but(attendees=leaders)).attendees == leaders


def test_an_organizer_from_elsewhere_leads_too() -> None:
    organizer = "sip:dana@before.contoso.com"
    once = check(but(leaders=("sip:chris@contoso.com",)), organizer=organizer)
    assert once.leaders == ("sip:chris@contoso.com", organizer)
    assert check(once, organizer=organizer) == once


@pytest.mark.parametrize("name", ["attendees", "leaders"])
def test_who_has_no_sip_address_is_told(name: str) -> None:
    reasons = wrong(but(**{name: ("sip:chris@contoso.com", "Chris Barry")}))
    assert reasons == {
        name: "must be SIP addresses such as sip:alex@contoso.com, not 'Chris Barry'"
    }


def test_as_many_lead_as_can_be_put_again() -> None:
    colleagues = tuple(f"sip:{number}@contoso.com" for number in range(2000))
    most = check(but(leaders=(*colleagues[:1999], ORGANIZER)))
    assert check(but(leaders=colleagues[:1999])) == most
    assert read(Details, {"leaders": most.leaders}).values == {"leaders": most.leaders}
    assert wrong(but(leaders=colleagues)) == {
        "leaders": "must be at most 2000 people, the organizer among them"
    }


NOT_ELIGIBLE: dict[str, object] = {
    "access_level": AccessLevel.EVERYONE,
    "automatic_leader_assignment": AutomaticLeaderAssignment.EVERYONE,
    "entry_exit_announcement": EntryExitAnnouncement.ENABLED,
    "lobby_bypass_for_phone_users": LobbyBypassForPhoneUsers.ENABLED,
    "phone_user_admission": PhoneUserAdmission.ENABLED,
}


@given(st.sets(st.sampled_from(list(NOT_ELIGIBLE)), min_size=1))
def test_every_value_that_is_not_eligible_is_named(names: set[str]) -> None:
    reasons = wrong(but(**{name: NOT_ELIGIBLE[name] for name in names}), ONE_CHOICE)
    served = {field.name: field.encode_name for field in msgspec.structs.fields(Details)}
    assert set(reasons) == {served[name] for name in names}
    assert set(reasons.values()) <= {
        "is limited by policy to Disabled",
        "is limited by policy to SameEnterprise",
    }


def test_everything_that_is_wrong_is_named_at_once() -> None:
    wanted = but(
        access_level=AccessLevel.NONE,
        expiration_time=NOW + timedelta(days=36_500),
        attendees=("Chris",),
        leaders=("sip:sam@fabrikam.com",),
    )
    assert set(wrong(wanted, Policy())) == {"accessLevel", "expirationTime", "attendees", "leaders"}


def eligible(draw: st.DrawFn, members: type) -> tuple[object, tuple[object, ...]]:
    """A default, and the eligible values that it is among."""
    found = draw(st.lists(st.sampled_from(members), min_size=1, unique=True))
    return draw(st.sampled_from(found)), tuple(found)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    level, levels = eligible(draw, AccessLevel)
    assignment, assignments = eligible(draw, AutomaticLeaderAssignment)
    announcement, announcements = eligible(draw, EntryExitAnnouncement)
    bypass, bypasses = eligible(draw, LobbyBypassForPhoneUsers)
    return msgspec.convert(
        {
            "default_access_level": level,
            "access_levels": levels,
            "default_automatic_leader_assignment": assignment,
            "automatic_leader_assignments": assignments,
            "default_entry_exit_announcement": announcement,
            "entry_exit_announcements": announcements,
            "default_lobby_bypass_for_phone_users": bypass,
            "lobby_bypass_for_phone_users": bypasses,
            "phone_user_admission": draw(st.sampled_from(GenericPolicy)),
        },
        Policy,
    )


@given(policies(), st.sampled_from(OnlineMeetingRel))
def test_the_defaults_are_eligible_under_every_policy(
    policy: Policy, rel: OnlineMeetingRel
) -> None:
    wanted = defaults(policy, rel, NOW)
    assert check(wanted, policy) == wanted


def test_a_scheduled_meeting_expires_after_eight_hours_and_the_standing_one_never() -> None:
    standing = defaults(Policy(), OnlineMeetingRel.MY_ASSIGNED_ONLINE_MEETING, NOW)
    assert standing.expiration_time is None
    assert PLAIN.expiration_time == NOW + timedelta(hours=8)


@pytest.mark.parametrize(
    ("now", "earliest", "latest"),
    [
        ("2026-11-22T12:00Z", "2025-11-22T12:00Z", "2036-11-22T12:00Z"),
        ("2028-02-29T12:00Z", "2027-02-28T12:00Z", "2038-02-28T12:00Z"),
        ("2026-02-28T12:00Z", "2025-02-28T12:00Z", "2036-02-28T12:00Z"),
    ],
)
def test_a_meeting_expires_between_a_year_ago_and_ten_years_ahead(
    now: str, earliest: str, latest: str
) -> None:
    at = datetime.fromisoformat(now)
    first, last = datetime.fromisoformat(earliest), datetime.fromisoformat(latest)
    for moment in (first, at, last):
        assert check(but(expiration_time=moment), now=at).expiration_time == moment
    for moment in (first - MILLISECOND, last + MILLISECOND):
        assert wrong(but(expiration_time=moment), now=at) == {
            "expirationTime": "must lie between one year ago and ten years ahead"
        }


@given(all_details)
def test_versions_that_name_the_same_people_do_not_differ(one: Details) -> None:
    other = msgspec.structs.replace(
        one,
        attendees=tuple(reversed([address.upper() for address in one.attendees])),
        leaders=(*one.leaders, *one.leaders),
    )
    assert differing(one, other) == []


@given(all_details, all_details)
def test_the_properties_that_differ_are_named_as_served(one: Details, other: Details) -> None:
    def comparable(name: str, details: Details) -> object:
        value = getattr(details, name)
        return set(keys(value)) if name in ("attendees", "leaders") else value

    assert differing(one, other) == [
        field.encode_name
        for field in msgspec.structs.fields(Details)
        if comparable(field.name, one) != comparable(field.name, other)
    ]


def test_an_id_is_fit_for_a_join_url_and_a_conference_id_for_a_telephone() -> None:
    ids = {meetings.new_id() for _ in range(100)}
    conference_ids = {meetings.new_conference_id() for _ in range(100)}
    assert len(ids) == len(conference_ids) == 100
    assert all(re.fullmatch("[A-Z0-9]{8}", id) for id in ids)
    assert all(re.fullmatch("[1-9][0-9]{8}", id) for id in conference_ids)


@pytest.mark.parametrize("rel", OnlineMeetingRel)
def test_the_standing_meeting_is_told_by_its_rel(rel: OnlineMeetingRel) -> None:
    meeting = Entry(
        organizer_id=1, organizer="dana", online_meeting_id="ID", online_meeting_rel=rel, version=1
    )
    assert meetings.is_assigned(meeting) is (rel == "myAssignedOnlineMeeting")


@given(all_details, all_details, all_details)
def test_what_is_merged_of_valid_versions_is_valid(
    base: Details, mine: Details, theirs: Details
) -> None:
    versions = [members(check(one)) for one in (base, mine, theirs)]
    merged = msgspec.convert(merge(*versions).merged, Details)
    assert differing(check(merged), merged) in ([], ["leaders"])
