"""What tests of the event channel start from: a server that runs in time of their own, and Dana."""

from collections.abc import Iterator

import pytest

from tests.virtual import Client, Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def dana(server: Server) -> Client:
    return server.sign_in()
