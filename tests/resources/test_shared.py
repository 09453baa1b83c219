"""A noun that many share, declared as nouns are: see tests/circle."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import sampled_from

from openucwa.delivery.channel import Delivery
from openucwa.delivery.pending import Asked, Pending
from openucwa.domain.channels import Timers
from openucwa.http.routes import Routes
from openucwa.resources.application.events import events
from openucwa.resources.path import ROOT
from openucwa.resources.registry import Registry
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store import declared
from openucwa.store.belongings import Belongings
from openucwa.store.connection import Connection
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction
from openucwa.wire import json as as_json
from openucwa.wire.errors import Conflict, Forbidden, UcwaError
from prove.tree import Follower
from tests.circle import tables
from tests.circle.resources import REJECTED, RESOURCES
from tests.circle.tables.circles import INDEX, SCHEMA, Circles, Role
from tests.engines import ENGINES, POSTGRES, SQLITE
from tests.installation import DEPLOYMENT
from tests.store.alone import connection_to
from tests.store.memory import NOW, application, user

REGISTRY = Registry([*RESOURCES, events])
DELIVERY = Delivery(REGISTRY)
ROUTES: Routes[Resource[Any]] = Routes(
    ((*ROOT.strip("/").split("/"), *one.template.segments), one) for one in REGISTRY.resources
)
CIRCLE = "the-circle"
PEOPLE = (1, 2, 3, 4)


class Viewer:
    """Somebody with a channel, and the tree that she knows."""

    def __init__(self, connection: Connection, user_id: int) -> None:
        self.connection = connection
        self.me = Me(user(user_id), DEPLOYMENT, application(user_id))
        tx = self.tx()
        tx.of(Applications).add(self.me.application)
        self.channel = tx.of(Channels).open(self.me.application)
        self.follower = self.new()
        assert self.follower.tree

    def tx(self) -> Transaction:
        return Transaction(self.connection, NOW)

    @property
    def circle(self) -> str:
        return f"{ROOT}applications/{self.me.application.id}/circles/{CIRCLE}"

    def new(self) -> Follower:
        return Follower(self.get, self.circle)

    def get(self, href: str) -> Mapping[str, Any] | None:
        match = ROUTES.match(href.encode())
        assert match is not None
        resource = match.endpoint
        keys = {name: key for name, key in match.keys.items() if name != "application_id"}
        found = resource.found(self.tx(), self.me, **keys) if resource.readable else None
        if found is None:
            return None
        shown = REGISTRY.represent(self.tx(), self.me, resource.rel, found)
        read: Mapping[str, Any] = json.loads(as_json.write(shown))
        return read

    def post(self, rel: str, **keys: str) -> None:
        """Use a capability. Each statement is a transaction of its own: nobody else is there."""
        tx = self.tx()
        offered = REGISTRY.of(rel)
        found = offered.found(tx, self.me, circle_id=CIRCLE, **keys)
        if found is not None:
            offered.verbs["POST"].function(tx, self.me, found)

    def hear(self) -> Mapping[str, Any]:
        asked = Asked(
            ack=self.channel.number + 1,
            priority=0,
            timers=Timers(),
            extended=True,
            sender=self.me.user.id,
            viewer=lambda tx: self.me,
            written=lambda package: b"",
        )
        nothing: Any = None  # there is no event loop, so no future
        (plan,) = DELIVERY.plan(self.tx(), [Pending(asked, self.channel, answer=nothing)])
        (given,) = DELIVERY.advance(self.tx(), [plan])
        assert not isinstance(given, Exception)
        self.channel = given.channel
        package: Mapping[str, Any] = json.loads(
            as_json.write_package(DELIVERY.package(self.tx(), given, {}))
        )
        return package

    def check(self) -> None:
        """The old tree with the events applied equals the new tree."""
        self.follower.apply(self.hear())
        assert self.follower.tree == self.new().tree


@contextmanager
def circles(engine: str) -> Iterator[Connection]:
    """A database with the tables of circles, too."""
    with connection_to(engine) as connection:
        connection.execute(SCHEMA, {})
        connection.execute(INDEX, {})
        yield connection


@pytest.fixture(params=ENGINES)
def viewers(request: pytest.FixtureRequest) -> Iterator[list[Viewer]]:
    with circles(request.param) as connection:
        yield [Viewer(connection, number) for number in PEOPLE]


class SharedCircle(RuleBasedStateMachine):
    """Whatever members do, each viewer hears of all that changes for her, and of nothing else."""

    engine = SQLITE

    def __init__(self) -> None:
        super().__init__()
        self.opened = circles(self.engine)
        self.connection = self.opened.__enter__()
        self.viewers = {number: Viewer(self.connection, number) for number in PEOPLE}

    def teardown(self) -> None:
        self.opened.__exit__(None, None, None)

    def role_of(self, number: int) -> Role | None:
        tx = Transaction(self.connection, NOW)
        return tx.of(Circles).get(CIRCLE, number).viewer_role

    @rule(number=sampled_from(PEOPLE))
    def join(self, number: int) -> None:
        if self.role_of(number):
            with pytest.raises(Conflict):
                self.viewers[number].post("joinCircle")
        else:
            self.viewers[number].post("joinCircle")

    @rule(number=sampled_from(PEOPLE))
    def leave(self, number: int) -> None:
        if self.role_of(number):
            self.viewers[number].post("leaveCircle")
            assert self.role_of(number) is None
            # What happens until she is back, she is never told: her client has to start anew.
            self.viewers[number].check()

    @precondition(lambda self: any(map(self.role_of, PEOPLE)))
    @rule(
        number=sampled_from(PEOPLE),
        other=sampled_from(PEOPLE),
        rel=sampled_from(["admit", "reject", "promote"]),
    )
    def act(self, number: int, other: int, rel: str) -> None:
        """A capability is a link exactly when it can be used."""
        viewer, role, was = self.viewers[number], self.role_of(number), self.role_of(other)
        shown = viewer.get(f"{viewer.circle}/members/{other}")
        assert (shown is not None) is bool(role and was)
        if shown is None:
            return
        needed = Role.ATTENDEE if rel == "promote" else Role.WAITING
        is_offered = role is Role.LEADER and was is needed
        assert (rel in shown["_links"]) is is_offered
        refused: type[UcwaError] | None = None
        if role is not Role.LEADER:
            refused = Forbidden
        elif not is_offered and rel != "admit":  # who is admitted already stays so
            refused = Conflict
        if refused:
            with pytest.raises(refused):
                viewer.post(rel, member_id=str(other))
            assert self.role_of(other) is was
        else:
            viewer.post(rel, member_id=str(other))

    @rule(number=sampled_from(PEOPLE))
    def hear(self, number: int) -> None:
        """Some hear of a change at once, and others of many together."""
        self.viewers[number].check()

    @invariant()
    def each_is_in_one_place(self) -> None:
        found = Transaction(self.connection, NOW).of(Circles).get(CIRCLE, 0)
        assert sum(len(found.within(role)) for role in Role) == len(found.members)


TestSharedCircle = SharedCircle.TestCase
TestSharedCircle.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


class SharedCircleOnPostgres(SharedCircle):
    engine = POSTGRES


TestSharedCircleOnPostgres = SharedCircleOnPostgres.TestCase
TestSharedCircleOnPostgres.settings = settings(
    max_examples=10, stateful_step_count=25, deadline=None
)


def test_a_topic_is_heard_from_joining_to_leaving(viewers: list[Viewer]) -> None:
    leader, other, *_ = viewers
    leader.post("joinCircle")
    assert other.hear()["sender"] == []
    other.post("joinCircle")
    assert other.hear()["sender"] != []
    other.post("leaveCircle")
    leader.hear()
    other.check()
    viewers[2].post("joinCircle")
    assert other.hear()["sender"] == []
    assert leader.hear()["sender"] != []


def test_one_fact_is_heard_by_all_members_each_as_she_sees_it(viewers: list[Viewer]) -> None:
    for viewer in viewers[:3]:
        viewer.post("joinCircle")
    for viewer in viewers[:3]:
        viewer.check()
    viewers[0].post("admit", member_id="2")
    href = "/circles/the-circle/members/3"
    links = []
    for viewer in viewers[:3]:
        told = [one for sender in viewer.hear()["sender"] for one in sender["events"]]
        (third,) = (one for one in told if one["link"]["href"].endswith(href))
        links.append(third["_embedded"]["member"]["_links"].keys() - {"self"})
    assert links == [{"admit", "reject"}, set(), set()]


def test_a_wait_is_completed_with_status_and_reason(viewers: list[Viewer]) -> None:
    leader, other, *_ = viewers
    leader.post("joinCircle")
    other.post("joinCircle")
    other.check()
    leader.post("reject", member_id="2")
    told = [one for sender in other.hear()["sender"] for one in sender["events"]]
    (completed,) = (one for one in told if one["type"] == "completed")
    assert completed["link"]["rel"] == "wait"
    assert completed["status"] == "Failure"
    assert completed["reason"]["message"] == REJECTED.message


def test_a_member_is_in_several_collections(viewers: list[Viewer]) -> None:
    leader, other, *_ = viewers
    leader.post("joinCircle")
    leader.check()
    other.post("joinCircle")
    told = [one for sender in leader.hear()["sender"] for one in sender["events"]]
    places = {one["in"]["rel"] for one in told if "in" in one}
    assert places == {"members", "lobby"}


def test_a_user_is_removed_with_what_its_table_declares(
    viewers: list[Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    for viewer in viewers[:2]:
        viewer.post("joinCircle")
    with monkeypatch.context() as more:
        more.setattr(declared, "FOLDERS", [*declared.FOLDERS, tables])
        forget_declarations()
        viewers[0].tx().of(Belongings).remove(viewers[0].me.user)
    forget_declarations()
    members = viewers[1].tx().of(Circles).get(CIRCLE, 2).members
    assert [one.member_id for one in members] == ["2"]


def forget_declarations() -> None:
    declared.all_tables.cache_clear()
    declared.all_rows.cache_clear()
