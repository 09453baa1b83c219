"""Answers to a call, and messages, at the same moment: one answer, and one order for all."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import pytest

from tests.race.volley import Lines, statuses
from tests.sockets.line import Answer, Session, request, sign_in
from tests.sockets.process import Server, add_user

pytestmark = pytest.mark.slow

ROUNDS = 15
SENDERS = 4
OTHER = "chris@contoso.com"


class Talker:
    """Somebody at an application, who hears what happens."""

    def __init__(self, lines: Lines, session: Session) -> None:
        self.lines, self.session = lines, session
        self.next = str(session.application["_links"]["events"]["href"])
        self.conversation = ""

    def ask(self, wanted: bytes) -> Answer:
        return self.lines.lines[0].ask(wanted)

    def link(self, *rels: str) -> str:
        found: Any = self.session.application
        for rel in rels[:-1]:
            found = found["_embedded"][rel]
        return str(found["_links"][rels[-1]]["href"])

    def be_available(self) -> None:
        wanted = {"supportedModalities": ["Messaging"]}
        answer = self.ask(self.session.post(self.link("me", "makeMeAvailable"), wanted))
        assert answer.status == 204, answer

    def hear(self) -> list[Mapping[str, Any]]:
        """What has happened since it was asked before; it waits for that."""
        package = self.ask(self.session.get(self.next)).json
        self.next = package["_links"]["next"]["href"]
        return [*chain.from_iterable(one["events"] for one in package["sender"])]

    def rings(self) -> Mapping[str, Any]:
        """The invitation that rings here."""
        while True:
            for one in self.hear():
                if one["link"]["rel"] == "messagingInvitation" and one["type"] == "started":
                    found: Mapping[str, Any] = one["_embedded"]["messagingInvitation"]
                    self.conversation = found["_links"]["conversation"]["href"]
                    return found

    def messages(self, count: int) -> list[str]:
        """The numbers of so many messages that come, in their order."""
        found: list[str] = []
        while len(found) < count:
            found += [
                one["link"]["href"].rpartition("/")[2]
                for one in self.hear()
                if one["link"]["rel"] == "message"
            ]
        return found

    def state(self) -> str:
        found: str = self.ask(self.session.get(self.conversation)).json["state"]
        return found

    def sending(self, text: str) -> bytes:
        """A request that sends a message."""
        headers = {
            "Authorization": f"Bearer {self.session.token}",
            "Content-Type": "text/plain",
        }
        return request("POST", f"{self.conversation}/messaging/messages", headers, text.encode())


class Talk:
    """Dana, and Chris at two applications."""

    def __init__(self, server: Server, lines: Lines, dana: Session) -> None:
        self.lines = lines
        self.dana = Talker(lines, dana)
        contact = f"{self.dana.link('people', 'self')}/{OTHER}"
        if self.dana.ask(dana.get(contact)).status == 404:
            add_user(server.log.parent, OTHER)
        self.chris = [Talker(lines, sign_in(server, OTHER)) for _ in range(2)]
        for one in self.chris:
            one.be_available()

    def call(self) -> list[Mapping[str, Any]]:
        """Let Dana call; the invitations at both applications of Chris."""
        href = self.dana.link("communication", "startMessaging")
        answer = self.dana.ask(self.dana.session.post(href, {"to": f"sip:{OTHER}"}))
        assert answer.status == 201, answer
        self.dana.conversation = answer.json["_links"]["conversation"]["href"]
        return [one.rings() for one in self.chris]

    def end(self) -> None:
        answer = self.dana.ask(self.dana.session.delete(self.dana.conversation))
        assert answer.status == 204, answer


@pytest.fixture
def talk(server: Server, lines: Lines, dana: Session) -> Talk:
    return Talk(server, lines, dana)


def test_one_of_two_answers_wins(talk: Talk) -> None:
    for _ in range(ROUNDS):
        ringing = talk.call()
        requests = [
            one.session.post(found["_links"]["accept"]["href"], {})
            for one, found in zip(talk.chris, ringing, strict=True)
        ]
        answers = talk.lines.fire(requests)
        assert statuses(answers) == [204, 409]
        states = {"Connected" if one.status == 204 else "Disconnected" for one in answers}
        assert {one.state() for one in talk.chris} == states
        assert talk.dana.state() == "Connected"
        talk.end()


def test_an_answer_and_the_end_of_the_call_agree(talk: Talk) -> None:
    for _ in range(ROUNDS):
        first, _ = talk.call()
        accept = talk.chris[0].session.post(first["_links"]["accept"]["href"], {})
        cancel = talk.dana.session.post(f"{talk.dana.conversation}/messaging/terminate", {})
        accepted, cancelled = talk.lines.fire([accept, cancel])
        assert cancelled.status == 204
        assert accepted.status in (204, 409)
        assert {one.state() for one in (talk.dana, *talk.chris)} == {"Disconnected"}


def test_all_hear_messages_in_one_order(talk: Talk) -> None:
    ringing = talk.call()
    accept = ringing[0]["_links"]["accept"]["href"]
    assert talk.dana.ask(talk.chris[0].session.post(accept, {})).status == 204
    both = (talk.dana, talk.chris[0])
    heard: dict[Talker, list[str]] = {one: [] for one in both}
    for number in range(ROUNDS):
        sent = [one.sending(f"{number}") for one in both for _ in range(SENDERS)]
        assert statuses(talk.lines.fire(sent)) == [201] * len(sent)
        for one in both:
            heard[one] += one.messages(len(sent))
    first, second = heard.values()
    assert first == second == [str(2 + number) for number in range(2 * SENDERS * ROUNDS)]
    talk.end()
