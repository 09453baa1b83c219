"""Contacts of everybody whom a message or a roster may name (contact_ref.md)."""

from typing import Any

import pytest

from tests.http.test_guests import identity, join
from tests.installation import Installation, Person


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


def test_a_guest_sees_no_contacts(installation: Installation, dana: Person) -> None:
    guest = join(installation, dana.schedule())
    people = guest.post(
        "/ucwa/oauth/v1/anonApplications", json={"userAgent": "test", "culture": "en-us"}
    ).json()["_links"]["self"]["href"]
    assert guest.get(f"{people}/people/dana@contoso.com").status_code == 403
