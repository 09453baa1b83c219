"""The attendance of a meeting: who was in it, and when (docs/extensions.md)."""

import csv
from datetime import timedelta
from typing import Any

import pytest

from openucwa.domain.attendance import MOST_AT_ONCE, MOST_OF_A_PERSON
from openucwa.domain.people import MeetingKey
from openucwa.store.belongings import Belongings
from openucwa.store.sweep import sweep
from openucwa.store.tables.attendances import Attendances
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.installation import CHRIS, DANA, DEPLOYMENT, Clock, Installation, Person
from tests.live import Seat, chris, guest

MINUTE = timedelta(minutes=1)
CSV = "text/csv"


class Room:
    """A meeting of Dana's, into which people come."""

    def __init__(self, installation: Installation, meeting: dict[str, Any]) -> None:
        self.installation = installation
        self.id = meeting["onlineMeetingId"]

    def enter(
        self, address: str, *, leads: bool = False, user_id: int = 99, name: str = ""
    ) -> None:
        self.transact(
            lambda tx, key: tx.of(Attendances).enter(
                key,
                address,
                user_id=user_id,
                uri=f"sip:{address}",
                name=name or address.title(),
                leads=leads,
            )
        )

    def leave(self, address: str) -> None:
        self.transact(lambda tx, key: tx.of(Attendances).leave(key, address))

    def transact(self, operation: Any) -> Any:
        def run(tx: Transaction) -> Any:
            dana = tx.of(Users).by_uri(DANA.uri)
            assert dana is not None
            return operation(tx, MeetingKey(organizer_id=dana.id, online_meeting_id=self.id))

        return self.installation.transact(run)


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly")


@pytest.fixture
def room(installation: Installation, meeting: dict[str, Any]) -> Room:
    return Room(installation, meeting)


def link(meeting: dict[str, Any]) -> str:
    found: str = meeting["_links"]["onlineMeetingAttendance"]["href"]
    return found


