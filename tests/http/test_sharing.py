"""Meetings that are shared: who may do what, and under whose rules."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openucwa.domain.people import Profile
from openucwa.store.tables.delegates import Delegates
from openucwa.store.tables.users import Users
from tests.installation import (
    CHRIS,
    DANA,
    DEPLOYMENT,
    Clock,
    Installation,
    Person,
    installed,
    play_back_name,
)

ROBIN = Profile(uri="sip:Robin@contoso.com", name="Robin Counts")


@pytest.fixture
def chris(installation: Installation) -> Person:
    return installation.sign_in(CHRIS)


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly", attendees=["sip:Robin@contoso.com"])


OF_OTHERS = {
    "myRole": "Editor",
    "organizerName": "Dana Birkby",
    "organizerEmailAddress": "danab@contoso.com",
}
"""What is served of a meeting of somebody else alone."""


def link(resource: Mapping[str, Any], rel: str) -> str:
    found: str = resource["_links"][rel]["href"]
    return found


def share(
    person: Person, meeting: Mapping[str, Any], uri: str = CHRIS.uri, role: str = "Editor"
) -> dict[str, Any]:
    answer = person.post(link(meeting, "onlineMeetingShares"), json={"uri": uri, "role": role})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == link(found, "self")
    assert answer.headers["ETag"] == f'"{found["etag"]}"'
    return found


def shared(person: Person) -> list[dict[str, Any]]:
    answer = person.get(person.href("onlineMeetings", "sharedOnlineMeetings"))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json().get("_embedded", {}).get("sharedOnlineMeeting", [])
    return found


def test_an_editor_sees_and_changes_the_same_meeting(
    dana: Person, chris: Person, meeting: dict[str, Any]
) -> None:
    share(dana, meeting)
    (found,) = shared(chris)
    assert found["rel"] == "sharedOnlineMeeting"
    assert {name: found[name] for name in OF_OTHERS} == OF_OTHERS
    own = dana.get(link(meeting, "self")).json()
    assert {**own, "rel": 0, "_links": 0} == {
        **{name: value for name, value in found.items() if name not in OF_OTHERS},
        "rel": 0,
        "_links": 0,
    }
    assert link(found, "self").endswith(f"/sharedOnlineMeetings/danab/{meeting['onlineMeetingId']}")
    assert "onlineMeetingShares" not in found["_links"]
    answer = chris.put({**found, "subject": "Moved"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["subject"] == "Moved"
    assert answer.json()["organizerUri"] == "sip:Dana@contoso.com"
    own = dana.get(link(meeting, "self")).json()
    assert (own["subject"], own["etag"]) == ("Moved", answer.json()["etag"])
    stale = dana.put({**meeting, "subject": "Mine"})
    assert stale.status_code == 412


def test_a_stale_editor_is_told_who_changed_it(
    dana: Person, chris: Person, meeting: dict[str, Any]
) -> None:
    share(dana, meeting)
    (found,) = shared(chris)
    assert dana.put({**meeting, "subject": "Hers"}).status_code == 200
    answer = chris.request(
        "PUT",
        link(found, "self"),
        json={**found, "description": "His"},
        headers={"If-Match": f'"{found["etag"]}"', "Prefer": "return=representation"},
    )
    assert answer.status_code == 412
    told = answer.json()
    assert told["changedBy"] == "sip:Dana@contoso.com"
    assert told["changedProperties"] == ["subject"]
    assert told["_embedded"]["sharedOnlineMeeting"]["myRole"] == "Editor"
    merged = chris.post(link(found, "onlineMeetingMerge"), json={**found, "description": "His"})
    assert merged.status_code == 200, merged.text
    assert (merged.json()["subject"], merged.json()["description"]) == ("Hers", "His")
    saved = chris.request(
        "PUT",
        link(found, "self"),
        json=merged.json(),
        headers={"If-Match": f'"{merged.json()["etag"]}"'},
    )
    assert saved.status_code == 200, saved.text
    versions = chris.get(link(found, "onlineMeetingVersions")).json()
    authors = [one["changedBy"] for one in versions["_embedded"]["onlineMeetingVersion"]]
    assert authors == ["sip:Chris@contoso.com", "sip:Dana@contoso.com", "sip:Dana@contoso.com"]
    oldest = versions["_embedded"]["onlineMeetingVersion"][-1]
    assert chris.get(link(oldest, "self")).json()["subject"] == "Weekly"


def test_an_editor_may_neither_cancel_nor_share_on(
    dana: Person, chris: Person, meeting: dict[str, Any]
) -> None:
    given = share(dana, meeting)
    (found,) = shared(chris)
    here = link(found, "self")
    for answer in (
        chris.delete(here),
        chris.get(f"{here}/shares"),
        chris.post(f"{here}/shares", json={"uri": ROBIN.uri}),
        chris.delete(f"{here}/shares/{given['shareId']}"),
    ):
        assert answer.status_code == 403, answer.text
        assert answer.json()["code"] == "Forbidden"
        assert "organizer" in answer.json()["message"]
    assert dana.get(link(meeting, "self")).status_code == 200


def test_a_reader_only_reads(dana: Person, chris: Person, meeting: dict[str, Any]) -> None:
    extension = dana.post(
        link(meeting, "onlineMeetingExtensions"), json={"id": "notes", "room": "5"}
    ).json()
    share(dana, meeting, role="Reader")
    (found,) = shared(chris)
    assert found["myRole"] == "Reader"
    assert "onlineMeetingMerge" not in found["_links"]
    (kept,) = found["_embedded"]["onlineMeetingExtension"]
    assert kept["room"] == extension["room"]
    for answer in (
        chris.put({**found, "subject": "Moved"}),
        chris.put({**found, "subject": "Moved"}, if_match='"1"'),
        chris.post(f"{link(found, 'self')}/merge", json=found),
        chris.put({**kept, "room": "6"}),
        chris.delete(link(kept, "self")),
        chris.post(link(found, "onlineMeetingExtensions"), json={"id": "more"}),
    ):
        assert answer.status_code == 403, answer.text
    assert chris.get(link(found, "onlineMeetingVersions")).status_code == 200
    assert dana.get(link(meeting, "self")).json()["subject"] == "Weekly"


def test_an_editor_keeps_extensions(dana: Person, chris: Person, meeting: dict[str, Any]) -> None:
    share(dana, meeting)
    (found,) = shared(chris)
    answer = chris.post(link(found, "onlineMeetingExtensions"), json={"id": "notes", "room": "5"})
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert "/sharedOnlineMeetings/danab/" in link(kept, "self")
    changed = chris.put({**kept, "room": "6"})
    assert changed.status_code == 200, changed.text
    listed = dana.get(link(meeting, "onlineMeetingExtensions")).json()
    assert [one["room"] for one in listed["_embedded"]["onlineMeetingExtension"]] == ["6"]
    assert chris.delete(link(kept, "self")).status_code == 204


def test_shares_have_versions_of_their_own(
    dana: Person, chris: Person, meeting: dict[str, Any]
) -> None:
    given = share(dana, meeting)
    assert (given["uri"], given["name"], given["role"]) == (CHRIS.uri, "Chris Barry", "Editor")
    assert dana.get(link(meeting, "self")).json()["etag"] == meeting["etag"]
    answer = dana.put({**given, "role": "Reader"})
    assert answer.status_code == 200, answer.text
    assert dana.put({**given, "role": "Editor"}).status_code == 412
    assert dana.put(meeting).status_code == 200
    (found,) = shared(chris)
    assert found["myRole"] == "Reader"
    listed = dana.get(link(meeting, "onlineMeetingShares")).json()
    assert listed["_embedded"]["onlineMeetingShare"] == [answer.json()]
    assert dana.delete(link(given, "self")).status_code == 204
    assert shared(chris) == []
    assert chris.get(link(found, "self")).status_code == 404
    assert dana.get(link(given, "self")).status_code == 404


def test_the_organizer_has_her_own_meetings_in_her_own_place_only(
    dana: Person, chris: Person, meeting: dict[str, Any]
) -> None:
    share(dana, meeting)
    assert shared(dana) == []
    there = dana.href("onlineMeetings", "sharedOnlineMeetings")
    assert dana.get(f"{there}/danab/{meeting['onlineMeetingId']}").status_code == 404
    listed = chris.get(chris.meetings).json()["_embedded"]
    assert "myOnlineMeeting" not in listed


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("sip:Dana@contoso.com", "is the organizer"),
        ("dana@CONTOSO.com", "is the organizer"),
        ("sip:nobody@contoso.com", "is not a user"),
        ("sip:alex@fabrikam.com", "is not an address of contoso.com"),
        ("Chris", "must be the SIP address"),
        ("", "must be the SIP address"),
        ("sip:" + "x" * 300 + "@contoso.com", "must be the SIP address"),
    ],
)
def test_who_can_not_be_given_a_share(
    dana: Person, meeting: dict[str, Any], uri: str, said: str
) -> None:
    answer = dana.post(link(meeting, "onlineMeetingShares"), json={"uri": uri})
    assert answer.status_code == 400
    told = answer.json()
    assert (told["code"], told["subcode"]) == ("BadRequest", "ParameterValidationFailure")
    assert said in told["message"]


def test_wrong_roles_and_what_is_missing(dana: Person, meeting: dict[str, Any]) -> None:
    shares = link(meeting, "onlineMeetingShares")
    for body in ({"uri": CHRIS.uri, "role": "Owner"}, {"role": "Editor"}, {}):
        answer = dana.post(shares, json=body)
        assert answer.status_code == 400, answer.text
        assert answer.json()["subcode"] == "ParameterValidationFailure"


def test_sharing_twice(dana: Person, chris: Person, meeting: dict[str, Any]) -> None:
    share(dana, meeting)
    answer = dana.post(link(meeting, "onlineMeetingShares"), json={"uri": "Chris@contoso.com"})
    assert answer.status_code == 409
    assert answer.json()["subcode"] == "AlreadyExists"
    assert "Chris Barry" in answer.json()["message"]


def test_a_meeting_is_shared_with_25_people_at_most(
    installation: Installation, dana: Person, meeting: dict[str, Any]
) -> None:
    for number in range(25):
        uri = f"sip:p{number}@contoso.com"
        installation.add_user(Profile(uri=uri, name=f"P {number}"))
        share(dana, meeting, uri)
    installation.add_user(ROBIN)
    answer = dana.post(link(meeting, "onlineMeetingShares"), json={"uri": ROBIN.uri})
    assert answer.status_code == 403
    assert (answer.json()["code"], answer.json()["subcode"]) == ("Forbidden", "LimitExceeded")


def test_the_random_member_is_demanded_of_all(
    dana: Person, chris: Person, meeting: dict[str, Any]
) -> None:
    share(dana, meeting)
    (found,) = shared(chris)
    name = play_back_name(found)
    assert name == play_back_name(meeting)
    answer = chris.put({key: value for key, value in found.items() if key != name})
    assert answer.status_code == 400


def listen(person: Person) -> str:
    """The address of the next events, once those so far have been told."""
    package = person.get(person.href("events") + "&extended=true").json()
    found: str = package["_links"]["next"]["href"]
    return found


def told(person: Person, href: str) -> list[tuple[str, str]]:
    package = person.get(href).json()
    return [
        (event["link"]["rel"], event["type"])
        for sender in package["sender"]
        for event in sender["events"]
    ]


def test_who_may_not_know_is_not_told_of_deletions(tmp_path: Path, clock: Clock) -> None:
    """A delegate, while policy does not let delegates change meetings."""
    policy = msgspec.structs.replace(DEPLOYMENT.policy("default"), delegates_change_meetings=False)
    without = msgspec.structs.replace(DEPLOYMENT, policies={"default": policy})
    with installed(tmp_path, clock, without) as installation:
        dana, chris = installation.sign_in(), installation.sign_in(CHRIS)
        installation.transact(
            lambda tx: tx.of(Delegates).add(
                tx.of(Users).by_uri(DANA.uri), tx.of(Users).by_uri(CHRIS.uri)
            )
        )
        robin = installation.sign_in(ROBIN)
        meeting = dana.schedule(subject="Weekly")
        extension = dana.post(link(meeting, "onlineMeetingExtensions"), json={"id": "notes"}).json()
        given = share(dana, meeting, ROBIN.uri)
        his, hers = listen(chris), listen(robin)
        for one in (extension, given, meeting):
            assert dana.delete(link(one, "self")).status_code == 204
        assert told(chris, his) == []
        assert ("sharedOnlineMeeting", "deleted") in told(robin, hers)


def test_a_meeting_in_another_role_is_another_representation(
    dana: Person, chris: Person, meeting: dict[str, Any]
) -> None:
    """One ETag stands for the meeting, and not for the role in which it is seen."""
    given = share(dana, meeting)
    (found,) = shared(chris)
    known = {"If-None-Match": f'"{found["etag"]}"'}
    dana.put({**given, "role": "Reader"})
    assert chris.get(link(found, "self"), **known).json()["myRole"] == "Reader"
    own = {"If-None-Match": f'"{meeting["etag"]}"'}
    assert dana.get(link(meeting, "self"), **own).status_code == 304
    schedule = dana.get(link(meeting, "onlineMeetingSchedule")).json()
    times = {"startTime": "2026-11-30T09:00Z", "endTime": "2026-11-30T09:45Z"}
    assert dana.put({**schedule, **times}).status_code == 200
    assert dana.get(link(meeting, "self"), **own).status_code == 200
