"""What a copy is, and that nothing is copied twice."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any

import httpx2
import pytest

from openucwa.cli.moving.copying import Result
from openucwa.cli.moving.marks import tagged
from openucwa.client import AnswerLost, Meeting
from openucwa.client.resource import Resource
from openucwa.domain.people import Profile
from tests.cli.moving.conftest import Mover, all_of, extensions_of, profile
from tests.client.elsewhere import Elsewhere
from tests.client.watched import Watched
from tests.installation import CHRIS, DANA, Clock, Installation, Person, installed

EXPIRES = "/Date(1798761600000)/"


@pytest.fixture
def old(tmp_path: Path, clock: Clock) -> Iterator[Person]:
    """Dana at another server of ours, which has the same domain: it is to be replaced."""
    (tmp_path / "old").mkdir()
    with installed(tmp_path / "old", clock) as found:
        yield found.sign_in(DANA)


@pytest.fixture
def mover_of_ours(mover: Mover, old: Person) -> Mover:
    mover.here, mover.old = Watched(old.installation), "dana@contoso.com"
    return mover


def schedule(server: Elsewhere, **properties: Any) -> str:
    """A meeting at the server that she leaves; its id."""
    from tests.client import elsewhere

    number = f"X{len(server.meetings) + 1}"
    server.meetings[number] = elsewhere.Meeting(number, 1, {**elsewhere.WRITABLE, **properties})
    return number


@pytest.fixture
def new(there: Watched, installation: Installation) -> Person:
    """Dana, as she looks at her meetings at the server that she comes to."""
    return installation.sign_in(DANA)


def scheduled(person: Person) -> list[dict[str, Any]]:
    """Her meetings there, the standing one left out."""
    return [one for one in all_of(person).values() if one["rel"] == "myOnlineMeeting"]


def test_copies_what_can_be_copied(mover: Mover, elsewhere: Elsewhere, new: Person) -> None:
    schedule(
        elsewhere,
        subject="Weekly",
        description="First\r\nSecond  ",
        attendees=["sip:Alex@fabrikam.com", "sip:kim@northwind.com"],
        leaders=["sip:dana@fabrikam.com", "sip:chris@contoso.com"],
        expirationTime="/Date(1798761600123)/",
        accessLevel="Everyone",
        automaticLeaderAssignment="SameEnterprise",
        entryExitAnnouncement="Enabled",
        lobbyBypassForPhoneUsers="Enabled",
        phoneUserAdmission="Enabled",
    )
    (entry,) = mover.move()
    assert entry.result is Result.COPIED, entry
    (copy,) = scheduled(new)
    assert {
        name: copy[name]
        for name in [
            "subject",
            "description",
            "attendees",
            "leaders",
            "expirationTime",
            "accessLevel",
            "automaticLeaderAssignment",
            "entryExitAnnouncement",
            "lobbyBypassForPhoneUsers",
            "phoneUserAdmission",
        ]
    } == {
        "subject": "Weekly",
        "description": "First\r\nSecond  ",
        "attendees": ["sip:Alex@fabrikam.com", "sip:kim@northwind.com"],
        "leaders": ["sip:Dana@contoso.com", "sip:chris@contoso.com"],
        "expirationTime": "/Date(1798761600123)/",
        "accessLevel": "Everyone",
        "automaticLeaderAssignment": "SameEnterprise",
        "entryExitAnnouncement": "Enabled",
        "lobbyBypassForPhoneUsers": "Enabled",
        "phoneUserAdmission": "Enabled",
    }
    assert entry.told == []
    assert entry.copy is not None
    assert entry.copy.join_url == copy["joinUrl"]


def test_second_run_changes_nothing(mover: Mover, elsewhere: Elsewhere, new: Person) -> None:
    for number in range(5):
        schedule(elsewhere, subject=f"Number {number}", description="x" * number)
    assert {one.result for one in mover.move()} == {Result.COPIED}
    before, source = all_of(new), str(elsewhere.meetings)
    assert {one.result for one in mover.move()} == {Result.ALREADY_THERE}
    assert {one.result for one in mover.plan()} == {Result.ALREADY_THERE}
    assert all_of(new) == before
    assert str(elsewhere.meetings) == source


def planned(old: Person, **more: str) -> dict[str, Any]:
    """A meeting with a time at another server of ours."""
    times = {"startTime": "2026-12-01T09:00:00Z", "endTime": "2026-12-01T09:45:00Z"}
    return old.schedule(subject="Weekly", timeZone="Europe/Berlin", **{**times, **more})


def times_of(meeting: dict[str, Any]) -> dict[str, Any]:
    schedule = meeting.get("_embedded", {}).get("onlineMeetingSchedule", {})
    return {name: schedule[name] for name in schedule if name.endswith(("Time", "Zone"))}


def test_time_comes_along(mover_of_ours: Mover, old: Person, new: Person) -> None:
    source = planned(old)
    old.schedule(subject="Without a time")
    assert {one.result for one in mover_of_ours.move()} == {Result.COPIED, Result.STANDING}
    copy, other = sorted(scheduled(new), key=lambda one: -len(one["subject"]))[::-1]
    assert (copy["subject"], times_of(copy)) == ("Weekly", times_of(source))
    assert copy["expirationTime"] == source["expirationTime"]
    assert times_of(other) == {}
    before = all_of(new)
    assert {one.result for one in mover_of_ours.move()} == {Result.ALREADY_THERE, Result.STANDING}
    assert all_of(new) == before


def test_move_at_the_source_is_told_of(mover_of_ours: Mover, old: Person, new: Person) -> None:
    source = planned(old)
    mover_of_ours.move()
    before = all_of(new)
    schedule = source["_embedded"]["onlineMeetingSchedule"]
    assert old.put({**schedule, "endTime": "2026-12-01T10:00:00Z"}).status_code == 200
    (entry,) = (one for one in mover_of_ours.move() if one.result is not Result.STANDING)
    assert entry.result is Result.CHANGED_AT_SOURCE
    assert entry.told == ["the copy was not changed; it differs in time"]
    assert all_of(new) == before


def test_meeting_that_would_expire_before_its_end_is_copied(
    mover_of_ours: Mover, old: Person, new: Person
) -> None:
    """A client that knows of no times has set its expiry."""
    source = planned(old)
    assert old.put({**source, "expirationTime": "2026-11-23T00:00:00Z"}).status_code == 200
    mover_of_ours.move()
    (copy,) = scheduled(new)
    assert times_of(copy) == times_of(source)
    assert copy["expirationTime"] == times_of(source)["endTime"]


def test_another_machine_knows_what_is_there(
    mover: Mover, elsewhere: Elsewhere, new: Person, home: Any
) -> None:
    schedule(elsewhere, subject="Weekly")
    mover.move()
    before = all_of(new)
    home.rename(home.with_name("lost"))
    assert [one.result for one in mover.move()] == [Result.ALREADY_THERE]
    assert all_of(new) == before


def test_dry_run_changes_nothing(mover: Mover, elsewhere: Elsewhere, new: Person) -> None:
    schedule(elsewhere, subject="Weekly")
    before = all_of(new)
    assert [one.result for one in mover.plan()] == [Result.TO_COPY]
    assert all_of(new) == before


def test_what_is_edited_there_stays(mover: Mover, elsewhere: Elsewhere, new: Person) -> None:
    id = schedule(elsewhere, subject="Weekly", description="Old")
    mover.move()
    (copy,) = new.get(new.meetings).json()["_embedded"]["myOnlineMeeting"]
    assert new.put({**copy, "subject": "Mine now"}).status_code == 200
    before = all_of(new)
    assert [one.result for one in mover.move()] == [Result.ALREADY_THERE]
    elsewhere.change(id, description="New")
    (entry,) = mover.move()
    assert entry.result is Result.CHANGED_AT_SOURCE
    assert entry.told == ["the copy was not changed; it differs in subject, description"]
    assert all_of(new) == before


def test_what_is_edited_while_it_is_copied_stays(
    mover: Mover, there: Watched, elsewhere: Elsewhere, new: Person
) -> None:
    schedule(elsewhere, subject="Weekly", description="First\nSecond")

    def edit(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        if request.method == "POST" and request.url.path.endswith("/extensions"):
            (copy,) = new.get(new.meetings).json()["_embedded"]["myOnlineMeeting"]
            text = copy["description"].replace("First", "Changed")
            new.put({**copy, "subject": "Edited", "description": text})
        return response

    there.after = edit
    mover.move()
    (copy,) = scheduled(new)
    assert (copy["subject"], copy["description"]) == ("Edited", "Changed\nSecond")


def test_cancelled_copy_does_not_come_back(mover: Mover, elsewhere: Elsewhere, new: Person) -> None:
    schedule(elsewhere, subject="Weekly")
    mover.move()
    (copy,) = new.get(new.meetings).json()["_embedded"]["myOnlineMeeting"]
    new.delete(copy["_links"]["self"]["href"])
    assert [one.result for one in mover.move()] == [Result.CANCELLED_THERE]
    assert scheduled(new) == []
    assert [one.result for one in mover.move(again=True)] == [Result.COPIED]
    assert len(scheduled(new)) == 1


def test_copy_without_its_marker_is_remembered(
    mover: Mover, elsewhere: Elsewhere, new: Person
) -> None:
    schedule(elsewhere, subject="Weekly")
    mover.move()
    (copy,) = new.get(new.meetings).json()["_embedded"]["myOnlineMeeting"]
    (marker,) = extensions_of(copy)
    assert new.delete(marker["_links"]["self"]["href"]).status_code == 204
    assert [one.result for one in mover.move()] == [Result.ALREADY_THERE]
    assert len(scheduled(new)) == 1


def test_meetings_that_are_over(mover: Mover, elsewhere: Elsewhere, new: Person) -> None:
    schedule(elsewhere, subject="Over", expirationTime="/Date(1795000000000)/")
    assert [one.result for one in mover.move()] == [Result.EXPIRED]
    assert scheduled(new) == []
    assert [one.result for one in mover.move(include_expired=True)] == [Result.COPIED]
    assert [one.result for one in mover.move()] == [Result.ALREADY_THERE]


def test_meeting_without_an_expiry(mover: Mover, elsewhere: Elsewhere, new: Person) -> None:
    id = schedule(elsewhere, subject="For ever")
    del elsewhere.meetings[id].properties["expirationTime"]
    (entry,) = mover.move()
    assert entry.copy is not None
    assert entry.copy.expires == datetime(2027, 11, 22, 12, tzinfo=UTC)
    assert entry.told == ["it never expires; the copy expires 2027-11-22 12:00"]
    assert [one.result for one in mover.move()] == [Result.ALREADY_THERE]


def test_leaders_of_other_domains_are_invited(
    mover: Mover, elsewhere: Elsewhere, new: Person
) -> None:
    schedule(elsewhere, attendees=["sip:kim@fabrikam.com"], leaders=["sip:Alex@fabrikam.com"])
    (entry,) = mover.move()
    assert entry.told == [
        "sip:Alex@fabrikam.com is outside contoso.com and can't be a leader there: "
        "invited as an attendee"
    ]
    (copy,) = scheduled(new)
    assert copy["attendees"] == ["sip:kim@fabrikam.com", "sip:Alex@fabrikam.com"]
    assert copy["leaders"] == []


def test_domains_take_the_place_of_others(mover: Mover, elsewhere: Elsewhere, new: Person) -> None:
    schedule(
        elsewhere,
        attendees=["sip:Kim@FABRIKAM.com", "sip:jo@sub.fabrikam.com", "no address"],
        leaders=["sip:Alex@fabrikam.com"],
    )
    (entry,) = mover.move({"fabrikam.com": "contoso.com"})
    assert entry.told == ["no address is not an address: left out of attendees"]
    (copy,) = scheduled(new)
    assert copy["attendees"] == ["sip:Kim@contoso.com", "sip:jo@sub.fabrikam.com"]
    assert copy["leaders"] == ["sip:Alex@contoso.com", "sip:Dana@contoso.com"]


def test_what_the_server_does_not_know_is_told(
    mover: Mover, elsewhere: Elsewhere, new: Person
) -> None:
    schedule(elsewhere, subject="Weekly", room="7/3042")
    (entry,) = mover.move()
    assert entry.result is Result.COPIED
    assert entry.told == ["room 7/3042 was not stored there"]


def test_what_the_server_refuses_fails_by_itself(
    mover: Mover, elsewhere: Elsewhere, new: Person
) -> None:
    schedule(elsewhere, subject="x" * 300)
    schedule(elsewhere, subject="Weekly")
    refused, copied = mover.move()
    assert (refused.result, copied.result) == (Result.FAILED, Result.COPIED)
    assert refused.reason.startswith("subject must")
    assert [one["subject"] for one in scheduled(new)] == ["Weekly"]


def test_long_description_is_whole_in_the_end(
    mover: Mover, elsewhere: Elsewhere, new: Person
) -> None:
    text = "word " * 6553 + "end"
    schedule(elsewhere, subject="Long", description=text)
    mover.move()
    (copy,) = scheduled(new)
    assert copy["description"] == text


def test_server_without_extensions_has_it_in_the_description(
    elsewhere: Elsewhere, mover: Mover, installation: Installation, new: Person, there: Watched
) -> None:
    """Back, from ours to the other one."""
    new.schedule(subject="Weekly", description="Ours")
    mover.here, mover.there = mover.there, mover.here
    mover.old, mover.new = mover.new, mover.old
    entries = mover.move()
    (copied,) = (one for one in entries if one.result is Result.COPIED)
    assert copied.told[-1].startswith("the server does not support extensions")
    (stored,) = elsewhere.meetings.values()
    assert stored.properties["description"].startswith("Ours\n\n[openucwa import: sip:dana@cont")
    results = [one.result for one in mover.move()]
    assert results == [Result.STANDING, Result.ALREADY_THERE]
    assert len(elsewhere.meetings) == 1


def test_what_came_from_there_does_not_go_back(
    elsewhere: Elsewhere, mover: Mover, new: Person
) -> None:
    schedule(elsewhere, subject="Weekly")
    mover.move()
    mover.here, mover.there = mover.there, mover.here
    mover.old, mover.new = mover.new, mover.old
    results = [one.result for one in mover.move()]
    assert Result.COPIED not in results
    assert len(elsewhere.meetings) == 1


def test_lost_answers_make_no_second_copy(
    mover: Mover, there: Watched, elsewhere: Elsewhere, new: Person
) -> None:
    """Each write is done, and its answer is lost, once."""
    for number in range(3):
        schedule(elsewhere, subject=f"Number {number}", leaders=["sip:alex@contoso.com"])
    lost = set()

    def lose(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        key = (request.method, request.url.path, request.content)
        is_first_write = request.method in ("POST", "PUT") and key not in lost
        if is_first_write and "onlinemeetings" in key[1].lower():
            lost.add(key)
            raise httpx2.ReadError("lost", request=request)
        return response

    there.after = lose
    assert {one.result for one in mover.move()} == {Result.COPIED}
    assert len(lost) == 9
    found = scheduled(new)
    assert sorted(one["subject"] for one in found) == ["Number 0", "Number 1", "Number 2"]
    assert {len(extensions_of(one)) for one in found} == {1}
    assert {one["description"] for one in found} == {""}


def test_second_copy_that_comes_late_is_cancelled(
    mover: Mover, elsewhere: Elsewhere, new: Person
) -> None:
    """A request may be on its way for longer than anybody waits for it."""
    schedule(elsewhere, subject="Weekly", description="Text")
    (entry,) = mover.move()
    late = {"subject": "Weekly", "expirationTime": EXPIRES, "accessLevel": "SameEnterprise"}
    late |= {"automaticLeaderAssignment": "Disabled", "entryExitAnnouncement": "Disabled"}
    late |= {"lobbyBypassForPhoneUsers": "Disabled"}
    new.schedule(**late, description=tagged("Text", entry.mark))
    assert len(scheduled(new)) == 2
    (entry,) = mover.move()
    assert entry.result is Result.ALREADY_THERE
    assert entry.told[0].endswith("a duplicate, is cancelled")
    (left,) = scheduled(new)
    assert left["description"] == "Text"
    edited = new.schedule(**{**late, "subject": "Edited"}, description=tagged("", entry.mark))
    (entry,) = mover.move()
    assert entry.told == [
        f"{edited['onlineMeetingId']} is also a copy of it: compare them, and cancel one"
    ]
    assert len(scheduled(new)) == 2


def test_copy_is_finished_after_its_source_is_cancelled(
    mover: Mover, there: Watched, elsewhere: Elsewhere, new: Person
) -> None:
    id = schedule(elsewhere, subject="Weekly", description="Text")

    def refuse(request: httpx2.Request) -> httpx2.Response | None:
        if request.method == "POST" and request.url.path.endswith("/extensions"):
            raise httpx2.ReadError("gone", request=request)
        return None

    there.before = refuse
    with pytest.raises(AnswerLost):
        mover.move()
    there.before = lambda _: None
    del elsewhere.meetings[id]
    (entry,) = mover.move()
    assert entry.result is Result.COPIED
    (copy,) = scheduled(new)
    assert copy["description"] == "Text"
    assert len(extensions_of(copy)) == 1
    assert mover.move() == []


def test_digest_does_not_depend_on_who_serves_it() -> None:
    from openucwa.cli.moving.marks import digest

    def properties(**more: Any) -> Any:
        return Meeting(Resource.parse({"subject": "A", **more}, href="")).properties

    one = properties(attendees=["sip:A@b.c", "sip:d@e.f"], leaders=[], conferenceId="1")
    other = properties(attendees=["sip:d@E.f", "sip:a@b.c"], description="", conferenceId=None)
    assert digest(one) == digest(other)
    assert digest(one) != digest(properties())


class Killed(BaseException):
    """The import ends here, as by kill -9: nothing of its own comes after."""


def is_write(request: httpx2.Request) -> bool:
    path = request.url.path.lower()
    return request.method in ("POST", "PUT", "DELETE") and "/onlinemeetings/" in path


def killing(point: int) -> Callable[..., Any]:
    """Ends the import at its write of that number."""
    writes = count(1)

    def kill(request: httpx2.Request, *answer: httpx2.Response) -> Any:
        if is_write(request) and next(writes) == point:
            raise Killed
        return answer[0] if answer else None

    return kill


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_point_and_run_again(
    when: str, mover_of_ours: Mover, there: Watched, old: Person, home: Path
) -> None:
    """Whatever was done by then, it is whole after the next run, and once."""
    mover = mover_of_ours
    for number in range(2):
        made = old.schedule(subject=f"Number {number}", description="Text", expirationTime=EXPIRES)
        extensions = made["_links"]["onlineMeetingExtensions"]["href"]
        old.post(extensions, json={"id": "room", "type": "RoamedOrganizerData", "floor": "7"})
    source = all_of(old)
    finished = []
    for point in range(1, 100):
        dana = there.installation.sign_in(profile(f"dana{point}"))
        mover.new = f"dana{point}@contoso.com"
        setattr(there, when, killing(point))
        try:
            mover.move()
        except Killed:
            setattr(there, when, lambda _, *answer: answer[0] if answer else None)
            if point % 2:
                rmtree(home, ignore_errors=True)  # as on another machine
            mover.move()
        else:
            finished = scheduled(dana)
            break
        again = scheduled(dana)
        assert len(again) == 2
        assert [len(extensions_of(one)) for one in again] == [2, 2]
        assert {one["description"] for one in again} == {"Text"}
        results = [one.result for one in mover.move()]
        assert results == [Result.STANDING, Result.ALREADY_THERE, Result.ALREADY_THERE]
        assert scheduled(dana) == again
    assert point == 9  # each of two meetings is written four times
    assert len(finished) == 2
    assert all_of(old) == source


def test_extensions_come_along(mover_of_ours: Mover, old: Person, new: Person) -> None:
    made = old.schedule(subject="Weekly", accessLevel="Invited")
    extensions = made["_links"]["onlineMeetingExtensions"]["href"]
    old.post(extensions, json={"id": "room", "type": "RoamedParticipantData", "floor": "7"})
    standing, entry = mover_of_ours.move()
    assert (standing.result, standing.copy) == (Result.STANDING, None)
    (copy,) = scheduled(new)
    marker, room = extensions_of(copy)
    assert (room["id"], room["type"], room["floor"]) == ("room", "RoamedParticipantData", "7")
    assert marker["type"] == "RoamedOrganizerData"
    assert marker["importedFrom"] == "sip:dana@contoso.com"
    assert marker["importedMeeting"] == made["onlineMeetingId"]
    assert entry.told == []
    before = all_of(new)
    results = [one.result for one in mover_of_ours.move()]
    assert results == [Result.STANDING, Result.ALREADY_THERE]
    assert all_of(new) == before


def test_same_account_is_known(mover: Mover, there: Watched, new: Person) -> None:
    new.schedule(subject="Weekly")
    before = all_of(new)
    mover.here, mover.old = there, mover.new
    assert Result.TO_COPY not in [one.result for one in mover.move()]
    assert all_of(new) == before


def test_shares_come_along_once(
    mover_of_ours: Mover, old: Person, new: Person, installation: Installation
) -> None:
    """But for who is not there."""
    made = old.schedule(subject="Weekly")
    for name in ("chris", "gone"):
        uri = f"sip:{name}@contoso.com"
        old.installation.add_user(Profile(uri=uri, name=name))
        old.post(made["_links"]["onlineMeetingShares"]["href"], json={"uri": uri, "role": "Reader"})
    installation.add_user(CHRIS)
    (copied,) = [one for one in mover_of_ours.move() if one.result is Result.COPIED]
    assert [one for one in copied.told if "gone" in one] == copied.told[:1]
    assert copied.told[0].startswith("it is not shared with gone there:")
    mover_of_ours.move()
    assert copied.copy is not None
    there = f"{new.meetings}/{copied.copy.id}/shares"
    shares = new.get(there).json()
    assert [(one["uri"], one["role"]) for one in shares["_embedded"]["onlineMeetingShare"]] == [
        (CHRIS.uri, "Reader")
    ]
