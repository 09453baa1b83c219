"""Merging in the server what a client wants with what has changed meanwhile."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx2 import Response

from openucwa.domain.deployment import Limits
from tests.installation import CHRIS, DEPLOYMENT, XML, Clock, Installation, Person, installed


def merge(person: Person, mine: dict[str, Any]) -> Response:
    return person.post(mine["_links"]["onlineMeetingMerge"]["href"], json=mine)


def merged(person: Person, mine: dict[str, Any]) -> dict[str, Any]:
    answer = merge(person, mine)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def current(person: Person, meeting: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = person.get(meeting["_links"]["self"]["href"]).json()
    return found


@pytest.fixture
def base(dana: Person) -> dict[str, Any]:
    return dana.schedule(
        subject="Weekly",
        description="Agenda\n\nNumbers\nPlans\n\nBye",
        attendees=["sip:Chris@contoso.com"],
    )


def test_keeps_what_either_side_has_changed(dana: Person, base: dict[str, Any]) -> None:
    theirs = dana.put(
        {**base, "description": "Agenda\n\nFigures\nPlans\n\nBye", "attendees": []}
    ).json()
    answer = merge(
        dana,
        {
            **base,
            "subject": "Q3 review",
            "description": base["description"] + "\nNotes",
            "attendees": ["sip:Chris@contoso.com", "sip:Alex@contoso.com"],
        },
    )
    found = answer.json()
    assert found["subject"] == "Q3 review"
    assert found["description"] == "Agenda\n\nFigures\nPlans\n\nBye\nNotes"
    assert found["attendees"] == ["sip:Alex@contoso.com"]
    assert found["conflictingProperties"] == []
    assert found["myProperties"] == ["attendees", "description", "subject"]
    assert found["theirProperties"] == ["attendees", "description"]
    assert found["etag"] == theirs["etag"]
    assert answer.headers["ETag"] == f'"{theirs["etag"]}"'
    assert "Location" not in answer.headers


def test_tells_what_somebody_has_to_decide(dana: Person, base: dict[str, Any]) -> None:
    theirs = dana.put({**base, "subject": "Weekly (moved)", "accessLevel": "Everyone"}).json()
    found = merged(
        dana,
        {
            **base,
            "subject": "Q3 review",
            "lobbyBypassForPhoneUsers": "Enabled",
            "description": "Mine",
        },
    )
    assert found["conflictingProperties"] == ["accessLevel", "lobbyBypassForPhoneUsers", "subject"]
    assert found["myProperties"] == ["description"]
    assert found["theirProperties"] == []
    assert found["description"] == "Mine"
    for name in found["conflictingProperties"]:
        assert found[name] == theirs[name]
        assert found["_embedded"]["onlineMeetingBaseVersion"][name] == base[name]


def test_tells_who_has_changed_what_since_the_base(dana: Person, base: dict[str, Any]) -> None:
    dana.put({**base, "subject": "First"})
    moved = dana.put({**current(dana, base), "subject": "Second"}).json()
    dana.put({**moved, "attendees": []})
    found = merged(dana, {**base, "description": "Mine"})["_embedded"]
    assert [one["changedProperties"] for one in found["onlineMeetingVersion"]] == [
        ["attendees"],
        ["subject"],
        ["subject"],
    ]
    assert {one["changedBy"] for one in found["onlineMeetingVersion"]} == {"sip:Dana@contoso.com"}
    assert found["onlineMeetingBaseVersion"]["etag"] == base["etag"]


def test_the_answer_can_be_put_as_it_is(dana: Person, base: dict[str, Any]) -> None:
    dana.put({**base, "attendees": []})
    found = merged(dana, {**base, "subject": "Mine"})
    answer = dana.request(
        "PUT",
        base["_links"]["self"]["href"],
        json=found,
        headers={"If-Match": f'"{found["etag"]}"'},
    )
    assert answer.status_code == 200, answer.text
    assert (answer.json()["subject"], answer.json()["attendees"]) == ("Mine", [])


def test_writes_nothing(dana: Person, base: dict[str, Any]) -> None:
    merged(dana, {**base, "subject": "Mine"})
    assert current(dana, base) == base


def test_of_the_current_version_it_is_what_is_wanted(dana: Person, base: dict[str, Any]) -> None:
    found = merged(dana, {**base, "subject": "Mine"})
    assert found["subject"] == "Mine"
    assert found["conflictingProperties"] == found["theirProperties"] == []
    assert "onlineMeetingVersion" not in found["_embedded"]


def test_does_not_mind_if_match(dana: Person, base: dict[str, Any]) -> None:
    """A client sends its PUT once more: the base is the etag of the body."""
    dana.put({**base, "attendees": []})
    answer = dana.post(
        base["_links"]["onlineMeetingMerge"]["href"],
        json={**base, "subject": "Mine"},
        headers={"If-Match": f'"{base["etag"]}"'},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("tag", ["1", "none", "9" * 18, "9" * 30, "-1"])
def test_a_version_that_is_not_kept_is_told(dana: Person, base: dict[str, Any], tag: str) -> None:
    answer = merge(dana, {**base, "etag": tag})
    assert (answer.status_code, answer.json()["subcode"]) == (404, "VersionNotFound")


def test_a_version_that_was_forgotten_is_told(tmp_path: Path, clock: Clock) -> None:
    few = msgspec.structs.replace(DEPLOYMENT, limits=Limits(versions_per_meeting=2))
    with installed(tmp_path, clock, few) as installation:
        dana = installation.sign_in()
        base = dana.schedule(subject="0")
        dana.put({**base, "subject": "1"})
        assert merge(dana, base).status_code == 200
        dana.put({**current(dana, base), "subject": "2"})
        answer = merge(dana, base)
        assert (answer.status_code, answer.json()["subcode"]) == (404, "VersionNotFound")


def test_what_is_missing_is_named(dana: Person, base: dict[str, Any]) -> None:
    """A body without these can't be one that PUT would be sent."""
    answer = dana.post(base["_links"]["onlineMeetingMerge"]["href"], json={"subject": "Mine"})
    assert answer.status_code == 400
    assert answer.json()["parameters"].keys() == {
        "accessLevel",
        "automaticLeaderAssignment",
        "entryExitAnnouncement",
        "etag",
        "lobbyBypassForPhoneUsers",
    }


