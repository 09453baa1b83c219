"""What tests of the client start from: it runs against the server in this process."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from openucwa.client import AsyncClient, Client
from tests.client.flavours import Driven
from tests.client.watched import Watched
from tests.installation import DANA, Installation
from tests.passwords import PASSWORD

Connect = Callable[..., Any]


@pytest.fixture(scope="session")
def loop() -> Iterator[BlockingPortal]:
    """The loop of the asynchronous clients."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(params=["sync", "async"])
def flavour(request: pytest.FixtureRequest, loop: BlockingPortal) -> Connect:
    """`Client.discover`, or `AsyncClient.discover` driven from outside of its loop.

    With `guest` it is `guest` of either.
    """
    if request.param == "sync":
        return lambda *arguments, guest=False, **named: (
            Client.guest if guest else Client.discover
        )(*arguments, **named)

    def discover(*arguments: Any, guest: bool = False, **named: Any) -> Driven:
        make = AsyncClient.guest if guest else AsyncClient.discover
        return Driven(make(*arguments, **named), loop)

    return discover


@pytest.fixture
def server(installation: Installation) -> Watched:
    """The server as clients reach it; Dana has an account there."""
    installation.add_user(DANA)
    return Watched(installation)


@pytest.fixture
def connect(flavour: Connect, server: Watched) -> Connect:
    """A client of that server, Dana's unless the test says otherwise."""

    def connect(
        address: str = "dana@contoso.com", password: str | None = PASSWORD, **more: Any
    ) -> Any:
        return flavour(address, password, **{"transport": server, **more})

    return connect


@pytest.fixture
def phone(connect: Connect) -> Iterator[Any]:
    """The meetings of Dana's, at one of her devices."""
    with connect(application_name="Calendar on phone") as client:
        yield client.meetings


@pytest.fixture
def laptop(connect: Connect) -> Iterator[Any]:
    """The same at another one."""
    with connect(application_name="Calendar on laptop") as client:
        yield client.meetings
