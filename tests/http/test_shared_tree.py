"""Random actions on shared meetings: the old tree with the events applied equals the new tree.

For the organizer, and for people who are readers, editors, delegates, several of these or nothing,
and become and cease to be so between two actions.
"""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from openucwa.domain.people import Profile
from tests.http.test_delegates import add
from tests.http.test_sharing import ROBIN, link, share, shared
from tests.http.test_tree import Screen
from tests.installation import CHRIS, DANA, JSON, Installation, Person

ALEX = Profile(uri="sip:Alex@contoso.com", name="Alex")
OTHERS = (CHRIS, ROBIN, ALEX)
ACTIONS = 25


class People:
    """Dana and those with whom she shares her meetings, each with a screen that follows them."""

    def __init__(self, installation: Installation, chance: Random) -> None:
        self.chance = chance
        self.installation = installation
        self.dana = installation.sign_in()
        self.others = [installation.sign_in(profile) for profile in OTHERS]
        for number in range(2):
            self.dana.schedule(subject=f"{number}")
        self.screens = [Screen(one) for one in (self.dana, *self.others)]
        self.number = 0

    def act(self) -> None:
        """Do something at random, as somebody who may or may not."""
        actions: list[Callable[[], object]] = [
            self.share,
            self.share,
            self.change_or_end_share,
            self.change_or_end_share,
            self.delegate,
            self.update,
            self.update,
            self.extend,
            self.plan,
            self.schedule_or_cancel,
        ]
        self.chance.choice(actions)()

    @property
    def meetings(self) -> list[dict[str, Any]]:
        found = self.dana.get(self.dana.meetings, Accept=JSON).json()
        listed: list[dict[str, Any]] = found.get("_embedded", {}).get("myOnlineMeeting", [])
        return listed

    def share(self) -> None:
        if self.meetings:
            meeting = self.chance.choice(self.meetings)
            body = {
                "uri": self.chance.choice(OTHERS).uri,
                "role": self.chance.choice(["Editor", "Reader"]),
            }
            answer = self.dana.post(link(meeting, "onlineMeetingShares"), json=body)
            assert answer.status_code in (201, 409)

    def change_or_end_share(self) -> None:
        shares = [
            one
            for meeting in self.meetings
            for one in self.dana.get(link(meeting, "onlineMeetingShares"))
            .json()
            .get("_embedded", {})
            .get("onlineMeetingShare", [])
        ]
        if shares:
            given = self.chance.choice(shares)
            if self.chance.random() < 0.5:
                role = "Reader" if given["role"] == "Editor" else "Editor"
                assert self.dana.put({**given, "role": role}).status_code == 200
            else:
                assert self.dana.delete(link(given, "self")).status_code == 204

    def delegate(self) -> None:
        profile = self.chance.choice(OTHERS)
        if add(self.dana, profile.uri).status_code == 409:
            memberships = self.dana.href("people", "myGroupMemberships")
            uri = profile.uri.removeprefix("sip:").lower()
            assert self.dana.delete(f"{memberships}/delegates,{uri}").status_code == 204

    def somewhere(self) -> tuple[Person, dict[str, Any]] | None:
        """A person, and a meeting that she sees."""
        person = self.chance.choice(self.others)
        seen = [one for one in shared(person) if one["onlineMeetingRel"] == "myOnlineMeetings"]
        if seen:
            return person, self.chance.choice(seen)
        return (self.dana, self.chance.choice(self.meetings)) if self.meetings else None

    def update(self) -> None:
        if found := self.somewhere():
            person, meeting = found
            self.number += 1
            answer = person.put({**meeting, "subject": f"{self.number}"})
            assert answer.status_code == (403 if meeting.get("myRole") == "Reader" else 200)

    def extend(self) -> None:
        if found := self.somewhere():
            person, meeting = found
            listed = person.get(link(meeting, "onlineMeetingExtensions")).json()
            kept = listed.get("_embedded", {}).get("onlineMeetingExtension", [])
            self.number += 1
            if not kept:
                person.post(link(meeting, "onlineMeetingExtensions"), json={"id": "notes"})
            elif self.chance.random() < 0.5:
                person.put({**kept[0], "z": f"{self.number}"})
            else:
                person.delete(link(kept[0], "self"))

    def plan(self) -> None:
        if found := self.somewhere():
            person, meeting = found
            href = link(meeting, "onlineMeetingSchedule")
            if self.chance.random() < 0.3:
                person.delete(href)
            else:
                hour = self.chance.randint(10, 20)
                times = {"startTime": f"2026-11-30T{hour}:00Z", "endTime": f"2026-11-30T{hour}:30Z"}
                person.put({**person.get(href).json(), **times})

    def schedule_or_cancel(self) -> None:
        if len(self.meetings) < 3:
            self.dana.schedule(subject="New")
        elif found := self.somewhere():
            person, meeting = found
            person.delete(link(meeting, "self"))

    def look(self) -> None:
        """One of them hears of all that has happened since she did so last, or begins to."""
        if self.chance.random() < 0.2:
            profile = self.chance.choice([DANA, *OTHERS])
            self.screens.append(Screen(self.installation.sign_in(profile)))
        self.chance.choice(self.screens).check()


