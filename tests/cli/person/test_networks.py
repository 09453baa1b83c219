"""The command line in networks of others: their proxies, their certificates."""

import socket
from pathlib import Path

import pytest

from tests.cli.person.conftest import Person
from tests.cli.person.test_bad_days import new_person, refused
from tests.passwords import PASSWORD
from tests.sockets.process import USERNAME

pytestmark = pytest.mark.slow


def test_a_password_for_this_machine_does_not_reach_a_proxy(root_url: str, tmp_path: Path) -> None:
    """Nobody listens at the proxy, so whatever went there would fail."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = f"http://127.0.0.1:{listening.getsockname()[1]}"
        person = new_person(tmp_path / "new", root_url)
        done = person.runs(
            *("login", USERNAME, "--at", root_url.replace("127.0.0.1", "localhost")),
            typed=f"{PASSWORD}\n",
            HTTP_PROXY=proxy,
            http_proxy=proxy,
            ALL_PROXY=proxy,
        )
        assert done.returncode == 0, done.stderr
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HTTPS_PROXY", "garbage://x"),
        ("ALL_PROXY", "socks5://127.0.0.1:1080"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem"),
        ("SSL_CERT_FILE", "/dev/null"),
    ],
)
def test_a_variable_that_can_not_be_used_is_named(
    tmp_path: Path, variable: str, value: str
) -> None:
    person = new_person(tmp_path / "new", "")
    done = person.runs("login", "dana@contoso.invalid", typed="x\n", **{variable: value})
    assert variable in refused(done, 2)


def test_a_proxy_that_refuses_connections_is_blamed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    person = Person(tmp_path, "")
    done = person.runs(
        *("login", "dana@contoso.invalid"), typed="x\n", ALL_PROXY=f"http://127.0.0.1:{port}"
    )
    text = refused(done, 6)
    assert text.startswith(f"Error: The proxy http://127.0.0.1:{port} (ALL_PROXY) refuses")
