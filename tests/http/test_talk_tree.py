"""Whatever is said in meetings and talks: the old tree with the events applied is the new tree.

For everybody at once: who leads a meeting, who attends, who takes messages and who does not, who
waits, who calls, who is called, and who is not there.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.http.test_adding import Host
from tests.http.test_live_tree import ALEX, LENE, Viewer
from tests.http.test_sharing import ROBIN
from tests.installation import CHRIS, Installation, Person
from tests.live import guest, link


class Talker(Viewer, Host):
    """A person who talks, with a client that follows her events when she begins to."""

    def __init__(self, person: Person) -> None:
        Host.__init__(self, person)
        self.next += "&extended=true"

    def begin(self) -> None:
        self.hear()
        self.follower = self.new()

    def be_available(self) -> None:
        href = self.person.href("me", "makeMeAvailable")
        wanted = {"supportedModalities": ["Messaging"]}
        assert self.person.post(href, json=wanted).status_code == 204


class Stage:
    """A meeting in which three take messages, and two who may call each other."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        dana = installation.sign_in()
        self.meeting = dana.schedule(
            subject="Weekly", leaders=[ROBIN.uri], attendees=[ALEX.uri], accessLevel="Invited"
        )
        self.organizer = Talker(dana)
        self.leader = self.user(ROBIN)
        self.attendee = self.user(ALEX)
        self.waiting = Talker(guest(installation, self.meeting).person)
        self.lene = self.user(LENE)
        self.chris = self.user(CHRIS)
        self.chris_elsewhere = self.user(CHRIS)
        for one in (self.lene, self.chris, self.chris_elsewhere):
            one.be_available()
        for one in (self.organizer, self.leader, self.attendee, self.waiting):
            one.join(self.meeting)
        for one in (self.organizer, self.attendee):
            one.add()
        for one in self.everybody:
            one.begin()

    def user(self, profile: object) -> Talker:
        return Talker(self.installation.sign_in(profile))  # type: ignore[arg-type]

    @property
    def everybody(self) -> list[Talker]:
        return [
            *(self.organizer, self.leader, self.attendee, self.waiting),
            *(self.lene, self.chris, self.chris_elsewhere),
        ]

    def check(self) -> None:
        for one in self.everybody:
            one.check()

    def call(self) -> Mapping[str, object]:
        """Let Lene call Chris; the invitation at his first application."""
        self.lene.call(CHRIS.uri, message="Hi")
        self.check()
        (view,) = self.chris.get(self.chris.person.href("communication", "conversations"))[
            "_links"
        ]["conversation"]
        self.chris.conversation = view["href"]
        path = link(self.chris.view(), "self").partition("/conversations/")[0]
        rows = self.installation.transact(
            lambda tx: tx.connection.execute(
                "SELECT invitation_id FROM invitations WHERE application_id = :id"
                " AND completed_at IS NULL",
                {"id": int(self.chris.application_id)},
            ).fetchall()
        )
        return self.chris.get(f"{path}/messagingInvitations/{rows[0][0]}")

    def connect(self) -> None:
        self.chris.answer("accept", self.call())
        self.check()

    def reply(self) -> None:
        href = self.organizer.send("Hi").headers["Location"]
        self.check()
        there = href.replace(self.organizer.application_id, self.attendee.application_id)
        answer = self.attendee.person.post(
            there, content=b"Hello", headers={"Content-Type": "text/plain"}
        )
        assert answer.status_code == 201

    def disable(self) -> None:
        href = link(self.organizer.view(), "disableAudienceMessaging")
        assert self.organizer.person.post(href).status_code == 204

    def enable(self) -> None:
        self.disable()
        self.check()
        href = link(self.leader.view(), "enableAudienceMessaging")
        assert self.leader.person.post(href).status_code == 204

    def promote_a_silent_one(self) -> None:
        self.disable()
        self.check()
        self.organizer.do("Alex Darrow", "promote")

    def escalate(self) -> None:
        self.connect()
        self.lene.add_person(ROBIN.uri)

    def end(self) -> None:
        self.connect()
        self.chris.use("stopMessaging")

    def time_out(self) -> None:
        self.call()
        self.installation.let_pass(self.installation.deployment.lifetimes.silence / 3)

    def missed(self) -> Mapping[str, Any]:
        """Let Chris miss a call of Lene's; its log."""
        found = self.chris.get(self.chris.person.href("communication", "self"))
        kept = self.chris.person.put({**found, "conversationHistory": "Enabled"})
        assert kept.status_code == 204, kept.text
        self.call()
        self.lene.leave()
        self.check()
        listed = self.chris.get(self.chris.person.href("communication", "conversationLogs"))
        return self.chris.get(listed["_links"]["conversationLog"][0]["href"])

    def use_log(self, rel: str) -> None:
        answer = self.chris.person.post(link(self.missed(), rel), json={})
        assert answer.status_code in (201, 204), answer.text

    def delete_log(self) -> None:
        assert self.chris.person.delete(link(self.missed(), "self")).status_code == 204

    def type_and_stop(self) -> None:
        self.attendee.use("setIsTyping")
        self.check()
        self.attendee.send("done")

    def everything(self) -> None:
        self.organizer.send("1")
        self.leader.add()
        self.attendee.use("setIsTyping")
        self.leader.send("2")
        self.organizer.do("Gwen", "admit")
        self.waiting.add()
        self.waiting.send("3")
        self.organizer.use("stopMessaging")
        self.disable()
        self.lene.call(CHRIS.uri)
        self.lene.leave()
        self.lene.call(CHRIS.uri)


