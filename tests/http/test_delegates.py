"""Delegates: the groups of contacts of myGroups2_ref.md and myGroupMemberships2_ref.md."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx2 import Response

from openucwa.domain.people import Profile
from openucwa.store.tables.delegates import MOST, Delegates
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.http import test_batch as batches
from tests.http.test_guests import ANON_APPLICATIONS, REGISTRATION, join
from tests.installation import CHRIS, DANA, Clock, Installation, Person, installed

INPUT = (
    '<input xmlns="http://schemas.microsoft.com/rtc/2012/03/ucwa">'
    '<property name="contactUri">{uri}</property><property name="groupId">{group}</property>'
    "</input>"
)


def add(person: Person, uri: str, group: str = "delegates", **headers: str) -> Response:
    """Add a contact to a group as deployed clients do: in the query, with no body."""
    return person.post(
        person.href("people", "myGroupMemberships"),
        params={"contactUri": uri, "groupId": group},
        headers=headers,
    )


def group(person: Person, rel: str = "delegatesGroup") -> dict[str, Any] | None:
    found = person.get(person.href("people", "myGroups")).json()["_embedded"]
    embedded: dict[str, Any] | None = found.get(rel)
    return embedded


def contacts(person: Person, rel: str = "delegatesGroup") -> list[dict[str, Any]]:
    found = group(person, rel)
    assert found
    shown = person.get(found["_links"]["groupContacts"]["href"])
    assert shown.status_code == 200, shown.text
    members: list[dict[str, Any]] = shown.json().get("_embedded", {}).get("contact", [])
    return members


def test_the_links_name_the_second_revision(dana: Person) -> None:
    links = dana.get(dana.application["_embedded"]["people"]["_links"]["self"]["href"]).json()
    for rel in ("myGroups", "myGroupMemberships"):
        assert links["_links"][rel]["revision"] == "2"


def test_a_user_starts_with_an_empty_group_of_delegates(dana: Person) -> None:
    """It has to be there, or the first one could not be added. Nobody acts for others."""
    assert group(dana) == {
        "id": "delegates",
        "name": "Delegates",
        "_links": {
            "self": {"href": dana.href("people", "myGroups") + "/delegates"},
            "groupContacts": {"href": dana.href("people", "self") + "/contacts?groupId=delegates"},
        },
        "rel": "delegatesGroup",
    }
    assert contacts(dana) == []
    embedded = dana.get(dana.href("people", "myGroups")).json()["_embedded"]
    assert embedded.keys() == {"delegatesGroup"}
    assert dana.get(dana.href("people", "myGroups") + "/delegators").status_code == 404


def test_somebody_becomes_a_delegate_and_stops_being_one(dana: Person, chris: Person) -> None:
    added = add(dana, CHRIS.uri, **{"X-MS-RequiresMinResourceVersion": "2"})
    assert added.status_code == 201
    href = added.headers["Location"]
    membership = added.json()
    assert membership["_links"]["self"]["href"] == href
    assert href.endswith("/people/groupMemberships/delegates,chris@contoso.com")
    assert dana.get(membership["_links"]["contact"]["href"]).json()["uri"] == CHRIS.uri
    assert dana.get(membership["_links"]["delegatesGroup"]["href"]).json() == group(dana)
    assert [one["uri"] for one in contacts(dana)] == [CHRIS.uri]
    assert [one["uri"] for one in contacts(chris, "delegatorsGroup")] == [DANA.uri]
    assert contacts(chris) == []
    every = dana.get(dana.href("people", "myGroupMemberships")).json()
    assert every["_embedded"]["myGroupMembership"] == [membership]

    assert chris.delete(href.replace("dana", "chris")).status_code == 404
    assert dana.delete(href).status_code == 204
    assert dana.delete(href).status_code == 404
    assert contacts(dana) == []
    assert group(chris, "delegatorsGroup") is None


@pytest.mark.parametrize(
    "uri", ["sip:CHRIS@Contoso.com", "chris@contoso.com", " Chris@contoso.com"]
)
def test_an_address_may_be_spelled_in_any_way(dana: Person, chris: Person, uri: str) -> None:
    href = add(dana, uri).headers["Location"]
    assert href.endswith("/delegates,chris@contoso.com")
    assert dana.get(href.replace("chris@", "Chris%40")).status_code == 200
    assert add(dana, CHRIS.uri).status_code == 409


def test_members_are_links_on_request(dana: Person, chris: Person) -> None:
    add(dana, CHRIS.uri)
    add(chris, DANA.uri)
    groups = dana.get(dana.href("people", "myGroups") + "?expand=false").json()
    assert "_embedded" not in groups
    for rel in ("delegatesGroup", "delegatorsGroup"):
        found = group(dana, rel)
        assert found
        assert dana.get(groups["_links"][rel]["href"]).json() == found
        members = dana.get(found["_links"]["groupContacts"]["href"] + "&expand=false").json()
        assert "_embedded" not in members
        (linked,) = members["_links"]["contact"]
        assert [dana.get(linked["href"]).json()] == contacts(dana, rel)
    assert dana.get(dana.href("people", "myGroups") + "?expand=maybe").status_code == 400


@pytest.mark.usefixtures("chris")
def test_in_a_body_of_either_format(dana: Person) -> None:
    href = dana.href("people", "myGroupMemberships")
    in_json = dana.post(href, json={"contacturi": CHRIS.uri, "groupId": "delegates"})
    assert in_json.status_code == 201
    assert dana.delete(in_json.headers["Location"]).status_code == 204
    in_xml = dana.post(
        href,
        content=INPUT.format(uri=CHRIS.uri, group="delegates"),
        headers={"Content-Type": "application/xml", "Accept": "application/xml"},
    )
    assert in_xml.status_code == 201
    assert 'rel="delegatesGroup"' in in_xml.text


class TestContact:
    def test_shows_what_colleagues_may_know(self, dana: Person, chris: Person) -> None:
        del chris
        add(dana, CHRIS.uri)
        (found,) = contacts(dana)
        assert {name: value for name, value in found.items() if name[0] != "_"} == {
            "uri": CHRIS.uri,
            "sourceNetwork": "SameEnterprise",
            "type": "User",
            "name": "Chris Barry",
            "rel": "contact",
            "etag": found["etag"],
        }
        assert found["_links"] == {
            "self": {"href": dana.href("people", "self") + "/chris@contoso.com"}
        }

    def test_shows_no_private_numbers(self, installation: Installation, dana: Person) -> None:
        installation.add_user(
            Profile(
                uri="sip:Alex@contoso.com",
                name="Alex",
                email="alex@contoso.com",
                title="Lawyer",
                office="20/2107",
                company="Contoso",
                work_phone="tel:+14255550102",
                mobile_phone="tel:+14255550103",
                home_phone="tel:+14255550104",
                other_phone="tel:+14255550105",
            )
        )
        shown = dana.get(dana.href("people", "self") + "/ALEX@contoso.com")
        assert shown.json()["workPhoneNumber"] == "tel:+14255550102"
        assert shown.json()["office"] == "20/2107"
        assert shown.json()["emailAddresses"] == ["alex@contoso.com"]
        for private in ("0103", "0104", "0105"):
            assert private not in shown.text

    def test_has_a_version_that_follows_the_profile(
        self, installation: Installation, dana: Person, chris: Person
    ) -> None:
        del chris
        href = dana.href("people", "self") + "/chris@contoso.com"
        tag = dana.get(href).headers["ETag"]
        assert dana.get(href, **{"If-None-Match": tag}).status_code == 304

        def promote(tx: Any) -> None:
            tx.of(Users).save(
                msgspec.structs.replace(tx.of(Users).by_uri(CHRIS.uri), title="Director")
            )

        installation.transact(promote)
        changed = dana.get(href, **{"If-None-Match": tag})
        assert (changed.status_code, changed.json()["title"]) == (200, "Director")

    @pytest.mark.parametrize("address", ["nobody@contoso.com", "chris", "@", "contacts@", "a@b@c"])
    def test_who_is_not_there(self, dana: Person, chris: Person, address: str) -> None:
        del chris
        answer = dana.get(f"{dana.href('people', 'self')}/{address}")
        assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")


class TestRefused:
    """Each with a documented code, and a sentence that says what to do."""

    @pytest.mark.parametrize(
        ("uri", "reason"),
        [
            ("sip:dana@contoso.com", "is your own address"),
            ("nobody@contoso.com", "is not a user: choose a user of this organization"),
            ("alex@fabrikam.com", "is not an address of contoso.com"),
            ("tel:+14255550101", "must be the SIP address of a person"),
            ("", "must be the SIP address of a person"),
            ("x" * 251, "of at most 250 characters"),
        ],
    )
    def test_an_address_of_nobody_who_can_be_one(self, dana: Person, uri: str, reason: str) -> None:
        answer = add(dana, uri)
        assert (answer.status_code, answer.json()["subcode"]) == (400, "ParameterValidationFailure")
        assert answer.json()["parameters"].keys() == {"contactUri"}
        assert reason in answer.json()["parameters"]["contactUri"]

    def test_a_guest_as_one_or_by_one(self, installation: Installation, dana: Person) -> None:
        meeting = dana.schedule()
        guest = join(installation, meeting)
        application = guest.post(ANON_APPLICATIONS, json=REGISTRATION).json()
        assert add(dana, application["_embedded"]["me"]["uri"]).status_code == 400
        own = application["_links"]["self"]["href"]
        for path in ("groups", "groupMemberships", "groups/delegates", "chris@contoso.com"):
            assert guest.get(f"{own}/people/{path}").status_code == 403

    @pytest.mark.parametrize("given", [{}, {"contactUri": CHRIS.uri}, {"groupId": "delegates"}])
    def test_something_missing(self, dana: Person, given: dict[str, str]) -> None:
        answer = dana.post(dana.href("people", "myGroupMemberships"), params=given)
        assert answer.status_code == 400
        assert answer.json()["parameters"].keys() == {"contactUri", "groupId"} - given.keys()

    def test_twice(self, dana: Person, chris: Person) -> None:
        del chris
        add(dana, CHRIS.uri)
        answer = add(dana, CHRIS.uri)
        assert (answer.status_code, answer.json()["subcode"]) == (409, "AlreadyExists")
        assert "Chris Barry is your delegate already" in answer.json()["message"]

    def test_more_than_there_may_be(self, installation: Installation, dana: Person) -> None:
        for number in range(MOST):
            profile = Profile(uri=f"sip:user{number}@contoso.com", name=f"User {number}")
            installation.add_user(profile)
            assert add(dana, profile.uri).status_code == 201
        installation.sign_in(CHRIS)
        answer = add(dana, CHRIS.uri)
        assert (answer.status_code, answer.json()["subcode"]) == (403, "LimitExceeded")
        assert answer.json()["message"].startswith("You have 25 delegates, which is the limit.")
        assert len(contacts(dana)) == MOST

    @pytest.mark.usefixtures("chris")
    def test_a_group_that_is_not_there(self, dana: Person) -> None:
        answer = add(dana, CHRIS.uri, "friends")
        assert answer.status_code == 400
        assert "fetch myGroups" in answer.json()["parameters"]["groupId"]
        people = dana.href("people", "self")
        for path in ("groups/friends", "contacts?groupId=friends", "contacts", "contacts?groupId="):
            assert dana.get(f"{people}/{path}").status_code == 404
        for path in ("?groupId=friends", "/delegates", "/friends,chris@contoso.com", "/,"):
            assert dana.get(f"{people}/groupMemberships{path}").status_code == 404

    def test_a_group_that_can_not_be_changed(self, dana: Person, chris: Person) -> None:
        """Who could make oneself somebody's delegate would need no permission."""
        add(chris, DANA.uri)
        refused = (
            add(dana, CHRIS.uri, "delegators"),
            dana.get(dana.href("people", "myGroupMemberships") + "?groupId=delegators"),
        )
        for answer in refused:
            assert (answer.status_code, answer.json()["subcode"]) == (403, "OperationNotSupported")
        href = dana.href("people", "myGroupMemberships") + "/delegators,chris@contoso.com"
        assert dana.delete(href).status_code == 404

    @pytest.mark.parametrize("query", ["groupId=%ff", "groupId=" + "x" * 257])
    def test_a_query_that_is_none(self, dana: Person, query: str) -> None:
        href = dana.href("people", "myGroupMemberships")
        assert dana.get(f"{href}?{query}").status_code == 400

    def test_of_others(self, dana: Person, chris: Person, installation: Installation) -> None:
        """Nobody sees who acts for whom but these two."""
        membership = add(dana, CHRIS.uri).headers["Location"]
        alex = installation.sign_in(Profile(uri="sip:alex@contoso.com", name="Alex"))
        own = dana.href("self").split("?")[0]
        for other in (alex, chris):
            theirs = other.href("self").split("?")[0]
            assert other.get(membership).status_code == 404
            assert other.get(membership.replace(own, theirs)).status_code == 404
            assert contacts(other) == []
        assert group(alex, "delegatorsGroup") is None


