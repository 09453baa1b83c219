"""What the examples of the documentation run against: one demo for all of them."""

from collections.abc import Iterator

import pytest

from tests.sockets.process import serving

PRINTED = "http://127.0.0.1:8080"
"""The address of the demo, as the documentation prints it."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo that runs."""
    with serving(tmp_path_factory.mktemp("demo"), "--demo") as server:
        yield f"{server.scheme}://{server.host}:{server.port}"
