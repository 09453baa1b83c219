"""Whatever is done in a meeting: the old tree with the events applied equals the new tree.

For everybody at once: who organizes it, who may edit it, who leads, who attends, who waits, and who
is not there.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from openucwa.domain.people import Profile
from prove.tree import Follower
from tests.http.test_sharing import ROBIN, share
from tests.installation import CHRIS, JSON, Installation, Person
from tests.live import Seat, guest, link

ALEX = Profile(uri="sip:Alex@contoso.com", name="Alex Darrow")
LENE = Profile(uri="sip:Lene@contoso.com", name="Lene Aaling")


class Viewer(Seat):
    """A person in a meeting, or not, with a client that follows her events."""

    def __init__(self, person: Person) -> None:
        super().__init__(person)
        self.next += "&extended=true"
        self.follower = self.new()

    def new(self) -> Follower:
        # From here on, not from the application: meetings and policies have tests of their own.
        follower = Follower(self._read, self.person.href("communication", "self"))
        assert follower.tree
        return follower

    def _read(self, href: str) -> Mapping[str, Any] | None:
        answer = self.person.get(href, Accept=JSON)
        if answer.status_code in (403, 404, 405):
            return None
        assert answer.status_code == 200, answer.text
        found: Mapping[str, Any] = answer.json()
        return found

    def check(self) -> None:
        """Hear what has happened, and compare."""
        package = self.get(self.next)
        self.next = link(package, "next")
        self.follower.apply(package)
        old, new = self.follower.tree, self.new().tree
        assert old.keys() == new.keys()
        for href, found in old.items():
            assert found == new[href], href


class Stage:
    """A meeting with everybody in it, but for a guest who waits and a stranger."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        dana = installation.sign_in()
        self.meeting = dana.schedule(
            subject="Weekly", leaders=[ROBIN.uri], attendees=[ALEX.uri], accessLevel="Invited"
        )
        installation.sign_in(CHRIS)
        share(dana, self.meeting)
        self.organizer = Viewer(dana)
        self.editor = self.user(CHRIS)
        self.leader = self.user(ROBIN)
        self.attendee = self.user(ALEX)
        self.waiting = Viewer(guest(installation, self.meeting).person)
        self.stranger = self.user(LENE)
        for one in (self.organizer, self.editor, self.leader, self.attendee, self.waiting):
            one.join(self.meeting)
        assert self.waiting.view()["state"] == "InLobby"
        self.check()

    def user(self, profile: Profile) -> Viewer:
        return Viewer(self.installation.sign_in(profile))

    @property
    def everybody(self) -> list[Viewer]:
        return [
            *(self.organizer, self.editor, self.leader),
            *(self.attendee, self.waiting, self.stranger),
        ]

    def check(self) -> None:
        for one in self.everybody:
            one.check()

    def put(self, **changes: Any) -> None:
        found = self.organizer.get(link(self.meeting, "self"))
        answer = self.organizer.person.put({**found, **changes})
        assert answer.status_code == 200, answer.text

    def cancel_joining(self) -> None:
        """The guest who waits goes; so her invitation has to be asked for."""
        self.waiting.leave()
        found = self.waiting.join(self.meeting)
        self.check()
        answer = self.waiting.person.post(link(found, "cancel"))
        assert answer.status_code == 204, answer.text

    def start(self) -> None:
        href = self.organizer.person.href("communication", "startOnlineMeeting")
        assert self.organizer.person.post(href, json={"subject": "Now"}).status_code == 201

    def delete(self) -> None:
        answer = self.organizer.person.delete(link(self.meeting, "self"))
        assert answer.status_code == 204, answer.text

    def demote(self) -> None:
        self.organizer.do("Robin Counts", "demote")

    def eject_and_come_back(self) -> None:
        self.organizer.do("Alex Darrow", "eject")
        self.check()
        self.attendee.join(self.meeting)

    def go_one_by_one(self) -> None:
        for one in (self.waiting, self.attendee, self.leader, self.editor, self.organizer):
            one.leave()


BY_VERB: Mapping[tuple[str, str], Callable[[Stage], object]] = {
    ("joinOnlineMeeting", "POST"): lambda stage: stage.stranger.join(stage.meeting),
    ("conversation", "DELETE"): lambda stage: stage.leader.leave(),
    ("cancel", "POST"): Stage.cancel_joining,
    ("admit", "POST"): lambda stage: stage.editor.do("Gwen", "admit"),
    ("reject", "POST"): lambda stage: stage.leader.do("Gwen", "reject"),
    ("eject", "POST"): lambda stage: stage.organizer.do("Alex Darrow", "eject"),
    ("promote", "POST"): lambda stage: stage.organizer.do("Alex Darrow", "promote"),
    ("demote", "POST"): Stage.demote,
}
OTHERWISE: Mapping[str, Callable[[Stage], object]] = {
    "a meeting is started": Stage.start,
    "the subject changes": lambda stage: stage.put(subject="Monthly"),
    "the meeting is opened": lambda stage: stage.put(accessLevel="Everyone"),
    "the meeting is locked": lambda stage: stage.put(accessLevel="Locked"),
    "nobody is invited any more": lambda stage: stage.put(attendees=[], leaders=[]),
    "the meeting is cancelled": Stage.delete,
    "the organizer goes": lambda stage: stage.organizer.leave(),
    "somebody comes back": Stage.eject_and_come_back,
    "all go": Stage.go_one_by_one,
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


def test_all_of_it_told_at_a_time(stage: Stage) -> None:
    """Told together it comes to the same as told one by one."""
    stage.stranger.join(stage.meeting)
    stage.organizer.do("Alex Darrow", "promote")
    stage.organizer.do("Lene Aaling", "admit")
    stage.editor.do("Gwen", "admit")
    stage.organizer.do("Robin Counts", "demote")
    stage.put(subject="Monthly")
    stage.organizer.do("Gwen", "eject")
    stage.waiting.join(stage.meeting)
    stage.check()
