"""Many processes at one address: what each of them may suffer, and what that is to the others."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest

from openucwa.http.authentication import TOKEN_PATH
from tests.engines import emptied, new_database
from tests.passwords import PASSWORD
from tests.patience import until
from tests.sockets.line import Line, request, sign_in
from tests.sockets.process import (
    PATIENCE,
    USERNAME,
    Server,
    add_user,
    launch,
    logged,
    run,
    serving,
)
from tests.sockets.workers import Lines, children, connections, pids, sockets_of

pytestmark = pytest.mark.slow

WORKERS = 3
SIGNALS = [signal.SIGTERM, signal.SIGINT]
SOON = 10.0
"""Seconds: far less than the grace that requests in flight have."""


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Where the data is: the URL of a database for the tests of this file."""
    with emptied(new_database()) as url:
        yield url


@pytest.fixture
def options(database: str, tmp_path: Path) -> Iterator[list[str]]:
    """What a server with many processes is told."""
    with emptied(database):
        add_user(tmp_path, USERNAME, database)
        yield ["--database", database, "--workers", str(WORKERS)]


@pytest.fixture
def server(tmp_path: Path, options: list[str]) -> Iterator[Server]:
    with serving(tmp_path, *options) as found:
        yield found


def test_ready_is_told_once_and_when_all_answer(tmp_path: Path, options: list[str]) -> None:
    with serving(tmp_path, *options) as server:
        assert len(pids(server)) == WORKERS
        with Lines(server) as lines:
            assert set(lines.by_process) == set(children(server))
        assert server.stop() == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read() == ""


def test_parent_has_no_thread_and_opens_nothing_that_workers_would_inherit(server: Server) -> None:
    own = Path(f"/proc/{server.process.pid}")
    assert len(list((own / "task").iterdir())) == 1
    assert sockets_of(server.process.pid).isdisjoint(connections().values())


def test_every_worker_tells_its_own_health(server: Server) -> None:
    with Lines(server) as lines:
        for line in lines.one_of_each():
            for path in ("/health/live", "/health/ready"):
                assert line.ask(request("GET", path)).status == 200
    assert {one.get("route") for one in logged(server) if one["event"] == "request"} == {"/"}


@pytest.mark.parametrize("number", SIGNALS)
def test_what_is_under_way_at_any_worker_is_finished(
    tmp_path: Path, options: list[str], number: signal.Signals
) -> None:
    with serving(tmp_path, *options) as server:
        dana = sign_in(server)
        with Lines(server) as lines, Line(server) as waiting:
            one = lines.one_of_each()
            rests = [
                line.begin(dana.post(dana.meetings, {"subject": f"Meeting {number}"}))
                for number, line in enumerate(one)
            ]
            waiting.send(dana.get(dana.application["_links"]["events"]["href"]))
            server.process.send_signal(number)
            pending = waiting.answer()  # it is told nothing, at once
            assert (pending.status, list(pending.json["_links"])) == (200, ["self", "next"])
            until(lambda: refuses(server))
            for line, rest in zip(one, rests, strict=True):
                line.send(rest)
            assert [line.answer("POST").status for line in one] == [200] * WORKERS
        assert server.process.wait(PATIENCE) == 0


def test_interrupt_from_a_terminal_is_one_interrupt(tmp_path: Path, options: list[str]) -> None:
    """It goes to a group of processes: to the parent alone, who passes it on."""
    with serving(tmp_path, *options) as server:
        assert server.process.pid not in [os.getpgid(pid) for pid in children(server)]
        dana = sign_in(server)
        with Lines(server) as lines:
            busy, idle = lines.one_of_each()[:2]
            rest = busy.begin(dana.post(dana.meetings, {"subject": "Weekly"}))
            os.killpg(server.process.pid, signal.SIGINT)
            assert idle.socket.recv(1) == b""
            until(lambda: refuses(server))  # by now all have been told to stop
            busy.send(rest)
            assert busy.answer("POST").status == 200
        assert server.process.wait(PATIENCE) == 0


def test_second_interrupt_ends_what_is_under_way(tmp_path: Path, options: list[str]) -> None:
    with serving(tmp_path, *options) as server:
        dana = sign_in(server)
        with Lines(server) as lines:
            busy, idle = lines.one_of_each()[:2]
            busy.begin(dana.post(dana.meetings, {"subject": "Weekly"}))
            started = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            assert idle.socket.recv(1) == b""  # by now all have been told to stop
            server.process.send_signal(signal.SIGINT)
            assert server.process.wait(PATIENCE) == 0
            assert time.monotonic() - started < SOON
            with suppress(OSError, HTTPException):
                assert busy.answer("POST").status == 500


