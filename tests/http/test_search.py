"""search: the people whom a text names (search_ref.md)."""

from typing import Any

import msgspec
import pytest

from openucwa.domain.people import Profile
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.http.test_guests import identity, join
from tests.installation import DANA, Installation, Person

PEOPLE = (
    Profile(uri="sip:Chris@contoso.com", name="Chris Barry", email="chris.b@contoso.com"),
    Profile(uri="sip:zoe@contoso.com", name="Zoë Ångström", work_phone="tel:+46855512345;ext=99"),
    Profile(uri="sip:zoltan@contoso.com", name="Zoltán Barry", mobile_phone="tel:+36301234567"),
    Profile(uri="sip:anna-maria@contoso.com", name="Straße, Anna", email="annas@contoso.com"),
    Profile(uri="sip:z@contoso.com", name="Q"),
    Profile(uri="sip:room-2107@contoso.com", name="Room 2107"),
)


@pytest.fixture(autouse=True)
def _people(installation: Installation, dana: Person) -> None:
    del dana
    for one in PEOPLE:
        installation.add_user(one)


def searched(dana: Person, **asked: object) -> dict[str, Any]:
    href = dana.href("people", "search")
    assert "?" not in href  # clients append their query
    answer = dana.request("GET", href, params={name: str(value) for name, value in asked.items()})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(dana: Person, query: str, **asked: object) -> list[str]:
    found = searched(dana, query=query, **asked)
    return [one["name"] for one in found["_embedded"]["contact"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("chr", ["Chris Barry"]),
        ("BARRY", ["Chris Barry", "Zoltán Barry"]),
        ("barry z", ["Zoltán Barry"]),
        ("  z  barr ", ["Zoltán Barry"]),
        ("zo", ["Zoë Ångström", "Zoltán Barry"]),
        ("zoe angs", ["Zoë Ångström"]),
        ("ZOË Å", ["Zoë Ångström"]),
        ("strasse", ["Straße, Anna"]),
        ("STRASSE ANNA", ["Straße, Anna"]),
        ("maria", ["Straße, Anna"]),
        ("anna-maria@contoso.com", ["Straße, Anna"]),
        ("annas@contoso.com", ["Straße, Anna"]),
        ("annas@con", ["Straße, Anna"]),
        ("sip:ZOLTAN@contoso.com", ["Zoltán Barry"]),
        ("SIP:Zoltan@contoso.com;user=phone", ["Zoltán Barry"]),
        ("arry", []),
        ("contoso", []),
        ("2345", ["Zoë Ångström"]),
        ("+46 (8) 555-1", ["Zoë Ångström"]),
        ("tel:+46855512345", ["Zoë Ångström"]),
        ("5551", []),
        ("345", []),
        ("4567", []),
        ("2107", ["Room 2107"]),
        ("Dana", ["Dana Birkby"]),
        ("nobody@contoso.com", []),
        ("!!", []),
        ("%", []),
    ],
)
def test_finds_by_the_beginnings_of_words(dana: Person, query: str, expected: list[str]) -> None:
    assert names(dana, query) == expected


def test_what_is_found(dana: Person) -> None:
    found = searched(dana, query="barry", limit=50)
    assert found["moreResultsAvailable"] is False
    assert found["rel"] == "search"
    assert [one["rel"] for one in found["_embedded"]["contact"]] == ["contact", "contact"]
    again = dana.get(found["_links"]["self"]["href"])
    assert again.json() == found
    chris = found["_embedded"]["contact"][0]
    assert dana.get(chris["_links"]["self"]["href"]).json() == chris


def test_nobody_is_an_empty_list(dana: Person) -> None:
    found = searched(dana, query="nobody")
    assert found["_embedded"] == {"contact": []}
    assert found["moreResultsAvailable"] is False


