"""Who changed a meeting, with which application and for whom: history, 412, merge and events."""

from typing import Any
from xml.etree import ElementTree

import pytest

from openucwa.store.belongings import Belongings
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.http.test_delegates import add
from tests.http.test_formats import told
from tests.http.test_sharing import share, shared
from tests.installation import XML, Clock, Installation, Person

AT = ("changedAt", "changedProperties")
CHRIS = {"changedBy": "sip:Chris@contoso.com", "changedByName": "Chris Barry"}
CHRIS_FOR_DANA = {
    **CHRIS,
    "changedWith": "Calendar 2 on tablet",
    "changedOnBehalfOf": "sip:Dana@contoso.com",
}
DANA = {
    "changedBy": "sip:Dana@contoso.com",
    "changedByName": "Dana Birkby",
    "changedWith": "test",
}


def who(found: dict[str, Any]) -> dict[str, Any]:
    """What is told of the author."""
    return {
        name: value
        for name, value in found.items()
        if name.startswith("changed") and name not in AT
    }


def versions(person: Person, meeting: dict[str, Any]) -> list[dict[str, Any]]:
    answer = person.get(meeting["_links"]["onlineMeetingVersions"]["href"])
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["_embedded"]["onlineMeetingVersion"]
    return found


def stale(person: Person, meeting: dict[str, Any], **headers: str) -> Any:
    return person.request(
        "PUT",
        meeting["_links"]["self"]["href"],
        json=meeting,
        headers={
            "If-Match": f'"{meeting["etag"]}"',
            "Prefer": "return=representation",
            **headers,
        },
    )


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly")


@pytest.fixture
def delegated(dana: Person, chris: Person, meeting: dict[str, Any]) -> None:
    """Chris, who acts for Dana, has changed the subject."""
    chris._application = chris.register(userAgent="Calendar 2 on tablet").json()
    assert add(dana, "sip:chris@contoso.com").status_code == 201
    id = meeting["onlineMeetingId"]
    (found,) = [one for one in shared(chris) if one["onlineMeetingId"] == id]
    assert chris.put({**found, "subject": "Moved"}).status_code == 200


def test_the_history_names_author_device_and_organizer(
    dana: Person, meeting: dict[str, Any], delegated: None
) -> None:
    newest, oldest = versions(dana, meeting)
    assert who(newest) == CHRIS_FOR_DANA
    assert who(oldest) == DANA
    assert newest["changedProperties"] == ["subject"]
    for one in (newest, oldest):
        whole = dana.get(one["_links"]["self"]["href"]).json()
        assert who(whole) == who(one)


def test_the_412_names_author_device_and_organizer(
    dana: Person, meeting: dict[str, Any], delegated: None, clock: Clock
) -> None:
    found = stale(dana, meeting).json()
    assert who(found) == CHRIS_FOR_DANA
    assert found["changedAt"] == f"/Date({int(clock.now.timestamp() * 1000)})/"
    assert found["changedProperties"] == ["subject"]
    assert who(told(stale(dana, meeting, Accept=XML), 412)) == CHRIS_FOR_DANA


def test_the_merge_names_them_too(dana: Person, meeting: dict[str, Any], delegated: None) -> None:
    answer = dana.post(meeting["_links"]["onlineMeetingMerge"]["href"], json=meeting)
    found = answer.json()["_embedded"]
    assert [who(one) for one in found["onlineMeetingVersion"]] == [CHRIS_FOR_DANA]
    assert who(found["onlineMeetingBaseVersion"]) == DANA


def test_another_device_of_the_same_person_is_known_by_its_user_agent(
    installation: Installation, dana: Person, meeting: dict[str, Any]
) -> None:
    phone = installation.sign_in()
    phone._application = phone.register(userAgent="Phone 'Größe' <7>").json()
    current = phone.get(phone.meetings + "/" + meeting["onlineMeetingId"]).json()
    phone.put({**current, "subject": "Moved"})
    assert who(stale(dana, meeting).json()) == {**DANA, "changedWith": "Phone 'Größe' <7>"}
    assert who(told(stale(dana, meeting, Accept=XML), 412))["changedWith"] == "Phone 'Größe' <7>"


def test_of_an_author_who_was_removed_the_device_stays(
    installation: Installation, dana: Person, meeting: dict[str, Any], delegated: None
) -> None:
    def remove(tx: Transaction) -> None:
        chris = tx.of(Users).by_uri("sip:chris@contoso.com")
        assert chris is not None
        tx.of(Belongings).remove(chris)

    installation.transact(remove)
    known = {name: CHRIS_FOR_DANA[name] for name in ("changedWith", "changedOnBehalfOf")}
    assert who(stale(dana, meeting).json()) == known
    assert who(versions(dana, meeting)[0]) == known


