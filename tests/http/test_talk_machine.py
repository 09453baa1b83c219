"""Whatever people do in talks and a meeting, each message comes once, in one order, to all."""

from collections import defaultdict
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import integers, sampled_from

from openucwa.domain.people import Profile
from openucwa.resources.all import _exported
from openucwa.resources.registry import Registry
from openucwa.store.transaction import Transaction
from tests.http.test_adding import Host
from tests.installation import CHRIS, DANA, Clock, Installation, installed
from tests.live import COMMUNICATION, link

ALEX = Profile(uri="sip:Alex@contoso.com", name="Alex Darrow")
PROFILES = (DANA, CHRIS, CHRIS, ALEX)
"""Those who talk, each at an application."""
PLAIN = Registry(_exported())
"""The same resources, without the oracle, which would take most of the time."""
SOMEBODY = integers(0, len(PROFILES) - 1)

_WRONG = {
    "a talk that is over, with somebody in it": (
        "SELECT 1 FROM conversations c JOIN views v ON v.conversation_id = c.conversation_id"
        " WHERE c.ended_at IS NOT NULL AND v.ended_at IS NULL AND v.state <> 'Incoming'"
    ),
    "an invitation that nobody can answer": (
        "SELECT 1 FROM invitations i WHERE i.completed_at IS NULL AND NOT EXISTS ("
        "SELECT 1 FROM views v WHERE v.conversation_id = i.conversation_id"
        " AND v.application_id = i.application_id AND v.ended_at IS NULL)"
    ),
    "somebody who takes messages at no application": (
        "SELECT 1 FROM participants p WHERE p.in_messaging = 1 AND NOT EXISTS ("
        "SELECT 1 FROM views v WHERE v.conversation_id = p.conversation_id"
        " AND v.user_id = p.user_id AND v.messaging = 'Connected' AND v.ended_at IS NULL)"
    ),
    "an application that takes messages of somebody who takes none": (
        "SELECT 1 FROM views v JOIN participants p ON p.conversation_id = v.conversation_id"
        " AND p.user_id = v.user_id WHERE v.messaging = 'Connected' AND p.in_messaging = 0"
    ),
    "an application that takes messages, and has gone": (
        "SELECT 1 FROM views WHERE messaging <> 'Disconnected' AND ended_at IS NOT NULL"
    ),
    "a channel that follows what its application does not take": (
        "SELECT 1 FROM follows f WHERE f.topic LIKE 'messages/%' AND f.until IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM views v WHERE v.application_id = f.application_id"
        " AND 'messages/' || v.conversation_id = f.topic AND v.messaging = 'Connected')"
    ),
    "a channel that follows the same twice": (
        "SELECT 1 FROM follows WHERE until IS NULL"
        " GROUP BY user_id, application_id, instance_id, topic, part HAVING count(*) > 1"
    ),
    "somebody who types, and takes no messages": (
        "SELECT 1 FROM typists t JOIN participants p ON p.conversation_id = t.conversation_id"
        " AND p.address = t.address WHERE t.due_at IS NOT NULL AND p.in_messaging = 0"
    ),
}


