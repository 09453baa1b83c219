"""The client over real sockets: certificates, proxies, and a server that restarts."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from openucwa.client import (
    CertificateRefused,
    ConnectionFailed,
    NotUcwa,
)
from tests.passwords import PASSWORD
from tests.sockets.process import add_user, serving
from tools.ports import lasting_port

pytestmark = pytest.mark.slow

Connect = Callable[..., Any]


class Page(BaseHTTPRequestHandler):
    """What answers everything with a web page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Welcome</title>")

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


class Quiet(HTTPServer):
    """A client that hangs up is nothing to tell of."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def pages(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server of pages, with TLS if there is a context."""
    server = Quiet(("127.0.0.1", 0), Page)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusted(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the authority's certificate."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def shown(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def ask(flavour: Connect, port: int, **more: Any) -> None:
    client = flavour("dana@contoso.com", "x", at=f"https://localhost:{port}/", **more)
    try:
        client.application()
    finally:
        client.close()


def test_a_certificate_of_an_unknown_authority_is_told(
    flavour: Connect, authority: trustme.CA
) -> None:
    with (
        pages(shown(authority.issue_cert("localhost"))) as port,
        pytest.raises(CertificateRefused, match=r"unknown authority.*verify="),
    ):
        ask(flavour, port)


def test_an_expired_certificate_is_told(
    flavour: Connect, authority: trustme.CA, trusted: Path
) -> None:
    now = datetime.now(UTC)
    old = authority.issue_cert(
        "localhost", not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
    )
    with pages(shown(old)) as port, pytest.raises(CertificateRefused, match="has expired"):
        ask(flavour, port, verify=trusted)


def test_a_certificate_of_the_future_is_told(
    flavour: Connect, authority: trustme.CA, trusted: Path
) -> None:
    now = datetime.now(UTC)
    early = authority.issue_cert(
        "localhost", not_before=now + timedelta(days=1), not_after=now + timedelta(days=9)
    )
    with pages(shown(early)) as port, pytest.raises(CertificateRefused, match="clock"):
        ask(flavour, port, verify=trusted)


def test_a_certificate_of_another_host_is_told(
    flavour: Connect, authority: trustme.CA, trusted: Path
) -> None:
    with (
        pages(shown(authority.issue_cert("ucwa.contoso.com"))) as port,
        pytest.raises(CertificateRefused, match="to another host"),
    ):
        ask(flavour, port, verify=trusted)


def test_a_certificate_that_holds_is_taken(
    flavour: Connect, authority: trustme.CA, trusted: Path
) -> None:
    certificate = authority.issue_cert("localhost")
    with pages(shown(certificate)) as port:
        for verify in (trusted, str(trusted), ssl.create_default_context(cafile=trusted), False):
            with pytest.raises(NotUcwa, match="Welcome"):
                ask(flavour, port, verify=verify)


def test_a_file_without_certificates_is_told(flavour: Connect, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("hello")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(CertificateRefused, match=rf"{name} can't be read"):
            flavour("dana@contoso.com", "x", verify=tmp_path / name)


def test_a_server_without_tls_is_told(flavour: Connect) -> None:
    with pages() as port, pytest.raises(ConnectionFailed, match="does not answer with TLS"):
        ask(flavour, port)


def test_a_port_where_nothing_listens_is_told(flavour: Connect) -> None:
    port = lasting_port("127.0.0.1")
    with pytest.raises(ConnectionFailed, match=f"localhost:{port} refuses connections"):
        ask(flavour, port)


def test_a_host_that_does_not_exist_is_told(flavour: Connect) -> None:
    client = flavour("dana@contoso.com", "x", at="https://nowhere.invalid/", trust_env=False)
    with pytest.raises(ConnectionFailed, match=r"no host named nowhere\.invalid"):
        client.application()
    client.close()


def test_a_proxy_of_the_environment_is_used(
    flavour: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pages() as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        client = flavour("dana@contoso.com", "x", at="https://nowhere.invalid/")
        with pytest.raises(
            ConnectionFailed, match=r"HTTPS_PROXY\) makes no connection to nowhere\.invalid"
        ):
            client.application()
        client.close()


def test_signs_in_over_tls_and_outlives_a_restart(
    flavour: Connect, authority: trustme.CA, trusted: Path, tmp_path: Path
) -> None:
    add_user(tmp_path)
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    port = lasting_port("127.0.0.1")
    options = ["--port", str(port), "--domain", "contoso.com"]
    options += ["--tls-cert", "cert.pem", "--tls-key", "key.pem"]
    at = f"https://localhost:{port}/"
    with (
        serving(tmp_path, *options) as server,
        flavour("dana@contoso.com", PASSWORD, at=at, verify=trusted) as client,
    ):
        href = client.application().href
        server.kill()
        answers: list[Any] = []
        asking = threading.Thread(target=lambda: answers.append(client.get(href)))
        asking.start()
        with serving(tmp_path, *options):
            asking.join(30)
            client.close()  # or the server waits for it to end its TLS when it stops
    assert answers[0].href == href
