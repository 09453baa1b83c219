"""The people of a meeting are a set of addresses, however they are spelled."""

import pytest

from openucwa.client.people import People, address_of


def test_spellings_of_one_address_are_one_person() -> None:
    people = People(["sip:Alex@contoso.com"])
    people.add("alex@Contoso.com")
    people.add("SIP:ALEX@CONTOSO.COM")
    assert list(people) == ["sip:Alex@contoso.com"]
    assert "alex@contoso.com" in people
    assert "chris@contoso.com" not in people


def test_order_and_spelling_stay() -> None:
    people = People(["sip:Chris@contoso.com", "sip:Alex@contoso.com"])
    people |= {"Dana@contoso.com"}
    assert list(people) == ["sip:Chris@contoso.com", "sip:Alex@contoso.com", "sip:Dana@contoso.com"]
    people.remove("CHRIS@contoso.com")
    people.discard("nobody@contoso.com")
    assert list(people) == ["sip:Alex@contoso.com", "sip:Dana@contoso.com"]
    assert repr(people) == "People(['sip:Alex@contoso.com', 'sip:Dana@contoso.com'])"


def test_removing_a_stranger_names_her() -> None:
    with pytest.raises(KeyError, match="lenea@contoso"):
        People().remove("lenea@contoso.com")


@pytest.mark.parametrize("text", ["alex", "", "sip:", "alex@", "tel:+1425", "al ex@contoso.com"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"alex@contoso\.com"):
        address_of(text)
    with pytest.raises(ValueError, match=r"alex@contoso\.com"):
        People().add(text)


def test_what_a_server_names_is_kept_as_it_is() -> None:
    people = People.as_served(["tel:+14255550100", "sip:Alex@contoso.com"])
    assert list(people) == ["tel:+14255550100", "sip:Alex@contoso.com"]
    assert "tel:+14255550100" in people


def test_sets_of_people_are_compared_and_combined_by_address() -> None:
    people = People(["sip:Alex@contoso.com", "sip:Chris@contoso.com"])
    assert people == {"alex@contoso.com", "sip:chris@contoso.com"}
    assert people != {"alex@contoso.com", "sip:dana@contoso.com"}
    assert people != ["sip:Alex@contoso.com", "sip:Chris@contoso.com"]
    assert list(people - {"alex@contoso.com"}) == ["sip:Chris@contoso.com"]
    people &= {"alex@contoso.com"}
    assert list(people) == ["sip:Alex@contoso.com"]
    people.clear()
    assert not people


def test_odd_spellings_of_a_server_can_be_removed() -> None:
    people = People.as_served([" tel:+1425 ", "Alex@contoso.com", ""])
    people.clear()
    assert not people