def test_what_put_would_refuse_is_refused(dana: Person, base: dict[str, Any]) -> None:
    answer = merge(dana, {**base, "attendees": ["nobody"], "leaders": ["sip:a@fabrikam.com"]})
    assert answer.status_code == 400
    assert answer.json()["parameters"].keys() == {"attendees", "leaders"}


def test_the_standing_meeting_is_merged_alike(dana: Person) -> None:
    base = dana.get(dana.href("onlineMeetings", "myAssignedOnlineMeeting")).json()
    dana.put({**base, "description": "Theirs"})
    found = merged(dana, {**base, "subject": "Mine"})
    assert (found["subject"], found["description"]) == ("Mine", "Theirs")
    assert "expirationTime" not in found


def test_nobody_else_merges(installation: Installation, base: dict[str, Any]) -> None:
    chris = installation.sign_in(CHRIS)
    href = chris.schedule()["_links"]["onlineMeetingMerge"]["href"]
    ids = href.split("/")[-2], base["onlineMeetingId"]
    assert chris.post(href.replace(*ids), json=base).status_code == 404


def test_a_meeting_that_was_deleted_is_not_there(dana: Person, base: dict[str, Any]) -> None:
    dana.delete(base["_links"]["self"]["href"])
    answer = merge(dana, base)
    assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")
    assert "subcode" not in answer.json()


def test_can_only_be_posted(dana: Person, base: dict[str, Any]) -> None:
    answer = dana.get(base["_links"]["onlineMeetingMerge"]["href"])
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")


def test_in_xml(dana: Person, base: dict[str, Any]) -> None:
    dana.put({**base, "attendees": []})
    body = f"""<input xmlns="http://schemas.microsoft.com/rtc/2012/03/ucwa">
        <property name="accessLevel">SameEnterprise</property>
        <property name="entryExitAnnouncement">{base["entryExitAnnouncement"]}</property>
        <property name="automaticLeaderAssignment">{base["automaticLeaderAssignment"]}</property>
        <property name="lobbyBypassForPhoneUsers">{base["lobbyBypassForPhoneUsers"]}</property>
        <propertyList name="attendees"><item>sip:Chris@contoso.com</item></propertyList>
        <property name="description">Mine</property>
        <property name="subject">Weekly</property>
        <property name="etag">{base["etag"]}</property>
    </input>"""
    answer = dana.post(
        base["_links"]["onlineMeetingMerge"]["href"],
        content=body,
        headers={"Content-Type": XML, "Accept": XML},
    )
    assert answer.status_code == 200, answer.text
    assert '<property name="description">Mine</property>' in answer.text
    assert '<propertyList name="conflictingProperties"' in answer.text
    assert 'rel="onlineMeetingBaseVersion"' in answer.text
