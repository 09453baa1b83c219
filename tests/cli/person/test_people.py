"""Addresses as people type them."""

import pytest

from openucwa.cli.failure import WrongInput
from openucwa.cli.person import people

CHRIS, ALEX, LENE = "sip:Chris@contoso.com", "sip:alex@contoso.com", "sip:lenea@contoso.com"
ALL = [CHRIS, ALEX, LENE]


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("sip:alex@contoso.com", "sip:alex@contoso.com"),
        ("Alex@contoso.com", "sip:Alex@contoso.com"),
        (" alex@contoso.com ", "sip:alex@contoso.com"),
        ("SIP:alex@contoso.com", "SIP:alex@contoso.com"),
    ],
)
def test_completes_an_address(typed: str, address: str) -> None:
    assert people.address(typed) == address


@pytest.mark.parametrize("typed", ["", "alex", "mailto:alex@contoso.com", "a b@c.com", "tel:+1"])
def test_refuses_what_is_no_address_with_an_example(typed: str) -> None:
    with pytest.raises(WrongInput, match=r"is not a SIP address. Write it like sip:\w+@fabrikam"):
        people.address(typed, domain="fabrikam.com")


@pytest.mark.parametrize(
    "typed", ["sip:chris@contoso.com", "Chris@contoso.com", "CHRIS", "sip:chris@contoso.com:5060"]
)
def test_finds_a_member_by_any_spelling(typed: str) -> None:
    assert people.member(typed, ALL, role="attendee") == CHRIS


def test_suggests_who_may_have_been_meant() -> None:
    with pytest.raises(
        WrongInput, match=r"not among the attendees .* Did you mean sip:alex@contoso.com\?"
    ):
        people.member("alexx@contoso.com", ALL, role="attendee")
    with pytest.raises(WrongInput, match=r"Did you mean sip:Chris@contoso.com\?"):
        people.member("cris", ALL, role="attendee")


def test_names_all_when_nobody_is_near() -> None:
    with pytest.raises(WrongInput) as refused:
        people.member("zoe@fabrikam.org", ALL, role="attendee")
    assert str(refused.value).endswith(f"The attendees are {ALEX}, {CHRIS}, {LENE}.")
    with pytest.raises(WrongInput, match=f"The only attendee is {ALEX}"):
        people.member("zoe@fabrikam.org", [ALEX], role="attendee")
    with pytest.raises(WrongInput, match="It has no leaders"):
        people.member("alex", [], role="leader")


def test_asks_for_the_whole_address_when_two_have_that_name() -> None:
    with pytest.raises(WrongInput, match="Write the full address"):
        people.member("alex", [ALEX, "sip:alex@fabrikam.com"], role="attendee")


def test_calls_people_by_the_name_in_their_address() -> None:
    assert people.names([CHRIS, ALEX]) == "Chris, alex"
    assert people.names([]) == "nobody"
    assert people.name("no address") == "no address"
