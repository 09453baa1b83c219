"""What races start from: a server that runs, and Dana, who is signed in."""

from collections.abc import Iterator

import pytest

from tests.race.volley import Lines, connected
from tests.sockets.line import Session, sign_in
from tests.sockets.process import Server, add_user, print_end, serving


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("race")
    add_user(folder)
    with serving(folder) as server:
        yield server


@pytest.fixture
def server(_server: Server) -> Iterator[Server]:
    yield _server
    print_end(_server.log)


@pytest.fixture
def dana(server: Server) -> Session:
    return sign_in(server)


@pytest.fixture
def lines(server: Server) -> Iterator[Lines]:
    """Twelve connections: for eight writers, and four readers among them."""
    with connected(server, 12) as lines:
        yield lines
