"""Fixtures for pytest: a server to test UCWA clients with.

Each run of pytest loads this module, so it imports nothing else before a fixture is used.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from openucwa.client import AsyncClient, Client, Meeting
    from openucwa.testing.participant import Participant
    from openucwa.testing.server import Server


class TwoEditors(NamedTuple):
    """Two applications of one organizer, and the meeting that both have fetched."""

    first: "Client"
    second: "Client"
    meeting: "Meeting"


UNMET = "ucwa_unmet_faults"
"""The marker of a test that may end before each of its faults has happened."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"{UNMET}: faults of ucwa_server may be left when the test ends."
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that passes before its faults have happened: it has shown nothing of them."""
    result = yield
    server: Server | None = getattr(item, "funcargs", {}).get("ucwa_server")
    if server is not None and item.get_closest_marker(UNMET) is None:
        _check_faults(server)
    return result


def _check_faults(server: "Server") -> None:
    import httpx2

    try:
        left = server.controls.faults()
    except httpx2.TransportError:  # the test has stopped it, and nothing happens any more
        return
    if left:
        pytest.fail(
            f"Faults did not happen before the test ended: {'; '.join(map(str, left))}. Make the "
            "requests that they wait for, or correct their method and rel. If they may be left, "
            f"call controls.clear_faults(), or mark the test with @pytest.mark.{UNMET}.",
            pytrace=False,
        )


@pytest.fixture(scope="session")
def _ucwa_server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Server]":
    """The server of the whole run."""
    try:
        from openucwa.testing.server import NotStarted, Server
    except ModuleNotFoundError as error:
        pytest.fail(
            f"ucwa_server needs a package that is not installed ({error.name}). Run: pip "
            "install 'openucwa[test]'",
            pytrace=False,
        )
    with ExitStack() as opened:
        try:
            server = opened.enter_context(Server(tmp_path_factory.mktemp("ucwa")))
        except NotStarted as error:
            pytest.fail(f"ucwa_server could not start: {error}", pytrace=False)
        yield server


@pytest.fixture
def ucwa_server(_ucwa_server: "Server", request: pytest.FixtureRequest) -> "Iterator[Server]":
    """A real UCWA server with TLS, on fresh data, at the time of the system.

    It has `url`, `ca_file`, `ssl_context`, `address` and `password` to sign in with, `addresses` of
    more people, `client()`, `kill()`, `restart()`, and `controls` of time, expiry, faults and data.
    What it logs is told with a test that fails.
    """
    _ucwa_server.refresh()
    with _ucwa_server.log.open(errors="replace") as log:
        log.seek(0, os.SEEK_END)
        yield _ucwa_server
        request.node.add_report_section("teardown", "ucwa_server", log.read())


@pytest.fixture
def ucwa_client(ucwa_server: "Server") -> "Iterator[Client]":
    """An openucwa.client.Client, signed in as Dana."""
    with ucwa_server.client() as client:
        yield client


@pytest.fixture
def ucwa_async_client(ucwa_server: "Server") -> "AsyncClient":
    """An openucwa.client.AsyncClient of Dana's, to be entered with `async with`."""
    return ucwa_server.async_client()


@pytest.fixture
def ucwa_participant(ucwa_server: "Server") -> "Iterator[Callable[[str], Participant]]":
    """A function that returns somebody else, by her address: she joins meetings, talks and calls.

    All have left when the test ends.
    """
    with ExitStack() as people:
        yield lambda address: people.enter_context(ucwa_server.participant(address))


@pytest.fixture
def two_editors(ucwa_server: "Server") -> Iterator[TwoEditors]:
    """Two clients of Dana, who organizes a meeting that both have in the same version."""
    with ucwa_server.client() as first, ucwa_server.client() as second:
        meeting = first.meetings.schedule(subject="Weekly meeting")
        yield TwoEditors(first, second, second.meetings.get(meeting.id))
