"""SIGTERM and SIGINT: what is under way is finished, nothing new is taken on, the exit is clean."""

import signal
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
import trustme

from tests.crash.load import Client, Ledger, served
from tests.sockets.line import Line, request, sign_in
from tests.sockets.process import PATIENCE, add_user, serving

pytestmark = pytest.mark.slow

SIGNALS = [signal.SIGTERM, signal.SIGINT]
WRITERS = 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    add_user(tmp_path)
    return tmp_path


@pytest.mark.parametrize("number", SIGNALS)
def test_request_whose_body_is_still_coming_is_answered(
    folder: Path, number: signal.Signals
) -> None:
    """Half of the body comes before the signal, the rest when the server is stopping already."""
    with serving(folder) as server:
        dana = sign_in(server)
        with Line(server) as slow, Line(server) as idle:
            meeting = idle.ask(dana.post(dana.meetings, {"subject": "Weekly"})).json
            rest = slow.begin(dana.put(meeting, subject="Moved"))
            server.process.send_signal(number)
            assert idle.socket.recv(1) == b""  # it is stopping: it hangs up on who only waits
            with pytest.raises(ConnectionRefusedError):
                Line(server)
            middle = len(rest) // 2
            for part in (rest[:middle], rest[middle:]):
                assert server.process.poll() is None
                slow.send(part)
                time.sleep(0.01)  # there is nothing to wait for: being slow is the point
            answer = slow.answer("PUT")
            assert (answer.status, answer.json["subject"]) == (200, "Moved")
        assert server.process.wait(PATIENCE) == 0
    with serving(folder) as server, Line(server) as line:
        again = line.ask(dana.get(meeting["_links"]["self"]["href"]))
        assert again.body == answer.body


def test_request_whose_body_does_not_come_is_refused(folder: Path) -> None:
    """It has not been carried out, and the others do not wait for it."""
    with serving(folder) as server:
        dana = sign_in(server)
        with Line(server) as line:
            meeting = line.ask(dana.post(dana.meetings, {"subject": "Weekly"})).json
            line.begin(dana.put(meeting, subject="Moved"))
            started = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            answer = line.answer("PUT")
            assert (answer.status, answer.header("Connection")) == (503, "close")
            assert answer.header("Retry-After")
        assert server.process.wait(PATIENCE) == 0
        assert time.monotonic() - started < 20


def test_idle_clients_with_tls_are_not_waited_for(folder: Path) -> None:
    """They have no reason to read, and so to take leave, before they ask again."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with serving(folder, "--tls-cert", "cert.pem", "--tls-key", "key.pem") as server:
        plain = socket.create_connection((server.host, server.port), PATIENCE)
        with trusting.wrap_socket(plain, server_hostname="localhost") as idle:
            idle.sendall(request("GET", "/"))
            assert idle.recv(1) == b"H"
            started = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - started < 15


def test_under_load_every_request_is_carried_out_and_answered_or_neither(folder: Path) -> None:
    """Unlike after a crash nothing is in doubt: a request without an answer has done nothing."""
    ledger = Ledger()
    with serving(folder) as server:
        dana = sign_in(server)
        clients = [Client(dana, dana.meetings, 200, ledger) for _ in range(WRITERS)]
        threads = [
            threading.Thread(target=client.write_until_it_dies, args=[server]) for client in clients
        ]
        for thread in threads:
            thread.start()
        try:
            ledger.wait_for(200)
            assert server.stop() == 0
        finally:
            server.kill()
            for thread in threads:
                thread.join()
        assert [answer for client in clients for answer in client.wrong] == []
    assert not (folder / "data" / "openucwa.sqlite3-wal").exists()  # all is in the database
    with serving(folder) as server:
        known = {href: one for client in clients for href, one in client.known.items()}
        assert served(server, dana, dana.meetings) == known


def test_nobody_there(folder: Path) -> None:
    """Nothing keeps an idle server from stopping, not even a client that has sent half a head."""
    with serving(folder) as server, Line(server) as line:
        line.send(request("GET", "/")[:20])
        assert server.stop() == 0
