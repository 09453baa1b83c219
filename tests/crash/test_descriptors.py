"""Connections of which there are too many: the server goes on, and says what is to be done."""

import os
import re
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.patience import until
from tests.sockets.line import Line, request
from tests.sockets.process import PROGRAM, Server, logged, serving

pytestmark = pytest.mark.slow

ROOT = request("GET", "/")


@pytest.mark.skipif(sys.platform != "linux", reason="needs prlimit")
def test_no_file_descriptors_are_left(tmp_path: Path) -> None:
    """Connections on which nothing is asked make room, and the others wait."""
    with serving(tmp_path) as server, ExitStack() as stack:
        pid = server.process.pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        few = len(os.listdir(f"/proc/{pid}/fd")) + 3
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (few, hard))
        for _ in range(10):
            assert stack.enter_context(Line(server)).ask(ROOT).status == 200
        said = [one for one in logged(server) if one["event"] == "no_connection_accepted"]
        assert "LimitNOFILE" in str(said[0]["advice"])
        assert len(said) < 3


def test_a_limit_of_open_files(tmp_path: Path) -> None:
    """The server raises the one that it may raise."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with serving(tmp_path) as server, ExitStack() as stack:
            lines = [stack.enter_context(Line(server)) for _ in range(100)]
            limits = Path(f"/proc/{server.process.pid}/limits")
            if limits.exists():
                line = next(one for one in limits.read_text().splitlines() if "open files" in one)
                assert int(line.split()[3]) > 4000
            assert lines[-1].ask(ROOT).status == 200
            assert not any("connections" in str(one["event"]) for one in logged(server))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_standard_error_is_closed(tmp_path: Path) -> None:
    """The server has no log then, and serves."""
    with subprocess.Popen(
        ["sh", "-c", 'exec "$0" serve --data data --port 0 2>&-', PROGRAM],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        try:
            assert process.stdout
            said = ""
            while not (found := re.search(r" at http://127\.0\.0\.1:([0-9]+)", said)):
                line = process.stdout.readline()
                assert line, said
                said += line
            server = Server(process, "http", "127.0.0.1", int(found[1]), tmp_path / "none")
            with Line(server) as line_to:
                assert line_to.ask(ROOT).status == 200
            assert server.stop() == 0
        finally:
            process.kill()


def test_an_address_has_a_limit(tmp_path: Path) -> None:
    (tmp_path / "openucwa.toml").write_text(
        'trusted_proxies = ""\n[limits]\nconnections_per_address = 2\n'
    )
    with serving(tmp_path) as server, Line(server) as first, Line(server) as second:
        assert [line.ask(ROOT).status for line in (first, second)] == [200, 200]
        for number in range(100):
            with Line(server) as third:
                if number % 10 == 0:
                    time.sleep(0.02)  # so that the server knows of the connection first
                refused = third.ask(ROOT)
                assert (refused.status, refused.header("Connection")) == (503, "close")
                assert refused.header("Retry-After")
        events = [one["event"] for one in logged(server)]
        assert events.count("connections_of_address_refused") == 1
        first.close()

        def has_room() -> bool:
            with Line(server) as third:
                return third.ask(ROOT).status == 200

        until(has_room)


def test_a_proxy_has_none(tmp_path: Path) -> None:
    """Its clients all come from its address."""
    (tmp_path / "openucwa.toml").write_text("[limits]\nconnections_per_address = 2\n")
    with serving(tmp_path) as server, ExitStack() as stack:
        for _ in range(5):
            assert stack.enter_context(Line(server)).ask(ROOT).status == 200
