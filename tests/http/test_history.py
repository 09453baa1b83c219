"""The history of a meeting, and restoring what it was."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openucwa.domain.deployment import Limits
from openucwa.store.tables.meeting_versions import MeetingVersions
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.users import Users
from tests.installation import CHRIS, DEPLOYMENT, Clock, Installation, Person, installed

DETAILS = (
    "accessLevel",
    "entryExitAnnouncement",
    "attendees",
    "automaticLeaderAssignment",
    "description",
    "expirationTime",
    "leaders",
    "phoneUserAdmission",
    "lobbyBypassForPhoneUsers",
    "subject",
)


def href(meeting: dict[str, Any]) -> str:
    found: str = meeting["_links"]["onlineMeetingVersions"]["href"]
    return found


def versions(person: Person, meeting: dict[str, Any]) -> list[dict[str, Any]]:
    answer = person.get(href(meeting))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["_embedded"]["onlineMeetingVersion"]
    return found


def whole(person: Person, version: dict[str, Any]) -> dict[str, Any]:
    answer = person.get(version["_links"]["self"]["href"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def decided(meeting: dict[str, Any]) -> dict[str, Any]:
    return {name: meeting.get(name) for name in DETAILS}


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly", attendees=["sip:Chris@contoso.com"])


def test_tells_who_changed_what_and_when_newest_first(
    dana: Person, meeting: dict[str, Any], clock: Clock
) -> None:
    times = [clock.now]
    current = meeting
    for change in ({"subject": "Moved"}, {"accessLevel": "Everyone", "description": "Why"}):
        clock.advance(timedelta(minutes=1))
        times.insert(0, clock.now)
        current = dana.put({**current, **change}).json()
    found = versions(dana, meeting)
    assert [one["changedBy"] for one in found] == ["sip:Dana@contoso.com"] * 3
    assert [one["changedAt"] for one in found] == [
        f"/Date({int(time.timestamp() * 1000)})/" for time in times
    ]
    assert [one.get("changedProperties") for one in found] == [
        ["accessLevel", "description"],
        ["subject"],
        None,
    ]
    assert [found[0]["etag"], found[2]["etag"]] == [current["etag"], meeting["etag"]]
    assert not {*DETAILS} & {name for one in found for name in one}


def test_each_version_says_what_the_meeting_was(dana: Person, meeting: dict[str, Any]) -> None:
    moved = dana.put({**meeting, "subject": "Moved", "expirationTime": "2027-01-01T00:00:00Z"})
    newest, oldest = (whole(dana, one) for one in versions(dana, meeting))
    assert decided(newest) == decided(moved.json())
    assert decided(oldest) == decided(meeting)
    assert newest["changedProperties"] == ["expirationTime", "subject"]
    assert "changedProperties" not in oldest


def test_has_the_etag_of_its_meeting_or_version(dana: Person, meeting: dict[str, Any]) -> None:
    tag = f'"{meeting["etag"]}"'
    version = versions(dana, meeting)[0]["_links"]["self"]["href"]
    for place in (href(meeting), version):
        assert dana.get(place).headers["ETag"] == tag
        assert dana.get(place, **{"If-None-Match": tag}).status_code == 304
    dana.put({**meeting, "subject": "Moved"})
    assert dana.get(href(meeting), **{"If-None-Match": tag}).status_code == 200
    assert dana.get(version, **{"If-None-Match": tag}).status_code == 304


def test_restoring_is_a_put(dana: Person, meeting: dict[str, Any]) -> None:
    current = dana.put({**meeting, "subject": "Moved", "attendees": []}).json()
    old = whole(dana, versions(dana, meeting)[1])
    restored = dana.put({**current, **decided(old)}).json()
    assert decided(restored) == decided(meeting)
    assert restored["etag"] not in (meeting["etag"], current["etag"])
    assert versions(dana, meeting)[0]["changedProperties"] == ["attendees", "subject"]


def test_restoring_is_refused_as_any_put(
    dana: Person, meeting: dict[str, Any], clock: Clock
) -> None:
    """Where somebody was faster, or where the old version would not be taken today."""
    current = dana.put({**meeting, "subject": "Moved"}).json()
    old = whole(dana, versions(dana, meeting)[1])
    assert dana.put({**meeting, **decided(old)}).status_code == 412
    clock.advance(timedelta(days=3 * 365))
    late = dana.installation.sign_in()
    href = late.meetings + "/" + meeting["onlineMeetingId"]
    put = {**current, **decided(old), "_links": {"self": {"href": href}}}
    answer = late.put(put)
    assert answer.status_code == 400
    assert answer.json()["parameters"].keys() == {"expirationTime"}


def test_the_standing_meeting_has_a_history(dana: Person) -> None:
    standing = dana.get(dana.href("onlineMeetings", "myAssignedOnlineMeeting")).json()
    dana.put({**standing, "subject": "Office hours"})
    newest, oldest = versions(dana, standing)
    assert newest["changedProperties"] == ["subject"]
    assert oldest["etag"] == standing["etag"]


def test_nobody_else_sees_it(installation: Installation, meeting: dict[str, Any]) -> None:
    chris = installation.sign_in(CHRIS)
    own = chris.schedule()
    there = meeting["onlineMeetingId"], own["onlineMeetingId"]
    assert chris.get(href(own).replace(there[1], there[0])).status_code == 404
    version = versions(chris, own)[0]["_links"]["self"]["href"]
    assert chris.get(version.replace(there[1], there[0])).status_code == 404


def test_goes_with_its_meeting(dana: Person, meeting: dict[str, Any]) -> None:
    version = versions(dana, meeting)[0]["_links"]["self"]["href"]
    dana.delete(meeting["_links"]["self"]["href"])
    assert dana.get(href(meeting)).status_code == 404
    assert dana.get(version).status_code == 404


def test_a_version_has_one_address(dana: Person, meeting: dict[str, Any]) -> None:
    assert dana.get(f"{href(meeting)}/0{meeting['etag']}").status_code == 404


@pytest.mark.parametrize("tag", ["1", "none", "9" * 18, "9" * 19, "-1", "٣", "%00"])
def test_there_is_no_version_that_was_never_written(
    dana: Person, meeting: dict[str, Any], tag: str
) -> None:
    answer = dana.get(f"{href(meeting)}/{tag}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "NotFound"


def test_takes_no_changes(dana: Person, meeting: dict[str, Any]) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = dana.request(method, href(meeting), json={})
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_keeps_as_many_versions_as_there_may_be(tmp_path: Path, clock: Clock) -> None:
    limits = Limits(versions_per_meeting=3)
    with installed(
        tmp_path, clock, msgspec.structs.replace(DEPLOYMENT, limits=limits)
    ) as installation:
        dana = installation.sign_in()
        meeting = current = dana.schedule(subject="0")
        for number in range(1, 5):
            current = dana.put({**current, "subject": str(number)}).json()
        found = versions(dana, meeting)
        assert [whole(dana, one)["subject"] for one in found] == ["4", "3", "2"]
        assert found[-1]["changedProperties"] == ["subject"]
        assert found[0]["etag"] == current["etag"]
        forgotten = href(meeting) + "/" + meeting["etag"]
        assert dana.get(forgotten).status_code == 404


def test_an_author_who_is_not_known_any_more_is_left_out(
    dana: Person, meeting: dict[str, Any]
) -> None:
    def forget(tx: Any) -> None:
        tx.of(Meetings)._connection.execute("UPDATE meeting_versions SET author_id = 999", {})

    dana.installation.transact(forget)
    (only,) = versions(dana, meeting)
    assert "changedBy" not in only
    assert "changedBy" not in whole(dana, only)
    assert whole(dana, only)["subject"] == "Weekly"


def test_a_list_of_meetings_does_not_look_at_their_history(
    dana: Person, meeting: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openucwa.store.tables.meeting_versions.MeetingVersions.of", None)
    assert dana.get(dana.meetings).status_code == 200
    assert dana.get(meeting["_links"]["self"]["href"]).status_code == 200


def test_asks_the_database_as_often_however_many_versions_there_are(
    dana: Person, meeting: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def watch(table: type, name: str) -> None:
        original = getattr(table, name)

        def watched(*arguments: Any, **more: Any) -> Any:
            asked.append(name)
            return original(*arguments, **more)

        monkeypatch.setattr(table, name, watched)

    watch(MeetingVersions, "of")
    watch(Users, "get")
    versions(dana, meeting)
    few = len(asked)
    assert "of" in asked
    current = meeting
    for number in range(20):
        current = dana.put({**current, "subject": str(number)}).json()
    asked.clear()
    assert len(versions(dana, meeting)) == 21
    assert len(asked) == few