def test_killed_worker_hurts_no_other_and_is_followed_by_another(server: Server) -> None:
    dana = sign_in(server)
    for _ in range(3):
        with Lines(server) as lines:
            victim, *others = lines.by_process
            rests = {
                pid: lines.by_process[pid].begin(dana.post(dana.meetings, {"subject": "new"}))
                for pid in others
            }
            os.kill(victim, signal.SIGKILL)
            for _ in range(20):  # none of these is lost, whichever socket it is dealt to
                with Line(server) as line:
                    assert line.ask(request("GET", "/")).status == 200
            for pid, rest in rests.items():
                lines.by_process[pid].send(rest)
                assert lines.by_process[pid].answer("POST").status == 200
            until(lambda gone=victim: gone not in children(server))  # type: ignore[misc] # a default binds it
            until(lambda: set(children(server)) == set(pids(server)))
    ended = [line for line in logged(server) if line["event"] == "worker_ended"]
    assert [line["reason"] for line in ended] == ["SIGKILL"] * 3
    assert len(children(server)) == WORKERS


def test_worker_that_is_told_to_stop_finishes_and_is_followed_by_another(server: Server) -> None:
    dana = sign_in(server)
    with Lines(server) as lines:
        pid, line = next(iter(lines.by_process.items()))
        rest = line.begin(dana.post(dana.meetings, {"subject": "new"}))
        os.kill(pid, signal.SIGTERM)
        line.send(rest)
        assert line.answer("POST").status == 200
    until(lambda: pid not in children(server) and set(children(server)) == set(pids(server)))


def test_killed_parent_takes_its_workers_along(tmp_path: Path, options: list[str]) -> None:
    """They finish what is under way; the address is free at once."""
    with serving(tmp_path, *options) as server:
        dana = sign_in(server)
        workers = children(server)
        with Lines(server) as lines:
            line, idle = lines.one_of_each()[:2]
            rest = line.begin(dana.post(dana.meetings, {"subject": "Weekly"}))
            server.kill()
            assert idle.socket.recv(1) == b""
            line.send(rest)
            assert line.answer("POST").status == 200
            until(lambda: refuses(server))
            with serving(tmp_path, *options, "--port", str(server.port)) as another:
                assert another.port == server.port
                sign_in(another)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def test_guesses_are_counted_for_all_workers_together(server: Server) -> None:
    """Ten are told that they are wrong, and nobody else is told anything, not even who is right."""
    form = {"grant_type": "password", "username": USERNAME}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    told: list[str] = []

    def sign_in_with(line: Line, password: str) -> str:
        body = urlencode({**form, "password": password}).encode()
        answer = line.ask(request("POST", TOKEN_PATH, kind, body))
        assert answer.status == 400
        found: str = answer.json["error_description"]
        return found

    def guess(line: Line) -> None:
        told.extend(sign_in_with(line, f"guess {number}") for number in range(8))

    with Lines(server) as lines:
        threads = [threading.Thread(target=guess, args=[line]) for line in lines.one_of_each()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told.extend(sign_in_with(line, PASSWORD) for line in lines.one_of_each())
    assert len(told) == 9 * WORKERS
    assert sum("wrong" in one for one in told) == 10
    assert sum("Too many failed sign-ins" in one for one in told) == 9 * WORKERS - 10


def test_who_waits_at_one_worker_hears_what_happens_at_another(server: Server) -> None:
    dana = sign_in(server)
    href = dana.application["_links"]["events"]["href"] + "&extended=true"
    with Lines(server) as lines:
        one_of_each = lines.one_of_each()
        for waiting, busy in zip(one_of_each, one_of_each[1:] + one_of_each[:1], strict=True):
            waiting.send(dana.get(href))
            assert busy.ask(dana.post(dana.meetings, {"subject": "new"})).status == 200
            package = waiting.answer().json
            assert [event["type"] for event in package["sender"][0]["events"]] == ["added"]
            href = package["_links"]["next"]["href"]


def test_address_of_workers_is_theirs_alone(
    tmp_path: Path, options: list[str], server: Server
) -> None:
    for more in (options, ["--data", "other"]):
        done = run(tmp_path, "serve", *more, "--port", str(server.port))
        assert done.returncode == 1
        assert done.stderr == (
            f"Error: Port {server.port} is in use. Choose another with --port.\n"
        )


def test_lines_of_the_log_are_whole_and_no_two_requests_have_one_name(server: Server) -> None:
    def ask_much() -> None:
        with Line(server) as line:
            for _ in range(100):
                line.ask(request("GET", "/" + "long/" * 1000))

    threads = [threading.Thread(target=ask_much) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [line["request_id"] for line in logged(server) if line["event"] == "request"]
    assert len(set(names)) == len(names) == 1200


def test_what_is_done_before_the_first_request_is_done_once(
    tmp_path: Path, options: list[str]
) -> None:
    with launch(tmp_path, *options, "--demo") as process:
        said = process.stdout
        assert said is not None
        until(lambda: "OpenUCWA demo at" in said.readline())
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert "OpenUCWA demo at" not in said.read()
    refused = run(tmp_path, "serve", "--port", "0", *options)
    assert refused.returncode == 2
    assert refused.stderr.startswith("Error: sip:Alex@contoso.com still has the demo's password")


def refuses(server: Server) -> bool:
    """Whether nobody listens there any more."""
    try:
        Line(server).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        pass  # it was dealt to somebody who stopped listening meanwhile
    return False
