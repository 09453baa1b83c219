"""What a client leaves behind at the server when it is closed."""

from typing import Any

import httpx2
import pytest

from openucwa.client import ClientError
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.users import Users
from tests.client.conftest import Connect
from tests.client.watched import Watched


def applications(server: Watched) -> int:
    installation = server.installation
    user = installation.transact(lambda tx: tx.of(Users).by_uri("sip:dana@contoso.com"))
    return len(installation.transact(lambda tx: tx.of(Applications).of(user.id)))


def test_a_client_ends_the_application_that_it_made(connect: Connect, server: Watched) -> None:
    with connect() as client:
        client.me()
        assert applications(server) == 1
    assert applications(server) == 0


def test_it_does_so_when_it_is_closed_without_a_block(connect: Connect, server: Watched) -> None:
    client = connect()
    client.me()
    client.close()
    client.close()
    assert applications(server) == 0


def test_it_does_so_after_an_error(connect: Connect, server: Watched) -> None:
    with pytest.raises(ValueError, match="x"), connect() as client:
        float(client.me().name + "x")
    assert applications(server) == 0


def test_one_that_may_come_back_leaves_it(connect: Connect, server: Watched) -> None:
    with connect(endpoint_id="desk") as client:
        first = client.application().href
    assert applications(server) == 1
    with connect(endpoint_id="desk") as client:
        assert client.application().href == first
        client.sign_out()
    assert applications(server) == 0


def test_signing_in_alone_leaves_nothing(connect: Connect, server: Watched) -> None:
    with connect():
        pass
    assert all(request.method != "DELETE" for request in server.seen)


@pytest.mark.parametrize(
    "trouble",
    [
        httpx2.ConnectError("no network"),
        httpx2.ReadTimeout(""),
        httpx2.Response(503),
        httpx2.Response(401),
        httpx2.Response(404),
        httpx2.Response(200, text="<html>Sign in to the hotel</html>"),
    ],
)
def test_a_server_that_does_not_hear_of_it_is_asked_once(
    connect: Connect, server: Watched, trouble: Any
) -> None:
    def before(request: httpx2.Request) -> httpx2.Response | None:
        if request.method != "DELETE":
            return None
        asked.append(request)
        if isinstance(trouble, Exception):
            raise trouble
        return httpx2.Response(trouble.status_code, content=trouble.content)

    asked: list[httpx2.Request] = []
    server.before = before
    with connect() as client:
        client.me()
    assert len(asked) == 1
    assert max(asked[0].extensions["timeout"].values()) <= 3
    with pytest.raises((ClientError, RuntimeError)):
        client.me()


@pytest.mark.parametrize("flavour", ["sync"], indirect=True)  # one is like the other, and slow
def test_hundred_clients_that_were_killed_keep_nobody_out(
    connect: Connect, server: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They leave their applications; what is left of each is one that nobody uses."""
    with connect() as client:
        client.me()
        token = client._session._entrance.token
        for number in range(100):
            killed = connect(password=None, token=token, endpoint_id=f"killed {number}")
            killed.application()
        assert applications(server) == 50
        client.me()
