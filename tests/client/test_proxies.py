"""Which requests go through a proxy of the environment, and what is told of one that is no use."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from openucwa.client import BadEnvironment, CertificateRefused, ClientError, ProxyRefused
from openucwa.client.proxies import Proxies
from tests.passwords import PASSWORD

Connect = Callable[..., Any]

VARIABLES = [
    *("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
]
LOOPBACK = [
    *("http://127.0.0.1", "http://127.200.3.4", "http://[::1]", "http://localhost"),
    *("http://LOCALHOST.", "http://ucwa.localhost", "https://127.0.0.1", "https://localhost"),
]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of whoever runs the tests."""
    for name in [*VARIABLES, "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("SSLKEYLOGFILE", raising=False)


@contextmanager
def proxy(*answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A proxy on this machine that says so to whoever connects, and what it was sent.

    Without anything to say it hangs up.
    """
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    heard.append(connection.recv(65536))
                    connection.sendall(b"".join(answers))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1], heard
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def answer(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def failure(flavour: Connect, at: str | None = None, **more: Any) -> ClientError:
    with pytest.raises(ClientError) as raised:
        flavour("dana@contoso.com", PASSWORD, at=at, timeout=5, **more).me()
    return raised.value


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("url", LOOPBACK)
def test_this_machine_is_asked_without_a_proxy(
    monkeypatch: pytest.MonkeyPatch, variable: str, url: str
) -> None:
    monkeypatch.setenv(variable, "http://proxy.contoso.com:3128")
    assert Proxies().of(httpx2.URL(url)) is None


@pytest.mark.slow
@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "ucwa.localhost"])
def test_a_password_for_this_machine_does_not_reach_a_proxy(
    flavour: Connect, monkeypatch: pytest.MonkeyPatch, variable: str, host: str
) -> None:
    with proxy(answer("502 Bad Gateway")) as (port, heard):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{port}")
        error = failure(flavour, f"http://{host}:{closed_port()}/")
        assert not isinstance(error, ProxyRefused)
        assert not heard


@pytest.mark.parametrize(
    ("without", "url", "is_without"),
    [
        ("*", "https://ucwa.contoso.com", True),
        ("contoso.com", "https://ucwa.contoso.com", True),
        ("contoso.com", "https://contoso.com", True),
        ("contoso.com", "https://notcontoso.com", False),
        (".contoso.com", "https://ucwa.contoso.com", True),
        (".contoso.com", "https://contoso.com", False),
        ("*.contoso.com", "https://ucwa.contoso.com", True),
        ("ucwa.contoso.com:8443", "https://ucwa.contoso.com:8443", True),
        ("ucwa.contoso.com:8443", "https://ucwa.contoso.com", False),
        ("ucwa.contoso.com:443", "https://ucwa.contoso.com", True),
        ("http://contoso.com", "https://contoso.com", False),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.1.2.3", "https://10.1.2.3", True),
        ("fd00::/8", "https://[fd00::1]", True),
        ("[fd00::1]", "https://[fd00::1]", True),
        ("fabrikam.com, CONTOSO.com", "https://Ucwa.contoso.COM.", True),
        ("", "https://ucwa.contoso.com", False),
    ],
)
def test_no_proxy(
    monkeypatch: pytest.MonkeyPatch, without: str, url: str, *, is_without: bool
) -> None:
    monkeypatch.setenv("https_proxy", "proxy.contoso.com:3128")
    monkeypatch.setenv("no_proxy", without)
    assert (Proxies().of(httpx2.URL(url)) is None) == is_without


def test_a_proxy_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://dana:secret@proxy.contoso.com:3128")
    found = Proxies().of(httpx2.URL("https://ucwa.contoso.com"))
    assert str(found) == "http://proxy.contoso.com:3128 (HTTPS_PROXY)"
    assert "secret" not in repr(found)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("value", ["garbage://x", "http://", "ftp://x", "http://x:port"])
def test_a_proxy_that_is_none_is_told_with_its_variable(
    flavour: Connect, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    error = failure(flavour, "https://ucwa.contoso.com/")
    assert isinstance(error, BadEnvironment)
    assert error.variable == variable
    assert str(error).startswith(f"{variable} is not the address of a proxy")
    monkeypatch.setenv("http_proxy", value)  # autodiscovery asks over both
    assert isinstance(failure(flavour), BadEnvironment)


def test_a_socks_proxy_needs_its_package(flavour: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    error = failure(flavour)
    assert isinstance(error, BadEnvironment)
    assert "ALL_PROXY" in str(error)
    assert "pip install 'httpx2[socks]'" in str(error)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("407 Proxy Authentication Required", "wants a user name and password"),
        ("403 Forbidden", "makes no connection to ucwa.contoso.com: 403 Forbidden"),
        ("502 Bad Gateway", "makes no connection to ucwa.contoso.com: 502 Bad Gateway"),
        ("503 Service Unavailable", "makes no connection to ucwa.contoso.com: 503"),
    ],
)
def test_a_proxy_that_refuses_is_blamed(
    flavour: Connect, monkeypatch: pytest.MonkeyPatch, said: str, text: str
) -> None:
    with proxy(answer(said)) as (port, heard):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        error = failure(flavour, "https://ucwa.contoso.com/")
        assert isinstance(error, ProxyRefused)
        assert str(error).startswith(f"The proxy http://127.0.0.1:{port} (HTTPS_PROXY) {text}")
        assert heard[0].startswith(b"CONNECT ucwa.contoso.com:443 ")
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        if not said.startswith("403"):  # that a server says, too
            assert isinstance(failure(flavour), ProxyRefused)  # and not: no server was found


@pytest.mark.slow
def test_a_proxy_that_is_not_there_is_blamed(
    flavour: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"127.0.0.1:{closed_port()}")
    error = failure(flavour)
    assert isinstance(error, ProxyRefused)
    assert "(ALL_PROXY) refuses connections" in str(error)


@pytest.mark.slow
def test_a_proxy_that_hangs_up_is_named(flavour: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy() as (port, _):
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        error = failure(flavour, "https://ucwa.contoso.com/")
        assert f"or the proxy http://127.0.0.1:{port} (https_proxy)" in str(error)


@pytest.mark.slow
def test_without_the_environment_there_is_no_proxy(
    flavour: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy(answer("502 Bad Gateway")) as (port, heard):
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{port}")
        failure(flavour, "https://ucwa.invalid/", trust_env=False)
        assert not heard


@pytest.mark.parametrize("content", [None, "no certificate", ""])
def test_authorities_that_can_not_be_read_are_told_with_their_variable(
    flavour: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    error = failure(flavour)
    assert isinstance(error, BadEnvironment)
    assert error.variable == "SSL_CERT_FILE"
    assert str(path) in str(error)


@pytest.mark.parametrize("verify", [True, False])
def test_a_key_log_that_can_not_be_written_is_told(
    flavour: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, verify: bool
) -> None:
    import trustme

    authority = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(authority))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "not" / "there"))
    if verify:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    error = failure(flavour, None, verify=True if verify else authority)
    assert isinstance(error, BadEnvironment)
    assert error.variable == "SSLKEYLOGFILE"


def test_authorities_are_read_for_https_alone(
    flavour: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    error = failure(flavour, f"http://127.0.0.1:{closed_port()}/")
    assert "refuses connections" in str(error)


def test_a_file_of_authorities_is_still_checked_at_once(flavour: Connect, tmp_path: Path) -> None:
    with pytest.raises(CertificateRefused):
        flavour("dana@contoso.com", "x", verify=tmp_path / "missing.pem")


@pytest.mark.parametrize("timeout", [None, 10**12, float("inf"), 1])
def test_any_time_is_a_timeout(connect: Connect, timeout: Any) -> None:
    with connect(timeout=timeout) as client:
        assert client.me().name


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_what_is_no_time_is_no_timeout(connect: Connect, timeout: float) -> None:
    with pytest.raises(
        ValueError, match="timeout must be a number of seconds greater than 0, or None"
    ):
        connect(timeout=timeout)
