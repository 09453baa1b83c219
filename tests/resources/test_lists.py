"""Lists: what their rows embed is found for all of them together."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from openucwa.domain.deployment import Deployment
from openucwa.resources.all import REGISTRY
from openucwa.resources.viewer import Me
from openucwa.store.lane import Connection
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.extensions import Extensions
from openucwa.store.tables.meetings import Meetings
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel
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