@pytest.mark.parametrize(("limit", "more"), [(1, True), (2, True), (3, False), (100, False)])
def test_more_than_the_limit(dana: Person, limit: int, more: bool) -> None:
    found = searched(dana, query="z", limit=limit)
    assert len(found["_embedded"]["contact"]) == min(limit, 3)
    assert found["moreResultsAvailable"] is more


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({}, "query"),
        ({"query": " "}, "query"),
        ({"query": "z" * 257}, "query"),
        ({"mail": "z" * 257}, "mail"),
        ({"query": "z", "limit": "0"}, "limit"),
        ({"query": "z", "limit": "101"}, "limit"),
        ({"query": "z", "limit": "many"}, "limit"),
    ],
)
def test_what_is_wrong_is_told(dana: Person, asked: dict[str, str], parameter: str) -> None:
    answer = dana.request("GET", dana.href("people", "search"), params=asked)
    assert (answer.status_code, answer.json()["subcode"]) == (400, "ParameterValidationFailure")
    assert list(answer.json()["parameters"]) == [parameter]
    if parameter == "limit":
        assert "from 1 to 100" in answer.json()["parameters"]["limit"]


def test_a_mailbox(dana: Person) -> None:
    def found(**asked: str) -> list[str]:
        return [one["name"] for one in searched(dana, **asked)["_embedded"]["contact"]]

    assert found(mail="ChrisB@contoso.com") == []
    assert found(mail="CHRIS.B@contoso.com") == ["Chris Barry"]
    assert found(mail="chris.b@contoso.co") == ["chris.b@contoso.co"]  # of another domain
    assert found(mail="chris") == []
    assert found(mail="chris.b@contoso.com", query="barry") == ["Chris Barry"]
    assert found(mail="chris.b@contoso.com", query="zoe") == []


def test_somebody_of_another_domain_can_be_invited(dana: Person) -> None:
    (found,) = searched(dana, query="Lee@Fabrikam.com")["_embedded"]["contact"]
    assert (found["uri"], found["sourceNetwork"]) == ("sip:lee@fabrikam.com", "Federated")
    assert names(dana, "lee@") == names(dana, "lee@x@y") == []


def test_the_exact_address_and_who_acts_for_the_user_come_first(dana: Person) -> None:
    assert names(dana, "zo") == ["Zoë Ångström", "Zoltán Barry"]
    memberships = dana.href("people", "myGroupMemberships")
    added = dana.post(f"{memberships}?contactUri=zoltan@contoso.com&groupId=delegates")
    assert added.status_code == 201
    assert names(dana, "zo") == ["Zoltán Barry", "Zoë Ångström"]
    assert names(dana, "zo", limit=1) == ["Zoltán Barry"]


def test_follows_the_profile(installation: Installation, dana: Person) -> None:
    """Who has another name is found by that; who is disabled or removed, and a guest, is not."""

    def change(**members: Any) -> None:
        def save(tx: Transaction) -> None:
            chris = tx.of(Users).by_uri("sip:chris@contoso.com")
            assert chris is not None
            tx.of(Users).save(msgspec.structs.replace(chris, **members))

        installation.transact(save)

    change(name="Christa Winter")
    assert names(dana, "winter") == ["Christa Winter"]
    assert names(dana, "barry") == ["Zoltán Barry"]
    change(disabled=True)
    assert names(dana, "winter") == []
    guest = identity(join(installation, dana.schedule()))
    assert names(dana, "guest") == names(dana, guest) == []


def test_is_not_for_guests(installation: Installation, dana: Person) -> None:
    guest = join(installation, dana.schedule())
    application = guest.post(
        "/ucwa/oauth/v1/anonApplications", json={"userAgent": "test", "culture": "en-us"}
    ).json()["_links"]["self"]["href"]
    assert guest.get(f"{application}/people/search?query=d").status_code == 403


def test_names_of_users_come_from_their_profile(dana: Person) -> None:
    assert names(dana, DANA.email) == [DANA.name]
    assert names(dana, "danab") == [DANA.name]
