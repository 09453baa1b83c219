"""Rooms at a server that dies, and comes back."""

from collections.abc import Iterator

import pytest

from openucwa.client import Interrupted, Message, Resumed
from openucwa.testing.server import Server
from tests.client.live.test_room import after

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server")) as server:
        yield server


def test_no_message_is_lost_or_doubled_when_the_server_is_killed(server: Server) -> None:
    with server.client() as dana, server.client("alex@contoso.com") as alex:
        meeting = dana.meetings.schedule(subject="Weekly")
        with dana.join(meeting) as room, alex.join(meeting.uri) as hers:
            for round in range(3):
                hers.say(f"before {round}")
                server.kill()
                server.start()
                hers.say(f"after {round}")
            wanted = [f"{when} {round}" for round in range(3) for when in ("before", "after")]
            assert room.until(lambda: len(room.messages) >= len(wanted), 30)
            assert hers.until(lambda: len(hers.messages) >= len(wanted), 30)
            assert [one.text for one in room.messages] == wanted
            assert [one.text for one in hers.messages] == wanted
            assert sorted(one.name for one in room.roster) == ["Alex Darrow", "Dana Birkby"]


def test_tells_that_the_server_is_away(server: Server) -> None:
    with server.client() as dana:
        meeting = dana.meetings.schedule(subject="Weekly")
        with dana.join(meeting) as room:
            server.kill()
            (*_, interrupted) = after(room, Interrupted)
            assert any(one in interrupted.error for one in ("refuses connections", "hung up"))
            server.start()
            (*_, resumed) = after(room, Resumed)
            assert resumed == Resumed(missed=False)
            room.say("Here again")
            assert after(room, Message)[-1].text == "Here again"