def report(person: Person, href: str, **asked: str) -> dict[str, Any]:
    answer = person.request("GET", href, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def told(found: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """The name and the role of each, and whether she has left."""
    records = found["_embedded"]["onlineMeetingAttendanceRecord"]
    return [(one["name"], one["role"], "leaveTime" in one) for one in records]


def date(clock: Clock) -> str:
    return f"/Date({int(clock.now.timestamp() * 1000)})/"


def test_nobody_was_there(dana: Person, meeting: dict[str, Any]) -> None:
    found = report(dana, link(meeting))
    assert found == {
        "moreRecordsAvailable": False,
        "_links": {"self": {"href": link(meeting)}},
        "_embedded": {"onlineMeetingAttendanceRecord": []},
        "rel": "onlineMeetingAttendance",
    }


def test_who_was_there_and_when(
    dana: Person, meeting: dict[str, Any], room: Room, clock: Clock
) -> None:
    joined = date(clock)
    room.enter("alex@contoso.com", name="Alex")
    clock.advance(MINUTE)
    room.enter("0@anonymous.invalid", user_id=-7, name="=Lee")
    room.enter("alex@contoso.com", leads=True)
    room.enter("alex@contoso.com")
    clock.advance(MINUTE)
    left = date(clock)
    room.leave("alex@contoso.com")
    room.leave("nobody@contoso.com")
    clock.advance(MINUTE)
    room.enter("alex@contoso.com", name="Alex")
    found = report(dana, link(meeting))
    assert told(found) == [
        ("Alex", "Leader", True),
        ("=Lee", "Attendee", False),
        ("Alex", "Attendee", False),
    ]
    first, guest, _ = found["_embedded"]["onlineMeetingAttendanceRecord"]
    href = first["_links"]["self"]["href"]
    assert first == {
        "name": "Alex",
        "uri": "sip:alex@contoso.com",
        "role": "Leader",
        "anonymous": False,
        "joinTime": joined,
        "leaveTime": left,
        "_links": {"self": {"href": href}},
        "rel": "onlineMeetingAttendanceRecord",
    }
    assert guest["anonymous"] is True
    assert dana.get(href).json() == first
    for wrong in ("1,alex@contoso.com", "x", "x,y", "9" * 20 + ",alex@contoso.com"):
        assert dana.get(f"{link(meeting)}/{wrong}").status_code == 404


def test_as_a_table(dana: Person, meeting: dict[str, Any], room: Room, clock: Clock) -> None:
    """What a spreadsheet would take for a formula has an apostrophe in front."""
    columns = ["name", "uri", "role", "anonymous", "joinTime", "leaveTime"]

    def rows(accept: str) -> list[list[str]]:
        answer = dana.get(link(meeting), Accept=accept)
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "Accept" in answer.headers["Vary"]
        return list(csv.reader(answer.text.splitlines()))

    assert rows(CSV) == [columns]
    room.enter("alex@contoso.com", name='=HYPERLINK("x")', leads=True)
    clock.advance(MINUTE)
    room.leave("alex@contoso.com")
    room.enter("kim@contoso.com", name="Kim, Åsa")
    assert rows("text/csv, application/json;q=0.5") == [
        columns,
        [
            *('\'=HYPERLINK("x")', "sip:alex@contoso.com", "Leader", "false"),
            *("2026-11-22T12:00:00.123Z", "2026-11-22T12:01:00.123Z"),
        ],
        ["Kim, Åsa", "sip:kim@contoso.com", "Attendee", "false", "2026-11-22T12:01:00.123Z", ""],
    ]
    for accept in ("*/*", "application/json, text/csv", "text/csv;q=0", "text/csv;q=0.1, */*"):
        answer = dana.get(link(meeting), Accept=accept)
        assert answer.headers["Content-Type"].startswith("application/json")
    refused = dana.get(link(meeting) + "/x", Accept=CSV)
    assert (refused.status_code, refused.json()["code"]) == (404, "NotFound")


def test_of_a_time(dana: Person, meeting: dict[str, Any], room: Room, clock: Clock) -> None:
    for name in ("a", "b", "c"):
        room.enter(f"{name}@contoso.com", name=name)
        clock.advance(MINUTE)
    second = (clock.now - 2 * MINUTE).isoformat()
    third = (clock.now - MINUTE).isoformat()

    def found(**asked: str) -> list[str]:
        return [name for name, _, _ in told(report(dana, link(meeting), **asked))]

    assert found(startTime=second) == ["b", "c"]
    assert found(endTime=second) == ["a"]
    assert found(startTime=second, endTime=third) == ["b"]
    answer = dana.request("GET", link(meeting), params={"startTime": "soon"})
    assert (answer.status_code, list(answer.json()["parameters"])) == (400, ["startTime"])


def test_more_than_is_shown(dana: Person, meeting: dict[str, Any], room: Room) -> None:
    def fill(tx: Transaction, key: MeetingKey) -> None:
        for number in range(MOST_AT_ONCE + 1):
            tx.of(Attendances).enter(
                key, f"{number:05}@x.com", user_id=number + 50, uri="", name="X", leads=False
            )

    room.transact(fill)
    found = report(dana, link(meeting))
    assert len(told(found)) == MOST_AT_ONCE
    assert found["moreRecordsAvailable"] is True


def test_who_comes_and_goes_for_ever(
    dana: Person, meeting: dict[str, Any], room: Room, clock: Clock
) -> None:
    for _ in range(MOST_OF_A_PERSON + 5):
        room.enter("alex@contoso.com")
        clock.advance(MINUTE)
        room.leave("alex@contoso.com")
    found = told(report(dana, link(meeting)))
    assert len(found) == MOST_OF_A_PERSON
    last = report(dana, link(meeting))["_embedded"]["onlineMeetingAttendanceRecord"][-1]
    assert last["leaveTime"] == date(clock)


def test_who_sees_it(
    installation: Installation, dana: Person, meeting: dict[str, Any], room: Room
) -> None:
    chris = installation.sign_in(CHRIS)
    room.enter("alex@contoso.com", name="Alex")
    shares = meeting["_links"]["onlineMeetingShares"]["href"]
    folder = chris.href("onlineMeetings", "sharedOnlineMeetings")

    def theirs() -> dict[str, Any]:
        (found,) = chris.get(folder).json()["_embedded"]["sharedOnlineMeeting"]
        return dict(found)

    share = dana.post(shares, json={"uri": CHRIS.uri, "role": "Reader"}).json()
    assert "onlineMeetingAttendance" not in theirs()["_links"]
    own = theirs()["_links"]["self"]["href"]
    assert chris.get(f"{own}/attendance").status_code == 403
    dana.put({**share, "role": "Editor"})
    href = link(theirs())
    assert href == f"{own}/attendance"
    assert told(report(chris, href)) == [("Alex", "Attendee", False)]
    assert chris.get(href, Accept=CSV).text.count("\n") == 2
    (record,) = report(chris, href)["_embedded"]["onlineMeetingAttendanceRecord"]
    assert chris.get(record["_links"]["self"]["href"]).json() == record
    assert chris.delete(href).status_code == 403
    assert chris.get(link(meeting)).status_code == 404
    memberships = dana.href("people", "myGroupMemberships")
    dana.post(f"{memberships}?contactUri={CHRIS.uri}&groupId=delegates")
    assert chris.delete(href).status_code == 204


def test_is_forgotten_when_asked(dana: Person, meeting: dict[str, Any], room: Room) -> None:
    """Who is in the meeting stays."""
    room.enter("alex@contoso.com")
    room.leave("alex@contoso.com")
    room.enter("kim@contoso.com", name="Kim")
    for _ in range(2):
        assert dana.delete(link(meeting)).status_code == 204
        assert told(report(dana, link(meeting))) == [("Kim", "Attendee", False)]


def test_is_forgotten_in_time(
    installation: Installation, dana: Person, meeting: dict[str, Any], room: Room, clock: Clock
) -> None:
    room.enter("alex@contoso.com")
    room.leave("alex@contoso.com")
    lifetimes = DEPLOYMENT.lifetimes
    for span, count in ((lifetimes.attendance, 1), (timedelta(milliseconds=1), 0)):
        clock.advance(span)
        room.transact(lambda tx, key: tx.of(Attendances).swept(lifetimes))
        left = room.transact(lambda tx, key: tx.of(Attendances).of(key, most=9))
        assert len(left) == count


@pytest.mark.parametrize("cause", ["meeting", "person", "organizer"])
def test_goes_with_what_it_is_about(
    installation: Installation, dana: Person, meeting: dict[str, Any], room: Room, cause: str
) -> None:
    alex = installation.add_user(CHRIS)
    room.enter("chris@contoso.com", user_id=alex.id)
    room.enter("kim@contoso.com")
    user = room.transact(lambda tx, _: tx.of(Users).by_uri(DANA.uri))
    key = MeetingKey(organizer_id=user.id, online_meeting_id=room.id)
    if cause == "meeting":
        assert dana.delete(meeting["_links"]["self"]["href"]).status_code == 204
    else:
        removed = alex if cause == "person" else user
        installation.transact(lambda tx: tx.of(Belongings).remove(removed))
    left = installation.transact(lambda tx: tx.of(Attendances).of(key, most=9))
    assert [one.address for one in left] == (["kim@contoso.com"] if cause == "person" else [])


def test_of_a_meeting_that_runs(
    installation: Installation, dana: Person, meeting: dict[str, Any], clock: Clock
) -> None:
    """Who waits in the lobby is not there yet; who is thrown out, and all at the end, have left."""
    organizer, other = Seat(dana), chris(installation)
    organizer.join(meeting)
    gwen = guest(installation, meeting)
    gwen.join(meeting)
    assert told(report(dana, link(meeting))) == [("Dana Birkby", "Leader", False)]
    clock.advance(MINUTE)
    organizer.do("Gwen", "admit")
    clock.advance(MINUTE)  # of those who come at one time, the address decides: hers is random
    other.join(meeting)
    organizer.do("Chris Barry", "promote")
    other.leave()
    clock.advance(MINUTE)
    organizer.do("Gwen", "eject")
    other.join(meeting)
    assert told(report(dana, link(meeting))) == [
        ("Dana Birkby", "Leader", False),
        ("Gwen", "Attendee", True),
        ("Chris Barry", "Leader", True),
        ("Chris Barry", "Attendee", False),
    ]
    organizer.leave()
    assert [left for _, _, left in told(report(dana, link(meeting)))] == [True, True, True, False]


def test_nothing_is_kept_of_a_meeting_that_nobody_scheduled(
    installation: Installation, dana: Person
) -> None:
    Seat(dana).join({"onlineMeetingUri": "adhoc"})
    (count,) = installation.transact(
        lambda tx: tx.connection.execute("SELECT count(*) FROM attendances", {}).fetchone()
    )
    assert count == 0


def test_is_swept_with_all_else(installation: Installation) -> None:
    found = installation.transact(lambda tx: sweep(tx, DEPLOYMENT.lifetimes))
    assert found["attendances_removed"] == 0


def test_the_table_is_described(installation: Installation) -> None:
    path = (
        "/ucwa/oauth/v1/applications/{application_id}/onlineMeetings/myOnlineMeetings"
        "/{online_meeting_id}/attendance"
    )
    described = installation.client.get("/openapi.json").json()["paths"][path]["get"]
    assert CSV in described["responses"]["200"]["content"]
