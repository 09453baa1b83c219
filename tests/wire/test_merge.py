"""Meetings that two have changed: what is kept of either, and what a person has to decide."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.client.schedule import Schedule
from openucwa.wire import sip
from openucwa.wire.limits import LONGEST_DESCRIPTION, MOST_PEOPLE
from openucwa.wire.lines import combined_lines
from openucwa.wire.members import SCHEDULE
from openucwa.wire.merge import (
    Conflict,
    Merge,
    Properties,
    Side,
    differing,
    is_server_owned,
    kept,
    merge,
)

PLAY_BACK = "56de7bbf-1081-43e6-bbf2-1cabf3224c83"
SERVER_OWNED = ("onlineMeetingId", "joinUrl", "etag", "rel", PLAY_BACK)
PEOPLE = ("attendees", "leaders")
ADMITTANCE = (
    "accessLevel",
    "lobbyBypassForPhoneUsers",
    "phoneUserAdmission",
    "automaticLeaderAssignment",
)
DANA, ALEX, CHRIS, SAM = (f"sip:{name}@contoso.com" for name in ("dana", "alex", "chris", "sam"))
MONDAY, TUESDAY = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)
TIME = Schedule(MONDAY, TUESDAY, "UTC")
LATER, LONGER = TIME.moved(TUESDAY), replace(TIME, ends_at=TUESDAY + timedelta(hours=1))
BASE: Properties = {
    "accessLevel": "SameEnterprise",
    "entryExitAnnouncement": "Disabled",
    "attendees": [ALEX, CHRIS],
    "automaticLeaderAssignment": "Disabled",
    "description": "Agenda\n\nNumbers\nPlans\n\nBye",
    "expirationTime": MONDAY,
    "leaders": [],
    "onlineMeetingId": "PYC58WSY",
    "phoneUserAdmission": "Disabled",
    "lobbyBypassForPhoneUsers": "Disabled",
    "subject": "Weekly",
    PLAY_BACK: "please pass this in a PUT request",
    "rel": "myOnlineMeeting",
    "etag": "1",
}

people = st.lists(
    st.builds(
        "{}:{}@{}".format,
        st.sampled_from(["sip", "SIP"]),
        st.sampled_from(["dana", "Dana", "d%61na", "alex", "chris"]),
        st.sampled_from(["contoso.com", "Contoso.com"]),
    )
    | st.just("nobody"),
    max_size=4,
)
lines = st.lists(
    st.tuples(st.sampled_from(["", "a", "b", "c", "d"]), st.sampled_from(["\n", "\n", "\r\n"])),
    max_size=7,
).map(lambda found: "".join(map("".join, found)))
switches = st.sampled_from(["Enabled", "Disabled"])
meetings = st.fixed_dictionaries(
    {
        "attendees": people,
        "description": lines,
        "etag": st.sampled_from(["1", "2", "3"]),
    },
    optional={
        **dict.fromkeys(ADMITTANCE, switches),
        "expirationTime": st.sampled_from([MONDAY, TUESDAY]),
        SCHEDULE: st.sampled_from([TIME, LATER, LONGER]),
        "leaders": people,
        "subject": st.sampled_from(["", "Weekly", "Q3 review"]),
        "isSilent": st.booleans(),
        "colours": st.lists(st.sampled_from(["red", "blue"]), max_size=2),
        "joinUrl": st.sampled_from(["https://meet/1", "https://meet/2"]),
        PLAY_BACK: st.just("please pass this in a PUT request"),
    },
)


def changed(**members: object) -> Properties:
    return {**BASE, **members}


def chosen_by_people(one: Properties) -> dict[str, object]:
    return {name: value for name, value in one.items() if not is_server_owned(name)}


def addresses(members: Properties, names: Sequence[str] = PEOPLE) -> set[str]:
    found = set()
    for name in names:
        listed = members.get(name, ())
        assert isinstance(listed, Sequence)
        for spelled in listed:
            try:
                found.add(sip.normalise(spelled))
            except ValueError:
                found.add(spelled)
    return found


def test_what_is_kept_of_theirs_has_its_values() -> None:
    mine = changed(attendees=[ALEX, CHRIS, SAM])
    theirs = changed(attendees=[ALEX, DANA], subject="Weekly (moved)")
    attendees, subject = kept(mine, merge(BASE, mine, theirs).merged)
    assert (attendees.name, attendees.added, attendees.removed) == ("attendees", (DANA,), (CHRIS,))
    assert (subject.before, subject.after) == ("Weekly", "Weekly (moved)")
    assert (subject.added, subject.removed) == ((), ())
    assert kept(mine, merge(BASE, mine, BASE).merged) == ()


# The laws


@given(meetings, meetings)
def test_where_i_have_changed_nothing_theirs_stands(base: Properties, theirs: Properties) -> None:
    merged = merge(base, base, theirs)
    assert merged == Merge(dict(theirs), {}, (), tuple(differing(theirs, base)))


@given(meetings, meetings)
def test_where_they_have_changed_nothing_mine_stands(base: Properties, mine: Properties) -> None:
    merged = merge(base, mine, base)
    assert merged.is_clean
    assert chosen_by_people(merged.merged) == chosen_by_people(mine)
    assert set(merged.mine) == set(differing(mine, base))
    assert merged.theirs == ()


@given(meetings, meetings)
def test_where_both_have_made_the_same_it_stands(base: Properties, both: Properties) -> None:
    merged = merge(base, both, both)
    assert merged.is_clean
    assert merged.merged == both
    assert merged.mine == ()


@given(meetings, meetings, meetings)
def test_the_conflicts_are_the_same_from_either_side(
    base: Properties, mine: Properties, theirs: Properties
) -> None:
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    assert {
        name: Conflict(name, conflict.base, theirs=conflict.mine, mine=conflict.theirs)
        for name, conflict in one.conflicts.items()
    } == other.conflicts


@given(meetings, meetings, meetings)
def test_a_clean_merge_is_the_same_from_either_side(
    base: Properties, mine: Properties, theirs: Properties
) -> None:
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    if one.is_clean:
        assert differing(one.merged, other.merged) == []


@given(meetings, meetings, meetings)
def test_merging_twice_changes_nothing(
    base: Properties, mine: Properties, theirs: Properties
) -> None:
    once = merge(base, mine, theirs)
    if once.is_clean:
        again = merge(base, once.merged, theirs)
        assert again.is_clean
        assert again.merged == once.merged
    on_top = merge(theirs, once.merged, theirs)
    assert on_top.is_clean
    assert on_top.merged == once.merged


@given(meetings, meetings, meetings)
def test_nobody_appears_whom_neither_side_has(
    base: Properties, mine: Properties, theirs: Properties
) -> None:
    merged = merge(base, mine, theirs).merged
    for name in PEOPLE:
        assert addresses(merged, [name]) <= addresses(mine, [name]) | addresses(theirs, [name])


@given(meetings, meetings, meetings)
def test_nobody_is_lost_whom_one_side_wants_anew(
    base: Properties, mine: Properties, theirs: Properties
) -> None:
    merged = merge(base, mine, theirs)
    for name in set(PEOPLE) - merged.conflicts.keys():
        before = addresses(base, [name])
        wanted = addresses(mine, [name]) | addresses(theirs, [name])
        assert wanted - before <= addresses(merged.merged, [name])
        for side in (mine, theirs):
            assert not (before - addresses(side, [name])) & addresses(merged.merged, [name])


@given(meetings, meetings, meetings)
def test_what_the_server_owns_is_always_theirs(
    base: Properties, mine: Properties, theirs: Properties
) -> None:
    merged = merge(base, mine, theirs)
    owned = {name: value for name, value in theirs.items() if is_server_owned(name)}
    assert {name: value for name, value in merged.merged.items() if is_server_owned(name)} == owned
    assert not any(
        is_server_owned(name) for name in (*merged.conflicts, *merged.mine, *merged.theirs)
    )


@given(meetings, meetings, meetings)
def test_each_member_is_that_of_a_side_or_of_both(
    base: Properties, mine: Properties, theirs: Properties
) -> None:
    merged = merge(base, mine, theirs).merged
    assert merged.keys() <= mine.keys() | theirs.keys()
    for name in merged.keys() - {*PEOPLE, "description"}:
        assert merged[name] in (mine.get(name), theirs.get(name))


@given(meetings, meetings, meetings)
def test_it_tells_what_is_kept_of_whom(
    base: Properties, mine: Properties, theirs: Properties
) -> None:
    merged = merge(base, mine, theirs)
    assert list(merged.mine) == differing(theirs, merged.merged)
    assert set(merged.theirs) | merged.conflicts.keys() >= set(differing(theirs, base))
    assert not merged.conflicts.keys() & {*merged.mine, *merged.theirs}
    for name in merged.conflicts:
        assert merged.merged.get(name) == theirs.get(name)


@given(meetings, meetings, meetings)
def test_nothing_is_said_to_conflict_that_only_one_side_has_changed(
    base: Properties, mine: Properties, theirs: Properties
) -> None:
    conflicts = merge(base, mine, theirs).conflicts.keys() - {*PEOPLE, *ADMITTANCE}
    assert conflicts <= set(differing(mine, base)) & set(differing(theirs, base))


# Member by member


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", "Q3 review"),
        ("expirationTime", TUESDAY),
        ("accessLevel", "Everyone"),
        ("attendees", [ALEX, CHRIS, SAM]),
        ("description", "Something else"),
        ("isSilent", True),
        ("colours", ["red", {"shade": "dark"}]),
    ],
)
def test_what_one_side_has_changed_is_taken(name: str, value: object) -> None:
    by_me, by_them = changed(**{name: value}), changed(entryExitAnnouncement="Enabled")
    mine, theirs = merge(BASE, by_me, by_them), merge(BASE, by_them, by_me)
    assert mine.is_clean
    assert mine.merged[name] == value
    assert (mine.mine, mine.theirs) == ((name,), ("entryExitAnnouncement",))
    assert theirs.is_clean
    assert theirs.merged[name] == value
    assert (theirs.mine, theirs.theirs) == (("entryExitAnnouncement",), (name,))


@pytest.mark.parametrize(
    ("name", "mine", "theirs"),
    [
        ("subject", "Q3 review", "Weekly (moved)"),
        ("expirationTime", TUESDAY, None),
        ("description", "Mine", "Theirs"),
        ("isSilent", True, False),
        ("colours", ["red"], ["blue"]),
    ],
)
def test_what_both_have_changed_in_different_ways_is_a_conflict(
    name: str, mine: object, theirs: object
) -> None:
    merged = merge(BASE, changed(**{name: mine}), changed(**{name: theirs}))
    assert merged.conflicts == {name: Conflict(name, BASE.get(name), theirs, mine)}
    assert not merged.is_clean
    assert merged.merged.get(name) == theirs
    assert (merged.mine, merged.theirs) == ((), ())


@given(
    *(3 * [st.none() | st.builds(TIME.moved, st.sampled_from([MONDAY, TUESDAY])) | st.just(LONGER)])
)
def test_a_move_is_one_decision(base: object, mine: object, theirs: object) -> None:
    """No start of one side ever comes with the end of the other."""
    versions = [{SCHEDULE: one} for one in (base, mine, theirs)]
    found = merge(*versions)
    assert found.merged.get(SCHEDULE) in (mine, theirs)
    assert bool(found.conflicts) is (len({mine, theirs, base}) == 3)
    for side in ("mine", "theirs"):
        for conflict in found.conflicts.values():
            assert conflict.decided(side) == {"mine": mine, "theirs": theirs}[side]


def test_conflicts_come_in_served_order() -> None:
    mine = changed(subject="a", description="a", accessLevel="Invited")
    theirs = changed(subject="b", description="b", accessLevel="Everyone")
    assert list(merge(BASE, mine, theirs).conflicts) == ["accessLevel", "description", "subject"]


def test_what_is_left_out_has_no_value() -> None:
    bare = {name: value for name, value in BASE.items() if name != "expirationTime"}
    assert merge(changed(expirationTime=None), changed(subject="Q3"), bare).is_clean
    assert "expirationTime" not in merge(BASE, bare, changed(subject="Q3")).merged
    merged = merge(BASE, bare, changed(expirationTime=TUESDAY))
    assert merged.conflicts["expirationTime"] == Conflict("expirationTime", MONDAY, TUESDAY, None)


def test_the_additions_and_removals_of_both_sides_are_made() -> None:
    merged = merge(
        BASE,
        changed(attendees=["SIP:SAM@contoso.com", CHRIS]),
        changed(attendees=[DANA, "sip:%41lex@contoso.com", "sip:Chris@contoso.com"]),
    )
    assert merged.is_clean
    assert merged.merged["attendees"] == (DANA, "sip:Chris@contoso.com", "SIP:SAM@contoso.com")
    assert (merged.mine, merged.theirs) == (("attendees",), ("attendees",))


def test_people_in_another_order_or_spelling_are_no_change() -> None:
    respelled = changed(attendees=["SIP:Chris@contoso.com", "sip:a%6cex@contoso.com"])
    theirs = changed(attendees=(ALEX,))
    merged = merge(BASE, respelled, theirs)
    assert (merged.merged, merged.mine) == (theirs, ())
    assert differing(BASE, respelled) == []


def test_what_is_no_address_is_kept_for_the_server_to_refuse() -> None:
    merged = merge(BASE, changed(attendees=[ALEX, CHRIS, "sam"]), changed(attendees=[ALEX]))
    assert merged.merged["attendees"] == (ALEX, "sam")


def test_somebody_made_a_leader_whom_they_removed_is_a_conflict_in_both_lists() -> None:
    promoted = changed(attendees=[CHRIS], leaders=[ALEX])
    removed = changed(attendees=[CHRIS])
    merged = merge(BASE, promoted, removed)
    assert list(merged.conflicts) == ["attendees", "leaders"]
    assert merged.merged == removed
    assert list(merge(BASE, removed, promoted).conflicts) == ["attendees", "leaders"]


def test_a_decision_about_somebody_loses_nobody_else() -> None:
    """Those whom nobody disputes are added and removed, whoever decides about the one."""
    mine = changed(attendees=[CHRIS, ALEX, DANA], leaders=[ALEX])
    theirs = changed(attendees=[CHRIS, SAM])
    sides: list[Side] = ["mine", "theirs"]
    for versions in ((mine, theirs), (theirs, mine)):
        conflicts = merge(BASE, *versions).conflicts
        assert list(conflicts) == ["attendees", "leaders"]
        wanting, removing = (sides[versions.index(one)] for one in (mine, theirs))
        kept = {name: conflict.decided(wanting) for name, conflict in conflicts.items()}
        assert addresses(kept, ["attendees"]) == {ALEX, CHRIS, DANA, SAM}
        assert addresses(kept, ["leaders"]) == {ALEX}
        without = {name: conflict.decided(removing) for name, conflict in conflicts.items()}
        assert addresses(without) == {CHRIS, DANA, SAM}


def test_somebody_whom_both_have_made_a_leader_is_no_conflict() -> None:
    mine = changed(attendees=[CHRIS], leaders=[ALEX])
    theirs = changed(attendees=(CHRIS, SAM), leaders=(ALEX, DANA))
    assert merge(BASE, mine, theirs).merged == theirs


def test_one_more_than_a_list_may_hold_is_a_conflict() -> None:
    crowd = [f"sip:{number}@contoso.com" for number in range(MOST_PEOPLE - 1)]
    base = changed(attendees=crowd)
    merged = merge(
        base, changed(attendees=[*crowd, "sip:a@b.c"]), changed(attendees=[*crowd, "sip:d@b.c"])
    )
    assert list(merged.conflicts) == ["attendees"]


def test_lines_of_the_description_are_merged() -> None:
    merged = merge(
        BASE,
        changed(description="Agenda\n\nFigures\nPlans\n\nBye"),
        changed(description="Agenda\n\nNumbers\nPlans\n\nGood bye"),
    )
    assert merged.is_clean
    assert merged.merged["description"] == "Agenda\n\nFigures\nPlans\n\nGood bye"


def test_the_same_line_changed_by_both_is_a_conflict_with_both_texts() -> None:
    mine, theirs = (f"Agenda\n\n{word}\nPlans\n\nBye" for word in ("Figures", "Counts"))
    merged = merge(BASE, changed(description=mine), changed(description=theirs))
    assert merged.conflicts == {
        "description": Conflict("description", BASE["description"], theirs, mine)
    }


def test_a_description_that_would_get_too_long_is_a_conflict() -> None:
    lines = ["a", "middle", "b"]
    base = changed(description="\n".join(lines))
    mine = changed(description="\n".join(["a" * 20_000, *lines[1:]]))
    theirs = changed(description="\n".join([*lines[:2], "b" * (LONGEST_DESCRIPTION - 20_000)]))
    assert list(merge(base, mine, theirs).conflicts) == ["description"]


def test_a_description_that_each_merge_would_make_longer_is_a_conflict() -> None:
    base, mine, theirs = "d", "c\nd", "d\nd"
    assert combined_lines(base, mine, theirs) == "c\nd\nd"
    assert combined_lines(base, "c\nd\nd", theirs) == "c\nd\nd\nd"
    merged = merge({"description": base}, {"description": mine}, {"description": theirs})
    assert list(merged.conflicts) == ["description"]


def test_different_settings_of_who_gets_in_are_decided_together() -> None:
    mine = changed(accessLevel="Everyone")
    theirs = changed(lobbyBypassForPhoneUsers="Enabled", phoneUserAdmission="Enabled")
    merged = merge(BASE, mine, theirs)
    assert list(merged.conflicts) == [
        "accessLevel",
        "phoneUserAdmission",
        "lobbyBypassForPhoneUsers",
    ]
    assert merged.merged == theirs


def test_settings_of_who_gets_in_that_one_side_has_all_changed_are_taken() -> None:
    mine = changed(phoneUserAdmission="Enabled")
    theirs = changed(lobbyBypassForPhoneUsers="Enabled", phoneUserAdmission="Enabled")
    assert merge(BASE, mine, theirs).merged == theirs
    assert merge(BASE, theirs, mine).merged == theirs


@pytest.mark.parametrize("name", SERVER_OWNED)
def test_what_the_server_owns_is_no_change(name: str) -> None:
    assert is_server_owned(name)
    mine, theirs = changed(**{name: "mine", "subject": "Q3"}), changed(**{name: "theirs"})
    merged = merge(BASE, mine, theirs)
    assert merged.merged == {**theirs, "subject": "Q3"}
    assert (merged.mine, merged.theirs) == (("subject",), ())
    assert differing(BASE, theirs) == []


def test_what_nobody_knows_is_not_the_server_s() -> None:
    assert not is_server_owned("attendanceAnnouncementsStatus")


@pytest.mark.usefixtures("at_once")
def test_the_largest_meetings_take_no_time() -> None:
    def large(start: int, word: str) -> Properties:
        crowd = [f"sip:p{number}@contoso.com" for number in range(start, start + MOST_PEOPLE)]
        text = "\n".join(f"{n:x}\n{word}" for n in range(9000))[:LONGEST_DESCRIPTION]
        return changed(attendees=crowd, leaders=crowd[::-1], description=text)

    merge(large(0, ""), large(500, "m"), large(900, "t"))