BY_VERB: Mapping[tuple[str, str], Callable[[Stage], object]] = {
    ("startMessaging", "POST"): lambda stage: stage.leader.add(),
    ("sendMessage", "POST"): lambda stage: stage.organizer.send("Hi"),
    ("message", "POST"): Stage.reply,
    ("setIsTyping", "POST"): lambda stage: stage.attendee.use("setIsTyping"),
    ("stopMessaging", "POST"): lambda stage: stage.attendee.use("stopMessaging"),
    ("enableAudienceMessaging", "POST"): Stage.enable,
    ("disableAudienceMessaging", "POST"): Stage.disable,
    ("addParticipant", "POST"): lambda stage: stage.attendee.add_person(CHRIS.uri),
    ("accept", "POST"): Stage.connect,
    ("conversationLog", "DELETE"): Stage.delete_log,
    ("markAsRead", "POST"): lambda stage: stage.use_log("markAsRead"),
    ("continueMessaging", "POST"): lambda stage: stage.use_log("continueMessaging"),
    ("decline", "POST"): lambda stage: stage.chris.answer("decline", stage.call()),
}
OTHERWISE: Mapping[str, Callable[[Stage], object]] = {
    "somebody calls": Stage.call,
    "nobody answers": Stage.time_out,
    "a talk ends": Stage.end,
    "a talk becomes a meeting": Stage.escalate,
    "an attendee leads, who may not speak": Stage.promote_a_silent_one,
    "who types sends": Stage.type_and_stop,
    "who takes messages leaves": lambda stage: stage.attendee.leave(),
    "who takes messages is ejected": lambda stage: stage.organizer.do("Alex Darrow", "eject"),
    "all of it": Stage.everything,
}


@pytest.fixture
def stage(installation: Installation) -> Stage:
    return Stage(installation)


@pytest.mark.parametrize("verb", BY_VERB, ids=" ".join)
def test_verbs(stage: Stage, verb: tuple[str, str]) -> None:
    BY_VERB[verb](stage)
    stage.check()


@pytest.mark.parametrize("what", OTHERWISE)
def test_what_else_happens(stage: Stage, what: str) -> None:
    OTHERWISE[what](stage)
    stage.check()
