"""People who change one meeting at the same moment, each as herself, and lose their grants."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from tests.race.volley import Lines, statuses
from tests.sockets.line import Answer, Session, sign_in
from tests.sockets.process import Server, add_user

pytestmark = pytest.mark.slow

ROUNDS = 20
OTHERS = ("chris", "robin")


class Meeting:
    """A meeting of Dana's that is shared with Chris, and of whose organizer Robin is a delegate."""

    def __init__(self, server: Server, lines: Lines, dana: Session) -> None:
        self.lines, self.dana = lines, dana
        folder = server.log.parent
        self.people = {"dana": dana}
        for name in OTHERS:
            address = f"{name}@contoso.com"
            if self.ask(dana.get(self.contact(address))).status == 404:
                add_user(folder, address)
            self.people[name] = sign_in(server, address)
        self.own = self.ask(dana.post(dana.meetings, {"subject": "Weekly"})).json
        self.grants = {"chris": self.share(), "robin": self.delegate()}
        self.paths = {name: self.path_of(one) for name, one in self.people.items()}

    def ask(self, request: bytes) -> Answer:
        return self.lines.lines[0].ask(request)

    def contact(self, address: str) -> str:
        people = self.dana.application["_embedded"]["people"]["_links"]["self"]["href"]
        return f"{people}/{address}"

    def share(self) -> str:
        """Share the meeting with Chris, and return where to end that."""
        shares = self.own["_links"]["onlineMeetingShares"]["href"]
        return self.granted(self.dana.post(shares, {"uri": "sip:chris@contoso.com"}))

    def delegate(self) -> str:
        """Make Robin a delegate, and return where to end that."""
        links = self.dana.application["_embedded"]["people"]["_links"]
        whom = quote("sip:robin@contoso.com")
        href = f"{links['myGroupMemberships']['href']}?contactUri={whom}&groupId=delegates"
        answer = self.ask(self.dana.post(href, {}))
        if answer.status == 409:  # from a test before
            people = links["self"]["href"]
            return f"{people}/groupMemberships/delegates,robin@contoso.com"
        assert answer.status == 201, answer
        found: str = answer.json["_links"]["self"]["href"]
        return found

    def granted(self, request: bytes) -> str:
        answer = self.ask(request)
        assert answer.status == 201, answer
        found: str = answer.json["_links"]["self"]["href"]
        return found

    def path_of(self, person: Session) -> str:
        if person is self.dana:
            found: str = self.own["_links"]["self"]["href"]
            return found
        dashboard = person.application["_embedded"]["onlineMeetings"]["_links"]
        id = self.own["onlineMeetingId"]
        organizer = self.own["joinUrl"].split("/")[-2]
        return f"{dashboard['sharedOnlineMeetings']['href']}/{organizer}/{id}"

    def put(self, name: str, resource: Mapping[str, Any], below: str = "", **changes: Any) -> bytes:
        """Write it as somebody: only the path is another one."""
        here = {"_links": {"self": {"href": self.paths[name] + below}}}
        return self.people[name].put({**resource, **here}, **changes)

    def now(self, below: str = "") -> Any:
        return self.ask(self.dana.get(self.paths["dana"] + below)).json


@pytest.fixture
def meeting(server: Server, lines: Lines, dana: Session) -> Meeting:
    return Meeting(server, lines, dana)


@pytest.mark.parametrize("below", ["", "/schedule", "/extensions/notes"])
def test_one_of_three_people_wins(meeting: Meeting, lines: Lines, below: str) -> None:
    extensions = meeting.own["_links"]["onlineMeetingExtensions"]["href"]
    assert meeting.ask(meeting.dana.post(extensions, {"id": "notes"})).status == 201
    authors = []
    for round in range(ROUNDS):
        seen = meeting.now(below)
        names = [*meeting.people, *meeting.people]
        hours = [f"2027-01-{round + 1:02}T{hour + 8:02}:00:00Z" for hour in range(7)]
        changes = [
            {"startTime": hours[n], "endTime": hours[n + 1]}
            if below == "/schedule"
            else {"subject": f"{n}"}
            for n in range(len(names))
        ]
        requests = [
            meeting.put(name, seen, below, **one) for name, one in zip(names, changes, strict=True)
        ]
        answers = lines.fire(requests)
        assert statuses(answers) == [200] + [412] * 5
        (won,) = (number for number, one in enumerate(answers) if one.status == 200)
        assert meeting.now(below)["etag"] == answers[won].json["etag"]
        authors.append(names[won])
    if not below:
        history = meeting.now("/versions")["_embedded"]["onlineMeetingVersion"]
        told = [one["changedBy"].lower() for one in reversed(history)][1:]
        assert told == [f"sip:{name}@contoso.com" for name in authors]


@pytest.mark.parametrize("below", ["", "/schedule", "/extensions/notes"])
@pytest.mark.parametrize("name", OTHERS)
def test_who_loses_her_grant_writes_before_that_or_not_at_all(
    meeting: Meeting, lines: Lines, name: str, below: str
) -> None:
    extensions = meeting.own["_links"]["onlineMeetingExtensions"]["href"]
    assert meeting.ask(meeting.dana.post(extensions, {"id": "notes"})).status == 201
    times = {"startTime": "2027-01-01T08:00:00Z", "endTime": "2027-01-01T09:00:00Z"}
    change = times if below == "/schedule" else {"subject": "His"}
    for _ in range(ROUNDS):
        seen = meeting.now(below)
        put, revoked = lines.fire(
            [meeting.put(name, seen, below, **change), meeting.dana.delete(meeting.grants[name])]
        )
        assert revoked.status == 204
        assert put.status in (200, 404)
        after = meeting.now(below)
        assert after["etag"] == (put.json["etag"] if put.status == 200 else seen["etag"])
        assert meeting.ask(meeting.put(name, after, below, **change)).status == 404
        assert meeting.now(below)["etag"] == after["etag"]
        meeting.grants[name] = meeting.share() if name == "chris" else meeting.delegate()
