"""Joining, leaving, moving people and changing a meeting at one moment: all agree in the end."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.race.volley import Lines, statuses
from tests.sockets.line import Answer, Session, request, sign_in
from tests.sockets.process import Server, add_user

pytestmark = pytest.mark.slow

ROUNDS = 5
OTHERS = [f"person{number}@contoso.com" for number in range(5)]


class Joiner:
    """Somebody at an application, who may be in a meeting."""

    def __init__(self, lines: Lines, session: Session) -> None:
        self.lines, self.session = lines, session
        self.conversation = ""

    def ask(self, wanted: bytes) -> Answer:
        return self.lines.lines[0].ask(wanted)

    def link(self, rel: str) -> str:
        found: str = self.session.application["_embedded"]["communication"]["_links"][rel]["href"]
        return found

    def joining(self, meeting: Mapping[str, Any]) -> bytes:
        wanted = {"onlineMeetingUri": meeting["onlineMeetingUri"]}
        return self.session.post(self.link("joinOnlineMeeting"), wanted)

    def joined(self, answer: Answer) -> None:
        assert answer.status == 201, answer
        self.conversation = answer.json["_links"]["conversation"]["href"]

    def join(self, meeting: Mapping[str, Any]) -> None:
        self.joined(self.ask(self.joining(meeting)))

    def view(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.ask(self.session.get(self.conversation)).json
        return found

    def state(self) -> str:
        found: str = self.view()["state"]
        return found

    def roster(self, rel: str = "participants") -> list[str]:
        """The addresses in a list of the conversation."""
        found = self.ask(self.session.get(f"{self.conversation}/{rel}")).json
        listed = found["_links"].get("participant", [])
        listed = [listed] if isinstance(listed, dict) else listed
        return sorted(one["href"].rpartition("/")[2] for one in listed)

    def doing(self, address: str, rel: str) -> bytes:
        return self.session.post(f"{self.conversation}/participants/{address}/{rel}", {})

    def saying(self) -> bytes:
        headers = {"Authorization": f"Bearer {self.session.token}", "Content-Type": "text/plain"}
        return request("POST", f"{self.conversation}/messaging/messages", headers, b"Hi")

    def leaving(self) -> bytes:
        return self.session.delete(self.conversation)


class Meeting:
    """Dana, who has meetings, and others."""

    def __init__(self, server: Server, lines: Lines, dana: Session) -> None:
        self.lines = lines
        self.dana = Joiner(lines, dana)
        for one in OTHERS:
            href = dana.application["_embedded"]["people"]["_links"]["self"]["href"]
            if self.dana.ask(dana.get(f"{href}/{one}")).status == 404:
                add_user(server.log.parent, one)
        self.others = [Joiner(lines, sign_in(server, one)) for one in OTHERS]

    def schedule(self, **properties: Any) -> Mapping[str, Any]:
        session = self.dana.session
        answer = self.dana.ask(session.post(session.meetings, {"subject": "Race", **properties}))
        assert answer.status == 200, answer
        found: Mapping[str, Any] = answer.json
        return found

    def cancelling(self, meeting: Mapping[str, Any]) -> bytes:
        return self.dana.session.delete(meeting["_links"]["self"]["href"])


@pytest.fixture
def people(server: Server, lines: Lines, dana: Session) -> Meeting:
    return Meeting(server, lines, dana)


@pytest.mark.parametrize("runs", [False, True])
def test_nobody_is_in_a_meeting_that_was_cancelled(people: Meeting, runs: bool) -> None:
    for _ in range(ROUNDS):
        meeting = people.schedule()
        if runs:
            people.dana.join(meeting)
        requests = [people.cancelling(meeting), *(one.joining(meeting) for one in people.others)]
        cancelled, *answers = people.lines.fire(requests)
        assert cancelled.status == 204, cancelled
        assert set(statuses(answers)) <= {201, 404}
        for one, answer in zip(people.others, answers, strict=True):
            if answer.status == 201:
                one.joined(answer)
                assert one.state() == "Disconnected"


@pytest.mark.parametrize("runs", [False, True])
def test_who_begins_to_wait_when_a_meeting_is_opened_is_let_in(people: Meeting, runs: bool) -> None:
    for _ in range(ROUNDS):
        meeting = people.schedule(accessLevel="Locked")
        if runs:
            people.dana.join(meeting)
        opening = people.dana.session.put(meeting, accessLevel="Everyone")
        requests = [opening, *(one.joining(meeting) for one in people.others)]
        opened, *answers = people.lines.fire(requests)
        assert opened.status == 200, opened
        for one, answer in zip(people.others, answers, strict=True):
            one.joined(answer)
        assert [one.state() for one in people.others] == ["Conferenced"] * len(people.others)
        people.dana.ask(people.cancelling(meeting))


@pytest.mark.parametrize("rel", ["demote", "eject"])
def test_leaders_who_move_one_another_do_not_all_go(people: Meeting, rel: str) -> None:
    first, second, *_ = people.others
    leaders = [f"sip:{one}" for one in OTHERS[:2]]
    for _ in range(ROUNDS):
        meeting = people.schedule(leaders=leaders)
        people.dana.join(meeting)
        for one in (first, second):
            one.join(meeting)
        requests = [first.doing(OTHERS[1], rel), second.doing(OTHERS[0], rel)]
        found = statuses(people.lines.fire(requests))
        assert found[0] == 204
        assert found[1] in (403, 404, 409)
        assert len(people.dana.roster("leaders")) == 2
        people.dana.ask(people.cancelling(meeting))


def test_leaders_who_admit_and_reject_agree(people: Meeting) -> None:
    first, second, third, *_ = people.others
    leaders = [f"sip:{one}" for one in OTHERS[:2]]
    for _ in range(ROUNDS):
        meeting = people.schedule(leaders=leaders, accessLevel="Locked")
        for one in (people.dana, first, second, third):
            one.join(meeting)
        address = OTHERS[2]
        requests = [
            *(one.doing(address, "admit") for one in (people.dana, first)),
            *(one.doing(address, "reject") for one in (second,)),
            third.leaving(),
        ]
        answers = people.lines.fire(requests)
        assert max(statuses(answers)) < 500, answers
        assert third.state() == "Disconnected"
        assert address not in people.dana.roster()
        people.dana.ask(people.cancelling(meeting))


def test_the_last_one_leaves_while_others_join(people: Meeting) -> None:
    for _ in range(ROUNDS):
        meeting = people.schedule()
        people.dana.join(meeting)
        requests = [people.dana.leaving(), *(one.joining(meeting) for one in people.others)]
        left, *answers = people.lines.fire(requests)
        assert left.status == 204
        for one, answer in zip(people.others, answers, strict=True):
            one.joined(answer)
        assert {one.state() for one in people.others} == {"Conferenced"}
        assert len({one.conversation.rpartition("/")[2] for one in people.others}) == 1
        assert {len(one.roster()) for one in people.others} == {len(people.others)}
        people.dana.ask(people.cancelling(meeting))


def test_who_is_ejected_says_nothing_afterwards(people: Meeting) -> None:
    target, *_ = people.others
    for _ in range(ROUNDS):
        meeting = people.schedule()
        for one in (people.dana, target):
            one.join(meeting)
            href = (
                f"{one.link('startMessaging')}?conversation={one.conversation.rpartition('/')[2]}"
            )
            answer = one.ask(one.session.post(href, {}))
            assert answer.status == 201, answer
        requests = [people.dana.doing(OTHERS[0], "eject"), *(target.saying() for _ in range(4))]
        ejected, *said = people.lines.fire(requests)
        assert ejected.status == 204, ejected
        assert set(statuses(said)) <= {201, 409}
        assert target.ask(target.saying()).status == 409
        assert target.state() == "Disconnected"
        people.dana.ask(people.cancelling(meeting))


def test_an_application_ends_while_it_joins(people: Meeting, server: Server) -> None:
    for _ in range(ROUNDS):
        meeting = people.schedule()
        people.dana.join(meeting)
        two = [Joiner(people.lines, sign_in(server, OTHERS[0])) for _ in range(2)]
        requests = [
            *(one.joining(meeting) for one in two),
            two[0].session.delete(two[0].session.application["_links"]["self"]["href"]),
        ]
        answers = people.lines.fire(requests)
        assert max(statuses(answers)) < 500, answers
        assert people.dana.roster() == sorted(["dana@contoso.com", OTHERS[0]])
        two[1].joined(answers[1])
        assert two[1].state() == "Conferenced"
        people.dana.ask(people.cancelling(meeting))
