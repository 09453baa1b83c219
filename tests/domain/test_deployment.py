"""The policies and limits of an installation."""

import msgspec
import pytest

from openucwa.domain.deployment import Deployment, Limits
from openucwa.domain.policies import Policy

GUESTS = Policy(assigned_meeting=False)


def test_a_policy_is_found_by_its_name() -> None:
    deployment = Deployment(
        domain="contoso.com",
        meet_url="https://meet.contoso.com",
        policies={"default": Policy(), "guests": GUESTS},
    )
    assert deployment.policy("guests") is GUESTS


def test_whose_policy_was_taken_away_has_the_default_one() -> None:
    deployment = Deployment(
        domain="contoso.com", meet_url="https://meet.contoso.com", policies={"default": GUESTS}
    )
    assert deployment.policy("interns") is GUESTS


def test_there_is_a_default_policy() -> None:
    deployment = Deployment(domain="contoso.com", meet_url="https://meet.contoso.com")
    assert deployment.policy("default") == Policy()


@pytest.mark.parametrize("limit", Limits.__struct_fields__)
def test_a_limit_leaves_room_for_one(limit: str) -> None:
    assert getattr(msgspec.convert({limit: 1}, Limits), limit) == 1
    with pytest.raises(msgspec.ValidationError, match=">= 1"):
        msgspec.convert({limit: 0}, Limits)
