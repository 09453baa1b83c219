"""Contacts of everybody whom a message or a roster may name (contact_ref.md)."""

from typing import Any

import pytest

from tests.http.test_guests import identity, join
from tests.installation import Installation, Person
from tests.live import Seat, chris, guest, link


def contact(dana: Person, address: str) -> Any:
    return dana.get(f"{dana.href('people', 'self')}/{address}")


def test_of_a_guest_there_is_a_name(installation: Installation, dana: Person) -> None:
    address = identity(join(installation, dana.schedule())).removeprefix("sip:")
    found = contact(dana, address.upper()).json()
    assert found == {
        "uri": f"sip:{address}",
        "sourceNetwork": "Unknown",
        "type": "User",
        "name": "Guest",
        "_links": {"self": {"href": f"{dana.href('people', 'self')}/{address}"}},
        "rel": "contact",
        "etag": found["etag"],
    }


def test_of_another_domain_everybody_is_there(dana: Person) -> None:
    found = contact(dana, "Lee.Oddy@Fabrikam.com").json()
    assert found == {
        "uri": "sip:lee.oddy@fabrikam.com",
        "sourceNetwork": "Federated",
        "type": "User",
        "name": "lee.oddy@fabrikam.com",
        "_links": {"self": {"href": f"{dana.href('people', 'self')}/lee.oddy@fabrikam.com"}},
        "rel": "contact",
        "etag": found["etag"],
    }
    again = dana.get(found["_links"]["self"]["href"], **{"If-None-Match": f'"{found["etag"]}"'})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "address",
    ["nobody@contoso.com", "NOBODY@CONTOSO.COM", "0@anonymous.invalid", "nobody", "@", "%40b"],
)
def test_nobody_else_is_there(dana: Person, address: str) -> None:
    assert contact(dana, address).status_code == 404


def test_a_guest_sees_those_in_the_meeting(installation: Installation, dana: Person) -> None:
    """Their names alone, once she is inside; and the organizer's from the beginning."""
    organizer, other = Seat(dana), chris(installation)
    meeting = dana.schedule(accessLevel="Locked", attendees=["sip:Chris@contoso.com"])
    gwen = guest(installation, meeting)
    people = gwen.person.href("self").partition("?")[0] + "/people"

    def status(address: str) -> int:
        return gwen.person.get(f"{people}/{address}").status_code

    gwen.join(meeting)
    assert (status("dana@contoso.com"), status("chris@contoso.com")) == (200, 403)
    organizer.join(meeting)
    organizer.do("Gwen", "admit")
    assert status("chris@contoso.com") == 403
    other.join(meeting)
    assert status("chris@contoso.com") == 403  # waits
    organizer.do("Chris Barry", "admit")
    for name, address in (("Chris Barry", "chris"), ("Dana Birkby", "dana")):
        href = link(gwen.participant(name), "contact")
        assert href == f"{people}/{address}@contoso.com"
        found = gwen.get(href)
        assert found.keys() == {
            *("uri", "sourceNetwork", "type", "name", "_links", "rel", "etag"),
        }
        assert found["name"] == name
    own = link(organizer.participant("Gwen"), "contact")
    assert organizer.get(own)["name"] == "Gwen"
    for address in ("alex@contoso.com", "x@fabrikam.com", "search", "0@anonymous.invalid"):
        assert status(address) == 403
    gwen.leave()
    assert status("chris@contoso.com") == 403
