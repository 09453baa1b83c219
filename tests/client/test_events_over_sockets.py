"""Following events over real connections, while the server is killed and starts again."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from openucwa.client import ClientError, Event, EventType
from tests.passwords import PASSWORD
from tests.patience import until
from tests.sockets.process import USERNAME, add_user, serving
from tools.ports import lasting_port

Connect = Callable[..., Any]

pytestmark = pytest.mark.slow

KILLS = 2
LAST = "the last"
AT_ONCE = 5.0


class Follower(threading.Thread):
    """A program that keeps the meetings that events tell of, by their addresses."""

    def __init__(self, client: Any) -> None:
        super().__init__()
        self.client = client
        self.known: dict[str, Any] = {}
        self.once: list[tuple[Any, str]] = []
        self.wrong: list[object] = []

    def run(self) -> None:
        for event in self.client.events():
            self.take(event)
            meeting = event.meeting
            if meeting is not None and meeting.subject == LAST:
                return

    def take(self, event: Event) -> None:
        if event.type not in (EventType.ADDED, EventType.UPDATED, EventType.DELETED):
            self.wrong.append(event)
        if event.type != EventType.UPDATED:
            if (event.type, event.href) in self.once:
                self.wrong.append(event)
            self.once.append((event.type, event.href))
        if event.resource is None:
            self.known.pop(event.href, None)
            return
        before = self.known.get(event.href)
        if before is not None and int(event.resource.etag or 0) < int(before.etag):
            self.wrong.append((before, event))
        self.known[event.href] = event.resource


def write(client: Any, stop: threading.Event) -> None:
    """Schedule, change and cancel meetings, as fast as it goes."""
    while not stop.is_set():
        with suppress(ClientError):  # the server is away, or the meeting by a lost answer
            meeting = client.meetings.schedule(subject="new")
            meeting = client.meetings.update(meeting, subject="moved")
            if random.randrange(2):
                client.meetings.cancel(meeting)
            time.sleep(0.01)


def test_nothing_is_lost_and_nothing_comes_twice(flavour: Connect, tmp_path: Path) -> None:
    """The server is killed twice while meetings change, and the loop just goes on.

    In the end, what the events came to is what there is.
    """
    add_user(tmp_path)
    address = f"http://127.0.0.1:{(port := lasting_port('127.0.0.1'))}/"
    with (
        closing(flavour(USERNAME, PASSWORD, at=address)) as client,
        closing(flavour(USERNAME, PASSWORD, at=address)) as writer,
    ):
        stop = threading.Event()
        follower = Follower(client)
        writing = threading.Thread(target=write, args=[writer, stop])
        for number in range(KILLS):
            with serving(tmp_path, "--port", str(port)) as server:
                if number == 0:
                    client.application()
                    writer.application()
                    follower.start()
                    writing.start()
                told = len(follower.once)
                until(lambda told=told: len(follower.once) > told)  # type: ignore[misc]
                time.sleep(random.uniform(0.1, 0.4))  # chance is the point
                server.kill()
        with serving(tmp_path, "--port", str(port)):
            stop.set()
            writing.join()
            writer.meetings.schedule(subject=LAST)
            follower.join()
            assert follower.wrong == []
            found = {one.href: one.etag for one in client.meetings.list() if not one.is_standing}
            assert {href: one.etag for href, one in follower.known.items()} == found


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server at which nothing happens."""
    folder = tmp_path_factory.mktemp("quiet")
    add_user(folder)
    with serving(folder) as server:
        yield f"http://{server.host}:{server.port}/"


@pytest.fixture
def waiting(flavour: Connect, quiet: str) -> Iterator[Any]:
    """A client of that server."""
    with flavour(USERNAME, PASSWORD, at=quiet) as client:
        client.application()
        yield client


def test_closing_the_client_ends_the_wait_at_once(waiting: Any) -> None:
    taken: list[Event] = []
    follower = threading.Thread(target=lambda: taken.extend(waiting.events()))
    follower.start()
    time.sleep(0.5)  # by then it waits; if not, it is ended all the more
    started = time.monotonic()
    waiting.close()
    follower.join()
    assert time.monotonic() - started < AT_ONCE
    assert taken == []


def test_callbacks_end_with_the_client(waiting: Any) -> None:
    heard: list[Event] = []
    meeting = waiting.meetings.schedule(subject="Weekly")
    waiting.on_meeting(meeting, heard.append)
    until(lambda: len(heard) == 1)
    waiting.meetings.update(meeting, subject="Monthly")
    until(lambda: len(heard) == 2)
    started = time.monotonic()
    waiting.close()
    assert time.monotonic() - started < AT_ONCE
    assert [one.meeting.subject for one in heard if one.meeting] == ["Weekly", "Monthly"]