def test_versions_from_before_say_nothing_of_a_device(
    installation: Installation, dana: Person, meeting: dict[str, Any]
) -> None:
    installation.transact(
        lambda tx: tx.connection.execute("UPDATE meeting_versions SET client = ''", {})
    )
    (only,) = versions(dana, meeting)
    assert "changedWith" not in only
    assert only["changedByName"] == "Dana Birkby"


def test_all_authors_of_a_history_are_looked_up_at_once_and_never_the_viewer(
    installation: Installation,
    dana: Person,
    meeting: dict[str, Any],
    delegated: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[set[int]] = []
    original = Users.some

    def watched(users: Users, ids: set[int]) -> dict[int, Any]:
        asked.append(ids)
        return original(users, ids)

    monkeypatch.setattr(Users, "some", watched)
    current = dana.get(meeting["_links"]["self"]["href"]).json()
    dana.put({**current, "subject": "Mine"})
    stale(dana, meeting)
    assert asked == []  # the latest change is her own
    versions(dana, meeting)
    assert [len(ids) for ids in asked[:1]] == [1]
    assert len(asked) == 2  # once in JSON and once in XML


class TestEvents:
    def told(self, dana: Person, **headers: str) -> Any:
        return dana.get(dana.href("events") + "&extended=true", **headers)

    def test_tell_who(
        self, dana: Person, meeting: dict[str, Any], request: pytest.FixtureRequest, clock: Clock
    ) -> None:
        dana.href("events")
        request.getfixturevalue("delegated")
        told = [one for sender in self.told(dana).json()["sender"] for one in sender["events"]]
        (event,) = [one for one in told if one["link"]["rel"] == "myOnlineMeeting"]
        assert who(event) == CHRIS_FOR_DANA
        assert event["changedAt"] == f"/Date({int(clock.now.timestamp() * 1000)})/"
        assert event["_embedded"]["myOnlineMeeting"]["subject"] == "Moved"

    def test_tell_what_has_changed_since_the_version_before(
        self, dana: Person, meeting: dict[str, Any]
    ) -> None:
        package = self.told(dana).json()
        (event,) = package["sender"][0]["events"]
        assert (event["type"], who(event)) == ("added", DANA)
        assert "changedProperties" not in event
        current = dana.put({**meeting, "subject": "Moved"}).json()
        dana.put({**current, "description": "Why"})
        (event,) = dana.get(package["_links"]["next"]["href"]).json()["sender"][0]["events"]
        assert (event["type"], event["changedProperties"]) == ("updated", ["description"])

    def test_tell_it_in_xml(self, dana: Person, meeting: dict[str, Any], delegated: None) -> None:
        root = ElementTree.fromstring(  # noqa: S314 - the server's own
            self.told(dana, Accept=XML).content
        )
        space = "{http://schemas.microsoft.com/rtc/2012/03/ucwa}"
        event = root.find(f"{space}sender/{space}added")
        assert event is not None
        found = {one.attrib["name"]: one.text for one in event.findall(f"{space}property")}
        assert who(found) == CHRIS_FOR_DANA
        (listed,) = event.findall(f"{space}propertyList")
        assert listed.attrib == {"name": "changedProperties"}
        assert [item.text for item in listed] == ["subject"]

    def test_tell_nothing_of_it_without_extended(
        self, dana: Person, meeting: dict[str, Any], delegated: None
    ) -> None:
        dana.put(dana.application["_embedded"]["communication"])
        answer = dana.get(dana.href("events"))
        assert "changed" not in answer.text
        assert [one["rel"] for one in answer.json()["sender"]] == ["communication"]

    def test_tell_an_editor_who(
        self, installation: Installation, dana: Person, meeting: dict[str, Any], chris: Person
    ) -> None:
        """She is told of herself like everybody else, and not as of a delegate."""
        share(dana, meeting)
        href = chris.href("events") + "&extended=true"
        (found,) = shared(chris)
        assert chris.put({**found, "subject": "Hers"}).status_code == 200
        (event,) = [
            event
            for sender in chris.get(href).json()["sender"]
            for event in sender["events"]
            if event["link"]["rel"] == "sharedOnlineMeeting"
        ]
        assert who(event) == {**CHRIS, "changedWith": "test"}
        dana.put({**dana.get(meeting["_links"]["self"]["href"]).json(), "subject": "Back"})
        package = chris.get(href.replace("ack=1", "ack=2")).json()
        (event,) = package["sender"][0]["events"]
        assert (event["link"]["rel"], who(event)) == ("sharedOnlineMeeting", DANA)

    def test_say_nothing_of_what_has_gone(self, dana: Person, meeting: dict[str, Any]) -> None:
        package = self.told(dana).json()
        dana.delete(meeting["_links"]["self"]["href"])
        (event,) = dana.get(package["_links"]["next"]["href"]).json()["sender"][0]["events"]
        assert (event["type"], who(event)) == ("deleted", {})
