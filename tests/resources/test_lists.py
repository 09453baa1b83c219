"""Lists: what their rows embed is found for all of them together."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from openucwa.domain.deployment import Deployment
from openucwa.domain.meetings import Meeting
from openucwa.domain.people import Profile, User
from openucwa.domain.schedules import Schedule, Times
from openucwa.resources.all import REGISTRY
from openucwa.resources.viewer import Me
from openucwa.store.lane import Connection
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.delegates import Delegates
from openucwa.store.tables.extensions import Extensions
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.schedules import Schedules
from openucwa.store.tables.shares import Shares
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel, ShareRole
from openucwa.wire.representation import Representation
from tests.store.memory import NOW, application, connect, details, extension, user

DEPLOYMENT = Deployment(domain="contoso.com", meet_url="https://meet.contoso.com")


@pytest.fixture
def connection() -> Iterator[Connection]:
    with closing(connect()) as found:
        yield found


def shown(connection: Connection, rel: str) -> tuple[Representation, int]:
    """What a dashboard shows, and the number of statements that it takes."""
    me = Me(user(), DEPLOYMENT, application())
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    found = REGISTRY.represent(Transaction(connection, NOW), me, rel, me)
    connection.set_trace_callback(None)
    return found, len(statements)


def schedule(connection: Connection, count: int) -> list[str]:
    tx = Transaction(connection, NOW)
    ids = []
    for number in range(count):
        meeting = tx.of(Meetings).add(
            OnlineMeetingRel.MY_ONLINE_MEETINGS, details(str(number)), by=application()
        )
        ids.append(meeting.online_meeting_id)
        if number % 3:
            for id in ("b", "a"):
                kept = extension(id, meeting.online_meeting_id, members={"of": str(number)})
                tx.of(Extensions).add(kept)
    return ids


def test_meetings_with_extensions_take_as_many_queries_as_one(connection: Connection) -> None:
    schedule(connection, 2)
    _, few = shown(connection, "myOnlineMeetings")
    schedule(connection, 60)
    _, many = shown(connection, "myOnlineMeetings")
    assert many == few


@pytest.mark.parametrize("count", [1, 3, 151, 160])
def test_each_meeting_embeds_its_own_extensions(connection: Connection, count: int) -> None:
    """However many have some: 100 are read at once."""
    schedule(connection, count)
    found, _ = shown(connection, "myOnlineMeetings")
    meetings = found.embedded.get("myOnlineMeeting", [])
    assert not isinstance(meetings, Representation)
    assert len(meetings) == count
    for meeting in meetings:
        number = str(meeting.properties["subject"])
        own = meeting.embedded.get("onlineMeetingExtension", [])
        assert not isinstance(own, Representation)
        told = [(one.properties["id"], one.properties["of"]) for one in own]
        assert told == ([("a", number), ("b", number)] if int(number) % 3 else [])


def test_applications_tell_what_each_can_do_with_one_query(connection: Connection) -> None:
    tx = Transaction(connection, NOW)
    counts = []
    for number in (1, 2, 3):
        one = application(id=number, endpoint_id=str(number))
        tx.of(Applications).add(one)
        tx.of(Channels).open(one)
        counts.append(shown(connection, "applications")[1])
    found, _ = shown(connection, "applications")
    applications = found.embedded["application"]
    assert not isinstance(applications, Representation)
    for one_shown in applications:
        part = one_shown.embedded["communication"]
        assert isinstance(part, Representation)
        assert part.href == f"{one_shown.href}/communication"
    per_application = counts[2] - counts[1]
    assert per_application <= 2  # its channel, and the link to the standing meeting


class TestShared:
    """Meetings of others, by shares or as a delegate: a list of them costs what one's own does."""

    @pytest.fixture
    def chris(self, connection: Connection) -> User:
        return self.add(connection, "chris")

    def add(self, connection: Connection, name: str) -> User:
        profile = Profile(uri=f"sip:{name}@contoso.com", name=name)
        found = Transaction(connection, NOW).of(Users).add(profile, "hash")
        assert found is not None
        return found

    def fill(self, connection: Connection, owner: User, count: int) -> list[Meeting]:
        """Give an organizer meetings with a time each; every third has an extension."""
        tx, by = Transaction(connection, NOW), application(owner.id)
        found = []
        for number in range(count):
            meeting = tx.of(Meetings).add(
                OnlineMeetingRel.MY_ONLINE_MEETINGS, details(str(number)), by=by, told=False
            )
            schedule = Schedule(
                organizer_id=owner.id,
                organizer=owner.join_name,
                online_meeting_id=meeting.online_meeting_id,
            )
            times = Times(start_time=NOW, end_time=NOW + timedelta(hours=1), time_zone="UTC")
            tx.of(Schedules).replace(schedule, times, by=by, on_behalf=False)
            if number % 3 == 0:
                tx.of(Extensions).add(extension("a", meeting.online_meeting_id, owner.id))
            found.append(meeting)
        return found

    def seen(self, connection: Connection, viewer: User, rel: str) -> tuple[int, int]:
        """The meetings that a list embeds or links to, and the statements that it takes."""
        me = Me(viewer, DEPLOYMENT, application(viewer.id))
        statements: list[str] = []
        connection.set_trace_callback(statements.append)
        found = REGISTRY.represent(Transaction(connection, NOW), me, rel, me)
        connection.set_trace_callback(None)
        name = rel.removesuffix("s")
        embedded, links = found.embedded.get(name, []), found.links.get(name, [])
        assert not isinstance(embedded, Representation)
        assert isinstance(links, list)
        for one in embedded[::100]:
            assert "onlineMeetingSchedule" in one.embedded
        return len(embedded) + len(links), len(statements)

    @pytest.mark.parametrize("are_delegated", [False, True], ids=["shares", "delegation"])
    def test_a_thousand_of_many_organizers_cost_as_many_queries_as_of_one(
        self, connection: Connection, chris: User, are_delegated: bool
    ) -> None:
        tx = Transaction(connection, NOW)
        self.fill(connection, chris, 1000)
        own, of_own = self.seen(connection, chris, "myOnlineMeetings")
        assert own == 1000

        def organize(name: str, count: int) -> None:
            owner = self.add(connection, name)
            meetings = self.fill(connection, owner, count)
            if are_delegated:
                tx.of(Delegates).add(owner, chris)
            else:
                for one in meetings:
                    tx.of(Shares).add(one, chris, ShareRole.EDITOR)

        organize("boss", 4)
        few, of_few = self.seen(connection, chris, "sharedOnlineMeetings")
        assert few == 4
        for number in range(20):
            organize(f"boss{number}", 50)
        many, of_many = self.seen(connection, chris, "sharedOnlineMeetings")
        assert many == 1004
        assert of_many <= of_own
        assert (
            of_many <= of_few + 1004 // 3 // 100
        )  # extensions are read a hundred meetings at once
