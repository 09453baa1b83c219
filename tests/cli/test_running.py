"""The command line and a server that runs: real processes, real sockets."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import Run
from tests.patience import until

pytestmark = pytest.mark.slow

PRINTED = "http://127.0.0.1:8080"
"""The address that the README prints."""
EVENTS = "docs/guide/events-with-curl.md"
"""The page that goes on where the README ends."""

OPENUCWA = [sys.executable, "-c", "from openucwa.cli.main import main; main()"]


@contextmanager
def running(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A server in a process of its own."""
    command = [*OPENUCWA, "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as one:
        try:
            yield one
        finally:
            one.kill()


def lines(server: "subprocess.Popen[str]", until: str) -> str:
    """What a server prints, up to a line with `until` in it."""
    assert server.stdout is not None
    printed = ""
    for line in server.stdout:
        printed += line
        if until in line:
            return printed
    raise AssertionError(printed + (server.stderr.read() if server.stderr else ""))


def blocks(page: str) -> list[str]:
    """The commands that a page prints, block by block."""
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def sign_in(url: str, username: str, password: str) -> int:
    """The status of the answer."""
    form = {"grant_type": "password", "username": username, "password": password}
    return httpx2.post(f"{url}/WebTicket/oauthtoken", data=form).status_code


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_commands_of_the_demo_work_as_they_are_printed(folder: Path) -> None:
    with running("--demo") as server:
        printed = lines(server, "'Content-Type: application/json'")
        commands = re.findall(r"^  (curl .*|TOKEN=.*)$", printed, re.MULTILINE)
        assert len(commands) == 3
        done = subprocess.run(
            ["sh", "-c", "\n".join(commands)], capture_output=True, text=True, check=True
        )
    root, application = map(json.loads, done.stdout.splitlines())
    assert "user" in root["_links"]
    assert application["rel"] == "application"
    assert application["_embedded"]["me"]["name"] == "Dana Birkby"


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_commands_of_the_readme_work_as_they_are_printed(folder: Path) -> None:
    script = "\n".join(blocks("README.md"))
    assert PRINTED in script
    with running("--demo") as server:
        address = re.search(r"http://\S+", lines(server, "demo at "))
        assert address
        done = subprocess.run(
            ["bash", "-eu", "-c", script.replace(PRINTED, address[0])],
            capture_output=True,
            text=True,
            check=True,
        )
    _, challenge, *_, updated, ok, refused, failed, resolved, again = done.stdout.splitlines()
    assert challenge.startswith("WWW-Authenticate: MsRtcOAuth")
    assert (ok, failed, again) == ("200", "412", "200")
    assert json.loads(refused)["changedProperties"] == ["subject"]
    assert json.loads(refused)["changedByName"] == "Dana Birkby"
    current = json.loads(refused)["_embedded"]["sharedOnlineMeeting"]
    assert current["etag"] == json.loads(updated)["etag"]
    assert current["myRole"] == "Editor"
    assert json.loads(resolved)["subject"] == "Important details"
    assert json.loads(resolved)["accessLevel"] == "Everyone"


def hears(subject: str) -> str:
    """A command that waits until the client in the background has been told of a subject."""
    return f"until grep -qs '{subject}' package.json; do sleep 0.1; done"


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_guide_follows_events_across_a_restart(folder: Path) -> None:
    """Between the last two blocks the server is killed, and another one takes its place."""
    *before, change, last = [*blocks("README.md"), *blocks(EVENTS)]
    script = "\n".join(
        [
            # In a terminal, a job in the background can be killed with all that it has started.
            "set -m",
            *before,
            hears("Important details"),  # or else it hears first of the change, and as added
            change,
            hears("Before the restart"),
            "touch paused; until [ -e resumed ]; do sleep 0.1; done",
            last.replace("sleep 2\n", f"{hears('After the restart')}\nsleep 2\n"),
        ]
    )
    with running("--demo") as server:
        address = re.search(r"http://\S+:(\d+)", lines(server, "demo at "))
        assert address
        with subprocess.Popen(
            ["bash", "-eu", "-c", script.replace(PRINTED, address[0])],
            stdout=subprocess.PIPE,
            text=True,
        ) as client:
            try:
                until((folder / "paused").exists)
                server.kill()
                server.wait()
                time.sleep(1)  # in which the client finds nobody there
                with running("--demo", "--port", address[1]) as another:
                    lines(another, "demo at ")
                    (folder / "resumed").touch()
                    printed, _ = client.communicate(timeout=30)
            finally:
                client.kill()
    assert client.returncode == 0
    followed = re.findall(r'^"(?:subject|type)":"(.*)"$', printed, re.MULTILINE)
    first = followed.index("Before the restart")
    changes = [("Before the restart", "updated"), ("After the restart", "updated")]
    assert list(zip(followed[first::2], followed[first + 1 :: 2], strict=True)) == changes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_ends_with_status_0_when_it_is_told_to(folder: Path, number: int) -> None:
    with running() as server:
        lines(server, "Nobody can sign in yet")
        server.send_signal(number)
        assert server.wait(30) == 0
        assert server.stderr is not None
        assert "Traceback" not in server.stderr.read()


def test_a_running_server_heeds_changes_at_once(run: Run, folder: Path) -> None:
    with running() as server:
        printed = lines(server, "serves contoso.com")
        url = printed.rstrip("\n/").rpartition(" ")[2]
        dana = "dana@contoso.com"
        steps: list[tuple[Callable[[], object], str, int]] = [
            (lambda: None, "long secret", 400),
            (
                lambda: run("user", "add", dana, "--name", "Dana", typed="long secret\n"),
                "long secret",
                200,
            ),
            (lambda: run("user", "password", dana, typed="another one\n"), "long secret", 400),
            (lambda: None, "another one", 200),
            (lambda: run("user", "disable", dana), "another one", 400),
            (lambda: run("user", "enable", dana), "another one", 200),
        ]
        for number, (change, password, status) in enumerate(steps):
            change()
            assert sign_in(url, dana, password) == status, number


def test_accounts_can_be_changed_while_many_commands_run(folder: Path) -> None:
    """Each waits for its turn at the database."""
    commands = [
        subprocess.Popen(
            [*OPENUCWA, "user", "add", f"user{number}@contoso.com", "--name", "User"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=dict(os.environ),
        )
        for number in range(4)
    ]
    for command in commands:
        _, err = command.communicate(b"long secret\n", timeout=60)
        assert command.returncode == 0, err.decode()