def test_events_tell_both_sides_and_only_who_asked(dana: Person, chris: Person) -> None:
    people = {}
    for person in (dana, chris):
        for suffix in ("", "&extended=true"):
            package = person.get(person.href("events") + suffix).json()
            people[person.token, suffix] = package["_links"]["next"]["href"]
    add(dana, CHRIS.uri)

    def heard(person: Person, suffix: str) -> list[tuple[str, str]]:
        package = person.get(people[person.token, suffix]).json()
        return [
            (event["link"]["rel"], event["type"])
            for sender in package["sender"]
            for event in sender["events"]
        ]

    assert heard(dana, "&extended=true") == [
        ("myGroupMembership", "added"),
        ("delegatesGroup", "updated"),
        ("groupContacts", "updated"),
    ]
    assert heard(chris, "&extended=true") == [
        ("delegatorsGroup", "added"),
        ("groupContacts", "updated"),
        ("sharedOnlineMeetings", "updated"),
    ]


def test_in_a_batch(dana: Person, chris: Person) -> None:
    del chris
    add(dana, CHRIS.uri)
    found = group(dana)
    assert found
    hrefs = [found["_links"]["groupContacts"]["href"], dana.href("people", "myGroupMemberships")]
    answers = batches.ask(dana, *map(batches.get, hrefs))
    assert batches.statuses(answers) == [200, 200]
    assert b"Chris Barry" in answers[0].body


def test_they_are_kept(tmp_path: Path, clock: Clock) -> None:
    with installed(tmp_path, clock) as installation:
        installation.sign_in(CHRIS)
        add(installation.sign_in(), CHRIS.uri)
    with installed(tmp_path, clock) as installation:
        organizers = installation.transact(
            lambda tx: tx.of(Delegates).organizers(tx.of(Users).by_uri(CHRIS.uri).id)
        )
        assert [one.uri for one in organizers] == [DANA.uri]


def test_the_etag_of_a_contact_tells_nothing_that_is_not_shown(
    installation: Installation, dana: Person, chris: Person
) -> None:
    def change(tx: Transaction) -> None:
        user = tx.of(Users).by_uri(CHRIS.uri)
        assert user is not None
        tx.of(Users).save(msgspec.structs.replace(user, mobile_phone="tel:+14255550199"))

    href = f"{dana.href('people', 'self')}/chris@contoso.com"
    before = dana.get(href).headers["ETag"]
    installation.transact(change)
    assert dana.get(href).headers["ETag"] == before
