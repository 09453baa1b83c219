"""The Python client on bad days of a real server: what it does then by itself."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from openucwa.client import Client, EventStream, Meeting
from openucwa.testing.controls import When
from openucwa.testing.server import Server
from tests.patience import until

pytestmark = pytest.mark.slow


@pytest.fixture
def meeting(ucwa_client: Client) -> Meeting:
    return ucwa_client.meetings.schedule(subject="Weekly")


@pytest.fixture
def heard(ucwa_server: Server, ucwa_client: Client, meeting: Meeting) -> "Iterator[Future[None]]":
    """Done when the client, which waits for events by now, is told of the subject "Moved"."""

    def listen(events: EventStream) -> None:
        for event in events:
            if event.type == "resync" and ucwa_client.meetings.get(meeting).subject == "Moved":
                return
            if event.resource and event.resource.properties.get("subject") == "Moved":
                return
        raise AssertionError

    with ThreadPoolExecutor(1) as thread, ucwa_client.events() as events:
        told = thread.submit(listen, events)
        wait_until_it_waits(ucwa_server)
        yield told


def wait_until_it_waits(server: Server) -> None:
    until(lambda: "GET events" in server.controls.under_way())


class TestEvents:
    def test_as_nothing_is_wrong(
        self, ucwa_server: Server, meeting: Meeting, heard: "Future[None]"
    ) -> None:
        ucwa_server.controls.change_meeting(meeting, subject="Moved")
        heard.result(20)

    def test_nothing_happens_for_long(
        self, ucwa_server: Server, meeting: Meeting, heard: "Future[None]"
    ) -> None:
        for _ in range(3):
            ucwa_server.controls.advance(minutes=30)
            wait_until_it_waits(ucwa_server)
        ucwa_server.controls.change_meeting(meeting, subject="Moved")
        heard.result(20)

    def test_the_application_and_the_token_expire(
        self, ucwa_server: Server, meeting: Meeting, heard: "Future[None]"
    ) -> None:
        ucwa_server.controls.expire_tokens()
        ucwa_server.controls.expire_applications()
        ucwa_server.controls.change_meeting(meeting, subject="Moved")
        heard.result(20)

    def test_the_server_dies_and_is_there_again(
        self, ucwa_server: Server, meeting: Meeting, heard: "Future[None]"
    ) -> None:
        ucwa_server.kill()
        ucwa_server.restart()
        ucwa_server.controls.change_meeting(meeting, subject="Moved")
        heard.result(40)

    def test_an_answer_with_events_is_lost(
        self, ucwa_server: Server, meeting: Meeting, heard: "Future[None]"
    ) -> None:
        """The request that waits was not meant: faults happen to requests that come."""
        ucwa_server.controls.drop(rel="events")
        ucwa_server.controls.change_meeting(meeting, description="First")
        until(lambda: not ucwa_server.controls.faults())
        ucwa_server.controls.change_meeting(meeting, subject="Moved")
        heard.result(20)


class TestEdits:
    def test_the_answer_is_lost(
        self, ucwa_server: Server, ucwa_client: Client, meeting: Meeting
    ) -> None:
        """The client sends it again, and sees by the 412 that it was itself who was faster."""
        ucwa_server.controls.drop(method="PUT")
        assert ucwa_client.meetings.update(meeting, subject="Moved").subject == "Moved"
        assert len(ucwa_client.meetings.history(meeting)) == 2

    def test_the_answer_is_lost_and_somebody_else_comes_in_between(
        self, ucwa_server: Server, ucwa_client: Client, meeting: Meeting
    ) -> None:
        ucwa_server.controls.drop(method="PUT")
        ucwa_server.controls.conflict(description="Theirs")
        saved = ucwa_client.meetings.update(meeting, subject="Moved")
        assert (saved.subject, saved.description) == ("Moved", "Theirs")

    def test_somebody_is_always_faster(
        self, ucwa_server: Server, ucwa_client: Client, meeting: Meeting
    ) -> None:
        ucwa_server.controls.conflict(times=3)
        assert ucwa_client.meetings.update(meeting, subject="Moved").subject == "Moved"

    def test_the_service_is_away_for_a_while(
        self, ucwa_server: Server, ucwa_client: Client, meeting: Meeting
    ) -> None:
        ucwa_server.controls.unavailable(retry_after=1, when="after", method="PUT")
        assert ucwa_client.meetings.update(meeting, subject="Moved").subject == "Moved"

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_the_server_dies_and_is_there_again(
        self, ucwa_server: Server, ucwa_client: Client, meeting: Meeting, when: When
    ) -> None:
        ucwa_server.controls.kill_at(when=when, method="PUT")
        with ucwa_server.restarting():
            assert ucwa_client.meetings.update(meeting, subject="Moved").subject == "Moved"

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_meeting_is_scheduled_once_though_its_answer_is_lost(
        self, ucwa_server: Server, ucwa_client: Client, when: When
    ) -> None:
        ucwa_server.controls.drop(when=when, method="POST", rel="myOnlineMeetings")
        ucwa_client.meetings.schedule(subject="Once")
        subjects = [one.subject for one in ucwa_client.meetings.list()]
        assert subjects.count("Once") == 1
