"""The time of a meeting: onlineMeetingSchedule, an extension."""

from typing import Any

import pytest

from tests.http.test_sharing import share, shared
from tests.inputs import in_xml
from tests.installation import Clock, Person, play_back_name

START, END = "2026-11-30T09:00:00Z", "2026-11-30T09:45:00Z"
SERVED = {
    "startTime": "/Date(1796029200000)/",
    "endTime": "/Date(1796031900000)/",
    "timeZone": "Europe/Berlin",
}
EIGHT_HOURS_LATER = "/Date(1796060700000)/"
IN_XML = {"Content-Type": "application/xml"}


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly")


def of(dana: Person, meeting: dict[str, Any]) -> dict[str, Any]:
    answer = dana.get(meeting["_links"]["onlineMeetingSchedule"]["href"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["ETag"] == f'"{found["etag"]}"'
    return found


def current(dana: Person, meeting: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dana.get(meeting["_links"]["self"]["href"]).json()
    return found


def moved(dana: Person, schedule: dict[str, Any], **members: Any) -> dict[str, Any]:
    answer = dana.put({**schedule, **members})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def times(schedule: dict[str, Any]) -> dict[str, Any]:
    return {name: schedule[name] for name in SERVED if name in schedule}


def test_is_there_without_a_time(dana: Person, meeting: dict[str, Any]) -> None:
    schedule = of(dana, meeting)
    assert (schedule["rel"], times(schedule)) == ("onlineMeetingSchedule", {})
    assert "onlineMeetingSchedule" not in meeting.get("_embedded", {})
    assert of(dana, dana.schedule())["etag"] == schedule["etag"]


def test_put_sets_a_time_and_moves_it(dana: Person, meeting: dict[str, Any]) -> None:
    first = moved(dana, of(dana, meeting), startTime=START, endTime=END, timeZone="Europe/Berlin")
    assert times(first) == SERVED
    assert of(dana, meeting) == first
    assert current(dana, meeting)["_embedded"]["onlineMeetingSchedule"] == first
    second = moved(dana, first, endTime="2026-11-30T10:00:00Z", timeZone=None)
    assert times(second) == {
        **SERVED,
        "endTime": "/Date(1796032800000)/",
        "timeZone": "UTC",
    }
    assert int(second["etag"]) > int(first["etag"])


def test_put_is_guarded_like_that_of_a_meeting(dana: Person, meeting: dict[str, Any]) -> None:
    none = {**of(dana, meeting), "startTime": START, "endTime": END}
    href = none["_links"]["self"]["href"]
    assert dana.request("PUT", href, json=none).status_code == 428
    name = play_back_name(none)
    answer = dana.put({key: value for key, value in none.items() if key != name})
    assert list(answer.json()["parameters"]) == [name]
    first = moved(dana, none)
    answer = dana.request(
        "PUT",
        href,
        json=none,
        headers={"If-Match": f'"{none["etag"]}"', "Prefer": "return=representation"},
    )
    assert answer.status_code == 412
    assert answer.json()["_embedded"]["onlineMeetingSchedule"] == first
    assert answer.json()["changedBy"] == "sip:Dana@contoso.com"
    assert answer.json()["changedByName"] == "Dana Birkby"
    assert answer.json()["changedWith"] == "test"
    assert answer.json()["changedAt"] == "/Date(1795348800123)/"
    assert of(dana, meeting) == first


def test_no_etag_comes_back_when_the_time_is_taken_away(
    dana: Person, meeting: dict[str, Any]
) -> None:
    none = of(dana, meeting)
    href = none["_links"]["self"]["href"]
    assert dana.delete(href).status_code == 204
    assert of(dana, meeting) == none
    first = moved(dana, none, startTime=START, endTime=END)
    assert dana.delete(href, **{"If-Match": f'"{none["etag"]}"'}).status_code == 412
    assert dana.delete(href, **{"If-Match": f'"{first["etag"]}"'}).status_code == 204
    without = of(dana, meeting)
    assert times(without) == {}
    assert len({none["etag"], first["etag"], without["etag"]}) == 3
    assert "_embedded" not in current(dana, meeting)
    assert dana.put({**first, "endTime": "2026-11-30T10:00:00Z"}).status_code == 412


def test_a_change_of_the_time_leaves_the_meeting(dana: Person, meeting: dict[str, Any]) -> None:
    """So no draft of the meeting is stale for it."""
    meeting = dana.put({**meeting, "expirationTime": "2026-12-24T12:00:00Z"}).json()
    moved(dana, of(dana, meeting), startTime=START, endTime=END)
    assert current(dana, meeting)["etag"] == meeting["etag"]
    assert dana.put({**meeting, "subject": "Q3 review"}).status_code == 200


def test_put_of_who_does_not_know_keeps_the_time(dana: Person) -> None:
    meeting = dana.schedule(startTime=START, endTime=END, timeZone="Europe/Berlin")
    foreign = {name: value for name, value in meeting.items() if name != "_embedded"}
    changed = dana.put({**foreign, "subject": "Changed elsewhere"}).json()
    assert times(changed["_embedded"]["onlineMeetingSchedule"]) == SERVED
    assert of(dana, meeting) == changed["_embedded"]["onlineMeetingSchedule"]


@pytest.mark.parametrize("format", ["JSON", "XML"])
def test_a_meeting_is_scheduled_with_a_time(dana: Person, format: str) -> None:
    wanted = {"subject": "Weekly", "startTime": START, "endTime": END, "timeZone": "Europe/Berlin"}
    if format == "JSON":
        meeting = dana.schedule(**wanted)
    else:
        answer = dana.post(dana.meetings, content=in_xml(wanted), headers=IN_XML)
        assert answer.status_code == 200, answer.text
        meeting = answer.json()
    assert times(meeting["_embedded"]["onlineMeetingSchedule"]) == SERVED
    assert of(dana, meeting) == meeting["_embedded"]["onlineMeetingSchedule"]
    assert meeting["expirationTime"] == EIGHT_HOURS_LATER
    (listed,) = (
        one
        for one in dana.get(dana.meetings).json()["_embedded"]["myOnlineMeeting"]
        if one["onlineMeetingId"] == meeting["onlineMeetingId"]
    )
    assert listed == meeting


def test_put_in_xml(dana: Person, meeting: dict[str, Any]) -> None:
    schedule = of(dana, meeting)
    wanted = {**SERVED, "startTime": START, "endTime": END}
    answer = dana.request(
        "PUT",
        schedule["_links"]["self"]["href"],
        content=in_xml({**wanted, play_back_name(schedule): "please pass this in a PUT request"}),
        headers={**IN_XML, "If-Match": f'"{schedule["etag"]}"'},
    )
    assert answer.status_code == 200, answer.text
    assert times(answer.json()) == SERVED


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({"startTime": START}, ["endTime"]),
        ({"timeZone": "Europe/Berlin"}, ["endTime", "startTime"]),
        ({"startTime": END, "endTime": START}, ["endTime"]),
        ({"startTime": START, "endTime": END, "timeZone": "Berlin"}, ["timeZone"]),
        ({"startTime": START, "endTime": "2027-01-01T00:00:00Z"}, ["endTime"]),
        ({"startTime": "2036-12-01T00:00:00Z", "endTime": "2036-12-01T01:00:00Z"}, None),
        ({"startTime": "soon", "endTime": END}, ["startTime"]),
        ({"startTime": START, "endTime": END, "timeZone": 1}, ["timeZone"]),
    ],
)
def test_wrong_times(
    dana: Person, meeting: dict[str, Any], members: dict[str, Any], names: list[str] | None
) -> None:
    schedule = of(dana, meeting)
    for answer in (dana.put({**schedule, **members}), dana.post(dana.meetings, json=members)):
        assert answer.status_code == 400
        assert answer.json()["subcode"] == "ParameterValidationFailure"
        assert sorted(answer.json()["parameters"]) == (names or ["endTime", "startTime"])
    assert of(dana, meeting) == schedule
    assert len(dana.get(dana.meetings).json()["_embedded"]["myOnlineMeeting"]) == 1


def test_no_meeting_is_scheduled_to_expire_before_it_ends(dana: Person) -> None:
    wanted = {"startTime": START, "endTime": END, "expirationTime": START}
    answer = dana.post(dana.meetings, json=wanted)
    assert list(answer.json()["parameters"]) == ["expirationTime"]
    meeting = dana.schedule(**{**wanted, "expirationTime": END})
    assert meeting["expirationTime"] == SERVED["endTime"]


def test_expiry_is_postponed_with_the_end(dana: Person, meeting: dict[str, Any]) -> None:
    moved(dana, of(dana, meeting), startTime=START, endTime=END)
    later = current(dana, meeting)
    assert later["expirationTime"] == EIGHT_HOURS_LATER
    assert int(later["etag"]) > int(meeting["etag"])
    assert dana.put({**meeting, "subject": "Stale"}).status_code == 412
    newest = dana.get(meeting["_links"]["onlineMeetingVersions"]["href"]).json()
    assert newest["_embedded"]["onlineMeetingVersion"][0]["changedProperties"] == ["expirationTime"]
    # What fits stays.
    moved(dana, of(dana, meeting), startTime=START, endTime="2026-11-30T17:00:00Z")
    assert current(dana, meeting)["etag"] == later["etag"]


def test_put_without_expiry_expires_after_the_end(dana: Person) -> None:
    meeting = dana.schedule(startTime=START, endTime=END)
    meeting = dana.put({**meeting, "expirationTime": "2026-12-24T12:00:00Z"}).json()
    del meeting["expirationTime"]
    assert dana.put(meeting).json()["expirationTime"] == EIGHT_HOURS_LATER


def test_the_standing_meeting_may_have_a_time(dana: Person) -> None:
    standing = dana.get(dana.href("onlineMeetings", "myAssignedOnlineMeeting")).json()
    moved(dana, of(dana, standing), startTime=START, endTime=END)
    found = current(dana, standing)
    assert found["etag"] == standing["etag"]
    assert times(found["_embedded"]["onlineMeetingSchedule"]) == {**SERVED, "timeZone": "UTC"}


def test_is_the_organizers_alone_and_goes_with_its_meeting(
    dana: Person, chris: Person, meeting: dict[str, Any]
) -> None:
    href = of(dana, meeting)["_links"]["self"]["href"]
    own = href.replace(dana.application["id"], chris.application["id"])
    assert chris.get(own).status_code == 404
    dana.delete(meeting["_links"]["self"]["href"])
    assert dana.get(href).status_code == 404


def test_events_tell_of_it(dana: Person, meeting: dict[str, Any], clock: Clock) -> None:
    package = dana.get(dana.href("events") + "&extended=true").json()
    first = moved(dana, of(dana, meeting), startTime=START, endTime=END)
    package = dana.get(package["_links"]["next"]["href"]).json()
    (sender,) = package["sender"]
    assert sender["rel"] == "onlineMeetings"
    told = {event["link"]["rel"]: event for event in sender["events"]}
    assert sorted(told) == ["myOnlineMeeting", "onlineMeetingSchedule"]
    assert told["onlineMeetingSchedule"]["_embedded"]["onlineMeetingSchedule"] == first
    embedded = told["myOnlineMeeting"]["_embedded"]["myOnlineMeeting"]["_embedded"]
    assert embedded["onlineMeetingSchedule"] == first
    moved(dana, first, endTime="2026-11-30T10:00:00Z")
    package = dana.get(package["_links"]["next"]["href"]).json()
    assert [
        (event["type"], event["link"]["rel"])
        for sender in package["sender"]
        for event in sender["events"]
    ] == [("updated", "onlineMeetingSchedule"), ("updated", "myOnlineMeeting")]


def test_who_moved_it_is_told_to_a_get_that_is_conditional(
    dana: Person, meeting: dict[str, Any]
) -> None:
    """As any 412: a client that was not refused can ask, too."""
    first = moved(dana, of(dana, meeting), startTime=START, endTime=END)
    href = first["_links"]["self"]["href"]
    asked = {"If-Match": '"1"', "Prefer": "return=representation"}
    answer = dana.get(href, **asked)
    assert answer.status_code == 412
    assert answer.json()["changedBy"] == "sip:Dana@contoso.com"
    assert answer.json()["_embedded"]["onlineMeetingSchedule"] == first


def test_an_editor_moves_the_meeting_and_is_named(
    dana: Person, chris: Person, meeting: dict[str, Any]
) -> None:
    share(dana, meeting)
    (found,) = shared(chris)
    none = of(chris, found)
    assert "/sharedOnlineMeetings/danab/" in none["_links"]["self"]["href"]
    first = moved(chris, none, startTime=START, endTime=END, timeZone="Europe/Berlin")
    own = of(dana, meeting)
    assert (times(own), own["etag"]) == (times(first), first["etag"])
    answer = dana.request(
        "PUT",
        own["_links"]["self"]["href"],
        json={**own, "endTime": "2026-11-30T10:00:00Z"},
        headers={"If-Match": f'"{none["etag"]}"', "Prefer": "return=representation"},
    )
    assert answer.status_code == 412
    assert answer.json()["changedBy"] == "sip:Chris@contoso.com"
    # It has postponed the expiry of Dana's meeting.
    versions = dana.get(meeting["_links"]["onlineMeetingVersions"]["href"]).json()
    latest = versions["_embedded"]["onlineMeetingVersion"][0]
    assert latest["changedBy"] == "sip:Chris@contoso.com"
    assert latest["changedProperties"] == ["expirationTime"]
    (found,) = shared(chris)
    assert found["_embedded"]["onlineMeetingSchedule"] == first
    assert chris.delete(first["_links"]["self"]["href"]).status_code == 204
    assert times(of(dana, meeting)) == {}


def test_a_reader_sees_the_time_and_a_stranger_does_not(
    dana: Person, chris: Person, meeting: dict[str, Any]
) -> None:
    moved(dana, of(dana, meeting), startTime=START, endTime=END)
    given = share(dana, meeting, role="Reader")
    (found,) = shared(chris)
    schedule = of(chris, found)
    assert times(schedule) == {**SERVED, "timeZone": "UTC"}
    href = schedule["_links"]["self"]["href"]
    for answer in (chris.put({**schedule, "endTime": "2026-11-30T10:00:00Z"}), chris.delete(href)):
        assert (answer.status_code, answer.json()["code"]) == (403, "Forbidden")
    assert dana.delete(given["_links"]["self"]["href"]).status_code == 204
    for answer in (chris.get(href), chris.put(schedule), chris.delete(href)):
        assert answer.status_code == 404
    assert times(of(dana, meeting)) == {**SERVED, "timeZone": "UTC"}
