"""What the examples of the documentation run against: one demo for all of them."""

import contextlib
from collections.abc import Iterator

import pytest

from openucwa.client import Client
from tests.sockets.process import serving

PRINTED = "http://127.0.0.1:8080"
"""The address of the demo, as the documentation prints it."""
PEOPLE = ("dana", "chris", "alex", "lenea")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo that runs."""
    with serving(tmp_path_factory.mktemp("demo"), "--demo") as server:
        yield f"{server.scheme}://{server.host}:{server.port}"


@pytest.fixture(scope="session")
def clients(demo: str) -> Iterator[list[Client]]:
    """Those who have accounts in the demo; Dana is the first."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(Client.discover(f"{one}@contoso.com", "demo", at=demo))
            for one in PEOPLE
        ]


@pytest.fixture
def address(demo: str, clients: list[Client]) -> Iterator[str]:
    """The address of the demo, in which each example finds the same meetings."""
    before = {meeting.id for client in clients for meeting in client.meetings.list()}
    yield demo
    for client in clients:
        for meeting in client.meetings.list():
            if meeting.id not in before:
                client.meetings.cancel(meeting)
