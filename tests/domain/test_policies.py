"""Policies: what an administrator may decide."""

import msgspec
import pytest

from openucwa.domain.policies import DialIn, Policy
from openucwa.wire.enums import EntryExitAnnouncement, OnlineMeetingRel

REGIONS = [{"name": "London", "number": "+44"}, {"name": "Paris", "number": "+33"}]


@pytest.mark.parametrize(
    ("default", "eligible"),
    [
        ("default_access_level", "access_levels"),
        ("default_automatic_leader_assignment", "automatic_leader_assignments"),
        ("default_entry_exit_announcement", "entry_exit_announcements"),
        ("default_lobby_bypass_for_phone_users", "lobby_bypass_for_phone_users"),
    ],
)
def test_a_default_must_be_eligible(default: str, eligible: str) -> None:
    policy = msgspec.to_builtins(Policy())
    policy[eligible] = [value for value in policy[eligible] if value != policy[default]]
    with pytest.raises(ValueError, match=f"{default} {policy[default]} is not among {eligible}"):
        msgspec.convert(policy, Policy)


@pytest.mark.parametrize(
    "members", [{"acces_levels": []}, {"meeting_size": 0}, {"default_access_level": "Anybody"}]
)
def test_what_an_administrator_mistypes_is_refused(members: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(members, Policy)


def test_announcements_can_be_switched_on_when_that_is_eligible() -> None:
    only_off = Policy(entry_exit_announcements=(EntryExitAnnouncement.DISABLED,))
    assert Policy().entry_exit_announcement == "Enabled"
    assert only_off.entry_exit_announcement == "Disabled"


def test_the_standing_meeting_is_a_template_where_there_is_one() -> None:
    assert Policy().online_meeting_rels == tuple(OnlineMeetingRel)
    assert Policy(assigned_meeting=False).online_meeting_rels == ("myOnlineMeetings",)


def test_a_default_region_is_one_of_the_regions() -> None:
    found = msgspec.convert({"default_region": "Paris", "regions": REGIONS}, DialIn)
    assert found.default_region == found.regions[1].name
    with pytest.raises(ValueError, match="default_region Rome is not one of the regions"):
        msgspec.convert({"default_region": "Rome", "regions": REGIONS}, DialIn)


def test_a_region_is_named_once() -> None:
    with pytest.raises(ValueError, match="two regions have the same name"):
        msgspec.convert({"regions": [*REGIONS, REGIONS[0]]}, DialIn)
