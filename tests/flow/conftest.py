"""What most tests of connections start from: a server that runs, and Dana, who is signed in."""

from collections.abc import Iterator

import pytest

from tests.sockets.line import Line, Session, sign_in
from tests.sockets.process import Server, add_user, logged, print_end, serving

pytest.register_assert_rewrite("tests.flow.web")


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """On leaving, nothing that the clients did may have been an error of the server's."""
    folder = tmp_path_factory.mktemp("flow")
    add_user(folder)
    with serving(folder) as server:
        yield server
    assert [line for line in logged(server) if line["level"] not in ("info", "warning")] == []


@pytest.fixture
def server(_server: Server) -> Iterator[Server]:
    yield _server
    print_end(_server.log)


@pytest.fixture
def dana(server: Server) -> Session:
    return sign_in(server)


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    with Line(server) as line:
        yield line
