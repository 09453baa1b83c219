"""What a person is told when things go wrong: a sentence with what to do, and never a traceback."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme

from tests.cli.person.conftest import Person
from tests.cli.person.terminal import Editor
from tests.passwords import PASSWORD
from tests.sockets.process import USERNAME, add_user, serving

pytestmark = pytest.mark.slow


def refused(done: "subprocess.CompletedProcess[str]", status: int) -> str:
    """What was told, in one line or two."""
    assert done.returncode == status, done.stderr
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert not re.search(r"\bat=|verify=", done.stderr)  # which is for those who write Python
    assert 1 <= done.stderr.count("\n") <= 2
    return done.stderr


def new_person(folder: Path, url: str) -> Person:
    folder.mkdir()
    return Person(folder, url)


class Page(BaseHTTPRequestHandler):
    """What a proxy answers that wants somebody to sign in to it."""

    def do_GET(self) -> None:
        content = b"<!DOCTYPE html><title>Sign in to the network</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Tell nobody."""


@pytest.fixture
def proxy() -> Iterator[str]:
    """The address of something that answers every request with a page."""
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_no_server_for_an_address(tmp_path: Path) -> None:
    person = new_person(tmp_path / "new", "")
    done = person.runs("login", "dana@nowhere.invalid", typed="x\n")
    assert "nowhere.invalid" in refused(done, 6)


def test_what_is_no_address_of_a_server(tmp_path: Path) -> None:
    person = new_person(tmp_path / "new", "")
    for url, told in (
        ("ftp://x", "not the address of a server"),
        ("http://x.contoso.com", "plain http"),
    ):
        done = person.runs("login", USERNAME, "--at", url, typed="x\n")
        assert told in refused(done, 6)


def test_a_page_of_a_proxy(tmp_path: Path, proxy: str) -> None:
    person = new_person(tmp_path / "new", proxy)
    refused(person.runs("login", USERNAME, "--at", proxy, typed="x\n"), 6)


def test_a_proxy_that_comes_in_between(dana: Person, proxy: str, root_url: str) -> None:
    (file,) = dana.home.rglob("accounts.json")
    place = file.read_text()
    token = file.with_name("token.json")
    file.write_text(place.replace(root_url, proxy))
    token.write_text(token.read_text().replace(root_url, proxy))
    refused(dana.runs("meeting", "list"), 6)


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    for number, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(tmp_path / "cert.pem", append=number > 0)
    add_user(tmp_path)
    tls = ("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))
    with serving(tmp_path, *tls) as server:
        url = f"https://127.0.0.1:{server.port}/"
        person = new_person(tmp_path / "new", url)
        login = ("login", USERNAME, "--at", url)
        told = refused(person.runs(*login, typed=f"{PASSWORD}\n"), 6)
        assert "certificate" in told
        assert "--ca FILE" in told
        missing = person.runs(*login, "--ca", "missing.pem", typed="x\n")
        assert "There is no file missing.pem." in refused(missing, 2)
        trusting = person.runs(
            *login, "--ca", os.path.relpath(tmp_path / "ca.pem", person.home), typed=f"{PASSWORD}\n"
        )
        assert trusting.returncode == 0, trusting.stderr
        assert person.runs("meeting", "list").returncode == 0


def test_too_many_wrong_passwords(tmp_path: Path, root_url: str) -> None:
    person = new_person(tmp_path / "new", root_url)
    login = ("login", "mallory@contoso.com", "--at", root_url)
    for _ in range(10):
        wrong = refused(person.runs(*login, typed="wrong\n"), 3)
        assert "password is wrong" in wrong
    locked = refused(person.runs(*login, typed="wrong\n"), 3)
    assert "password is wrong" not in locked
    assert "minute" in locked or "second" in locked


def test_a_server_that_is_gone_leaves_a_draft_which_is_offered_when_it_is_back(
    tmp_path: Path,
) -> None:
    add_user(tmp_path)
    editor = Editor(tmp_path / "editing", "s/^subject:.*/subject: Q3/", waits=True)
    with serving(tmp_path) as server:
        url = f"http://127.0.0.1:{server.port}/"
        person = new_person(tmp_path / "new", url)
        person.signs_in()
        made = person.told("meeting", "schedule", "--subject", "Weekly")
        id = made["onlineMeetingId"]
        with person.at_terminal("meeting", "edit", id, EDITOR=editor.command) as terminal:
            editor.opened()
            server.kill()
            editor.go_on()
            terminal.sees(f"Your input is kept as a draft. Use openucwa meeting edit {id}")
            assert terminal.ends() == 6
    refused(person.runs("meeting", "list"), 6)
    with serving(tmp_path, "--port", str(server.port)):
        with person.at_terminal("meeting", "edit", id, EDITOR="touch") as terminal:
            terminal.sees("subject: Weekly → Q3")
            terminal.types("u")
            assert terminal.ends() == 0
            terminal.sees("Updated.")
        assert person.told("meeting", "show", id)["subject"] == "Q3"


def test_a_server_that_restarts_is_waited_for(tmp_path: Path) -> None:
    add_user(tmp_path)
    editor = Editor(tmp_path / "editing", "s/^subject:.*/subject: Q3/", waits=True)
    with serving(tmp_path) as server:
        person = new_person(tmp_path / "new", f"http://127.0.0.1:{server.port}/")
        person.signs_in()
        id = person.told("meeting", "schedule", "--subject", "Weekly")["onlineMeetingId"]
        with person.at_terminal("meeting", "edit", id, EDITOR=editor.command) as terminal:
            editor.opened()
            server.kill()
            editor.go_on()
            terminal.sees("Saving …")  # it takes more than a second
            with serving(tmp_path, "--port", str(server.port)):
                assert terminal.ends() == 0
                terminal.sees("Updated.")
                assert person.told("meeting", "show", id)["subject"] == "Q3"
