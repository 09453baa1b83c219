"""The event channel, however its client and the world around it behave."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from openucwa.delivery import channel
from prove.tree import Follower
from tests.installation import CHRIS
from tests.virtual import DEPLOYMENT, Request, Server

NOTES = {"id": "notes", "type": "RoamedOrganizerData"}
ACKS = st.sampled_from([-1, 0, 1, 2, 3, 7, 10**6])


class Channel(RuleBasedStateMachine):
    """Dana changes what she has in one application, and follows it in another.

    The one that follows is a correct client: it applies what it is told, package by package. It
    asks as its `next` says, but its requests and their answers get lost, are replaced, time out,
    come twice, or from a former life. Whatever it knows is right as soon as it has heard all.
    """

    def __init__(self) -> None:
        super().__init__()
        self.server = Server(DEPLOYMENT)
        self.actor = self.server.sign_in(endpointId="actor")
        self.chris = self.server.sign_in(CHRIS)
        self.client = self.server.sign_in(endpointId="client")
        self.pending: list[Request] = []
        self.applied: list[str] = []

    @initialize()
    def look_around(self) -> None:
        self.next = self.client.next
        self.follower = self.new()
        assert self.follower.tree

    def new(self) -> Follower:
        return Follower(self.get, self.client.application["_links"]["self"]["href"])

    def get(self, href: str) -> Mapping[str, Any] | None:
        answer = self.client.send("GET", href)
        found: Mapping[str, Any] | None = answer.json if answer.status == 200 else None
        return found

    def teardown(self) -> None:
        try:
            self.hear_everything()
            assert self.follower.tree == self.new().tree
            assert len(self.applied) == len(set(self.applied))  # each package once
        finally:
            self.server.close()

    # What happens.

    def meetings(self) -> list[dict[str, Any]]:
        embedded = self.actor.get(self.actor.meetings)["_embedded"]
        return [*embedded.get("myOnlineMeeting", ()), *embedded["myAssignedOnlineMeeting"]]

    def put(self, resource: Mapping[str, Any], **changes: str) -> None:
        condition = {"if-match": f'"{resource["etag"]}"'}
        href = resource["_links"]["self"]["href"]
        self.actor.send("PUT", href, {**resource, **changes}, **condition)

    @rule()
    def schedule(self) -> None:
        self.actor.schedule()

    @rule(which=st.integers(0, 9), subject=st.text("ab", max_size=2))
    def update(self, which: int, subject: str) -> None:
        meetings = self.meetings()
        self.put(meetings[which % len(meetings)], subject=subject)

    @rule(which=st.integers(0, 9))
    def cancel(self, which: int) -> None:
        scheduled = self.meetings()[:-1]
        if scheduled:
            meeting = scheduled[which % len(scheduled)]
            self.actor.send("DELETE", meeting["_links"]["self"]["href"])

    @rule(which=st.integers(0, 9), text=st.text("ab", max_size=2))
    def extend(self, which: int, text: str) -> None:
        """Add an extension, change it, or remove it."""
        meetings = self.meetings()
        meeting = meetings[which % len(meetings)]
        there = meeting.get("_embedded", {}).get("onlineMeetingExtension", [])
        if not there:
            href = meeting["_links"]["onlineMeetingExtensions"]["href"]
            assert self.actor.send("POST", href, {**NOTES, "text": text}).status == 201
        elif text:
            self.put(there[0], text=text)
        else:
            self.actor.send("DELETE", there[0]["_links"]["self"]["href"])

    @rule(title=st.text("ab", max_size=3))
    def move(self, title: str) -> None:
        self.actor.move(title=title)

    @rule(number=st.text("12", max_size=2))
    def prefer(self, number: str) -> None:
        """Of the client's own application."""
        href = self.client.application["_embedded"]["communication"]["_links"]["self"]["href"]
        found = self.client.get(href)
        condition = {"if-match": f'"{found["etag"]}"'}
        put = self.client.send("PUT", href, {**found, "phoneNumber": number}, **condition)
        assert put.status == 204

    @rule()
    def happen_to_somebody_else(self) -> None:
        self.chris.schedule()

    @rule(seconds=st.sampled_from([1, 4, 5, 60, 180, 1800]))
    def pass_time(self, seconds: int) -> None:
        self.server.pass_time(seconds)
        for client in (self.actor, self.client, self.chris):  # nobody is away for hours
            self.server.renew(client)

    # What the client does.

    @rule(priority=st.integers(0, 2), medium=st.sampled_from([5, 600]), lost=st.booleans())
    def ask(self, priority: int, medium: int, lost: bool) -> None:
        """Ask for the next package, and get it, wait for it, or miss it."""
        request = self.client.ask(self.next, priority=priority, medium=medium)
        if not lost:
            self.pending.append(request)
        elif request.waits:
            request.hang_up()

    @rule(ack=ACKS)
    def ask_astray(self, ack: int) -> None:
        """A former self of the client asks for what is not its turn, and is led back."""
        path, number, rest = re.split(r"(?<=\?ack=)([0-9]+)", self.next)
        if abs(ack - int(number)) > 1:
            found = self.client.ask(f"{path}{ack}{rest}", priority=1).json
            assert found["sender"] == []
            assert set(found["_links"]) == {"self", "next", "resync"}

    @rule(extended=st.booleans())
    def follow_resync(self, extended: bool) -> None:
        """It leads to the package that may have got lost, which leads to where the client is."""
        astray = re.sub(r"ack=[0-9]+", "ack=999999", self.next)
        if not extended:
            astray = astray.replace("&extended=true", "")
        found = self.client.ask(astray).json
        again = self.client.ask(found["_links"]["resync"]["href"])
        if again.waits:
            again.hang_up()
        else:
            assert {"next", "resume"} & set(again.json["_links"])

    @rule()
    def look_only(self) -> None:
        assert self.client.send("HEAD", self.next).status == 200

    @invariant()
    def take_in(self) -> None:
        """Apply the answers that have come, those that answer to where the client is now."""
        for request in [one for one in self.pending if not one.waits]:
            self.pending.remove(request)
            if request.status == 200:
                self.apply(request.json)
            else:
                assert (request.status, request.json["subcode"]) == (409, "PGetReplaced")

    @invariant()
    def one_waits_at_most(self) -> None:
        assert sum(one.waits for one in self.pending) <= 1

    def apply(self, package: Mapping[str, Any]) -> None:
        """Apply a package if it is its turn; at `resume`, start over with what is there now."""
        links = package["_links"]
        if links["self"]["href"] != self.next or "resync" in links:
            return
        if "resume" in links:
            self.follower = self.new()
            assert self.follower.tree
        self.applied.append(self.next)
        self.follower.apply(package)
        self.next = links["resume" if "resume" in links else "next"]["href"]

    def hear_everything(self) -> None:
        for request in [one for one in self.pending if one.waits]:
            request.hang_up()
        for _ in range(200):
            request = self.client.ask(self.next)
            if has_waited := request.waits:
                request.pass_time(180)
            self.apply(request.json)
            if has_waited and not request.json["sender"]:
                break
        assert request.json["sender"] == []


class SmallPackages(Channel):
    """The same where packages have room for little, so that much is told in the next ones."""

    def __init__(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(channel, "MOST_FACTS", 3)
        self.patch.setattr(channel, "LARGEST", 2000)
        super().__init__()

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self.patch.undo()


TestChannel = Channel.TestCase
TestSmallPackages = SmallPackages.TestCase
TestSmallPackages.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
TestChannel.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