class Talking(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()
        folder = Path(self.opened.enter_context(TemporaryDirectory()))
        self.clock = Clock()
        self.installation: Installation = self.opened.enter_context(
            installed(folder, self.clock, registry=PLAIN)
        )
        self.people = [Host(self.installation.sign_in(one)) for one in PROFILES]
        for one in self.people:
            one.available()
        self.meeting = self.people[0].person.schedule(subject="Weekly", accessLevel="Everyone")
        self.expected: dict[Host, list[str]] = defaultdict(list)
        self.heard: dict[Host, list[str]] = defaultdict(list)
        self.begin()

    def begin(self) -> None:
        """Let some be in the meeting, and two in a talk, so that there is something to do."""
        *inside, caller = self.people
        for one in inside:
            one.join(self.meeting)
            one.add()
            one.hear()
        caller.call(CHRIS.uri)
        assert inside[1].answer("accept", inside[1].ringing()) == 204

    def teardown(self) -> None:
        for one in self.people:
            self.listen(one)
            assert self.heard[one] == self.expected[one]
        self.opened.close()

    def listen(self, one: Host) -> None:
        self.heard[one] += [link(message, "self") for message in one.heard()]

    def views(self, one: Host) -> list[str]:
        """The conversations that an application is in, or is invited to."""
        listed = one.get(one.person.href(COMMUNICATION, "conversations"))["_links"]
        return [view["href"] for view in listed.get("conversation", [])]

    def view_of(self, number: int, which: int) -> tuple[Host, str] | None:
        one = self.people[number]
        found = sorted(self.views(one))
        return (one, found[which % len(found)]) if found else None

    @rule(number=SOMEBODY)
    def listens(self, number: int) -> None:
        self.listen(self.people[number])

    @rule(number=SOMEBODY)
    def joins(self, number: int) -> None:
        self.people[number].try_to_join(self.meeting)

    @rule(number=SOMEBODY, other=sampled_from(PROFILES))
    def calls(self, number: int, other: Profile) -> None:
        answer = self.people[number].try_to_call(to=other.uri)
        assert answer.status_code in (201, 400, 409, 429)

    @rule(number=SOMEBODY, which=integers(0, 3), rel=sampled_from(["accept", "decline"]))
    def answers(self, number: int, which: int, rel: str) -> None:
        one = self.people[number]

        def ringing(tx: Transaction) -> list[Any]:
            rows: list[Any] = tx.connection.execute(
                "SELECT kind, invitation_id FROM invitations WHERE application_id = :id"
                " AND direction = 'Incoming' ORDER BY completed_at IS NULL DESC, invitation_id",
                {"id": int(one.application_id)},
            ).fetchall()
            return rows

        rows = self.installation.transact(ringing)
        if rows:
            kind, id = rows[which % len(rows)]
            base = one.person.href(COMMUNICATION, "self")
            answer = one.person.post(f"{base}/{kind}s/{id}/{rel}")
            assert answer.status_code in (204, 409)

    @rule(number=SOMEBODY, which=integers(0, 3))
    def sends(self, number: int, which: int) -> None:
        found = self.view_of(number, which)
        if found is None:
            return
        one, view = found
        takers = [
            other
            for other in self.people
            if other.person.get(
                view.replace(one.application_id, other.application_id) + "/messaging"
            )
            .json()
            .get("state")
            == "Connected"
        ]
        answer = one.person.post(
            f"{view}/messaging/messages", content=b"Hi", headers={"Content-Type": "text/plain"}
        )
        assert (answer.status_code == 201) is (one in takers), answer.text
        if answer.status_code == 201:
            sent = answer.headers["Location"]
            for other in takers:
                there = sent.replace(one.application_id, other.application_id)
                self.expected[other].append(there)

    @rule(number=SOMEBODY, which=integers(0, 3))
    def adds_messages(self, number: int, which: int) -> None:
        found = self.view_of(number, which)
        if found is None:
            return
        one, view = found
        messaging = one.get(f"{view}/messaging")
        if "addMessaging" not in messaging["_links"]:
            return
        self.time_passes(60)  # so that it hears of none before
        assert one.person.post(link(messaging, "addMessaging"), json={}).status_code == 201

    @rule(number=SOMEBODY, which=integers(0, 3))
    def stops(self, number: int, which: int) -> None:
        found = self.view_of(number, which)
        if found is not None:
            one, view = found
            assert one.person.post(f"{view}/messaging/terminate").status_code == 204

    @rule(number=SOMEBODY, which=integers(0, 3))
    def types(self, number: int, which: int) -> None:
        found = self.view_of(number, which)
        if found is not None:
            one, view = found
            assert one.person.post(f"{view}/messaging/typing").status_code in (204, 409)

    @rule(number=SOMEBODY, which=integers(0, 3))
    def leaves(self, number: int, which: int) -> None:
        found = self.view_of(number, which)
        if found is not None:
            one, view = found
            assert one.person.delete(view).status_code == 204

    @rule(number=SOMEBODY, which=integers(0, 3), other=sampled_from(PROFILES))
    def invites(self, number: int, which: int, other: Profile) -> None:
        found = self.view_of(number, which)
        if found is None:
            return
        one, view = found
        links = one.get(view)["_links"]
        if "addParticipant" in links:
            href = links["addParticipant"]["href"]
            answer = one.person.post(href, json={"to": other.uri})
            assert answer.status_code in (201, 400, 409)

    @rule(seconds=sampled_from([1, 6, 11, 31]))
    def time_passes(self, seconds: int) -> None:
        for one in self.people:  # or some would not be reached any more
            self.listen(one)
        self.installation.let_pass(timedelta(seconds=seconds))

    @invariant()
    def nothing_is_wrong(self) -> None:
        for what, sql in _WRONG.items():
            found = self.installation.transact(
                lambda tx, sql=sql: tx.connection.execute(sql, {}).fetchone()
            )
            assert found is None, what


TestTalking = Talking.TestCase
TestTalking.settings = settings(
    max_examples=6,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