@pytest.mark.parametrize("seed", range(3))
def test_random_actions(installation: Installation, seed: int) -> None:
    people = People(installation, Random(seed))
    for _ in range(ACTIONS):
        people.act()
        if people.chance.random() < 0.5:
            people.look()
    for screen in people.screens:
        screen.check()


def told(screen: Screen) -> list[tuple[str, str]]:
    """The types and rels of events, as they come."""
    package = screen.person.get(screen.next).json()
    screen.next = package["_links"]["next"]["href"]
    screen.follower.apply(package)
    assert screen.follower.tree == screen.new().tree
    return [
        (event["type"], event["link"]["rel"])
        for sender in package["sender"]
        for event in sender["events"]
    ]


@pytest.fixture
def chris(installation: Installation) -> Person:
    return installation.sign_in(CHRIS)


def test_what_was_written_before_a_revocation_is_not_told_after_it(
    dana: Person, chris: Person
) -> None:
    """She is told that the meeting has gone, and nothing of what it has become."""
    meeting = dana.schedule(subject="Weekly")
    given = share(dana, meeting)
    screen = Screen(chris)
    assert dana.put({**meeting, "subject": "Secret"}).status_code == 200
    assert dana.delete(link(given, "self")).status_code == 204
    package = chris.get(screen.next).json()
    assert "Secret" not in json.dumps(package)
    types = [event["type"] for sender in package["sender"] for event in sender["events"]]
    assert "deleted" in types
    screen.follower.apply(package)
    assert screen.follower.tree == screen.new().tree


def test_a_delegate_who_is_editor_hears_once(dana: Person, chris: Person) -> None:
    meeting = dana.schedule(subject="Weekly")
    share(dana, meeting)
    assert add(dana, CHRIS.uri).status_code == 201
    screen = Screen(chris)
    assert dana.put({**meeting, "subject": "Moved"}).status_code == 200
    assert told(screen).count(("updated", "sharedOnlineMeeting")) == 1


def test_who_is_no_delegate_any_more_goes_on_to_hear(
    installation: Installation, dana: Person, chris: Person
) -> None:
    """What only delegates see, and happened while she was one, is left out."""
    meeting = dana.schedule(subject="Weekly")
    share(dana, meeting)
    membership = add(dana, CHRIS.uri).json()
    screen = Screen(chris)
    installation.sign_in(ROBIN)
    share(dana, meeting, ROBIN.uri)
    assert dana.delete(link(membership, "self")).status_code == 204
    assert dana.put({**meeting, "subject": "Moved"}).status_code == 200
    assert ("added", "onlineMeetingShare") not in told(screen)
    assert shared(chris)[0]["subject"] == "Moved"
