"""openucwa import, at real servers in processes of their own."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest

from openucwa.client import Client
from tests.cli.conftest import Run
from tests.cli.test_running import lines, running

pytestmark = pytest.mark.slow

MAPPED = ("--map-domain", "contoso.com=fabrikam.com")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server that Dana leaves. She has two meetings there."""
    with demo(tmp_path_factory.mktemp("old")) as address:
        yield address


@pytest.fixture
def new(tmp_path: Path) -> Iterator[str]:
    """The address of the server that she comes to. She has two meetings there, too."""
    with demo(tmp_path / "new", "--domain", "fabrikam.com") as address:
        yield address


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[str]:
    with running("--demo", "--data", str(folder), *arguments) as server:
        address = re.search(r"http://\S+", lines(server, "demo at "))
        assert address
        yield address[0]


def ends(old: str, new: str) -> list[str]:
    return [
        *("import", "--from", old, "--from-user", "dana@contoso.com"),
        *("--to", new, "--to-user", "dana@fabrikam.com"),
    ]


TYPED = "demo\ndemo\n"


def meetings(at: str, address: str) -> dict[str, Any]:
    """All that the server shows of somebody's meetings, but where it is."""
    with Client.discover(address, "demo", at=at) as client:
        return {
            one.id: (one.etag, str(without_links(one.resource.raw)))
            for one in client.meetings.list()
        }


def without_links(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: without_links(value) for name, value in found.items() if name != "_links"}
    return [without_links(one) for one in found] if isinstance(found, list) else found


def test_copies_shows_and_does_nothing_the_second_time(run: Run, old: str, new: str) -> None:
    before = meetings(new, "dana@fabrikam.com")
    planned = run(*ends(old, new), *MAPPED, "--dry-run", typed=TYPED)
    assert planned.status == 0
    assert planned.out.endswith("2 to copy, 1 standing meeting: not copied.\n")
    assert meetings(new, "dana@fabrikam.com") == before

    done = run(*ends(old, new), *MAPPED, typed=TYPED)
    assert (done.status, done.err) == (0, "")
    after = meetings(new, "dana@fabrikam.com")
    assert len(after) == len(before) + 2
    (line,) = (one for one in done.out.splitlines() if "Budget review" in one and "copied" in one)
    assert line.split()[0] in after.keys() - before.keys()
    assert re.search(r"Budget review\n    https?://\S+/\w+ → https?://\S+/\w+", done.out)
    assert "2 copied, 1 standing meeting: not copied." in done.out

    again = run(*ends(old, new), *MAPPED, "--json", typed=TYPED)
    assert again.status == 0
    report = json.loads(again.out)
    assert (report["counts"]["alreadyThere"], report["counts"]["copied"]) == (2, 0)
    assert {one["result"] for one in report["meetings"]} == {"standing", "alreadyThere"}
    assert meetings(new, "dana@fabrikam.com") == after


def test_people_come_along_to_the_new_domain(run: Run, old: str, new: str) -> None:
    run(*ends(old, new), *MAPPED, typed=TYPED)
    with Client.discover("dana@fabrikam.com", "demo", at=new) as client:
        found = {people for one in client.meetings.list() for people in one.attendees}
    assert found == {"sip:Chris@fabrikam.com", "sip:Alex@fabrikam.com", "sip:lenea@fabrikam.com"}


def test_killed_after_every_single_write(run: Run, old: str, new: str, tmp_path: Path) -> None:
    """kill -9, again and again: each run takes up where the one before was ended."""
    before = meetings(new, "dana@fabrikam.com")
    kills = 0
    while (status := killed_after_a_write(*ends(old, new), *MAPPED)) != 0:
        assert status == -signal.SIGKILL
        kills += 1
    assert kills == 7  # two meetings, of three writes each, and a share
    after = meetings(new, "dana@fabrikam.com")
    assert len(after) == len(before) + 2
    assert "openucwa import:" not in str(after)
    assert run(*ends(old, new), *MAPPED, typed=TYPED).status == 0
    assert meetings(new, "dana@fabrikam.com") == after


KILLED = """
import os, signal
import httpx2
from openucwa.cli.main import main

send = httpx2.HTTPTransport.handle_request

def handle_request(self, request):
    response = send(self, request)
    if request.method in ("POST", "PUT") and "/onlinemeetings/" in request.url.path.lower():
        os.kill(os.getpid(), signal.SIGKILL)
    return response

httpx2.HTTPTransport.handle_request = handle_request
main()
"""


def killed_after_a_write(*arguments: str) -> int:
    """Run a command that is killed as soon as a write of it is answered; how it ended."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments], input=TYPED, capture_output=True, text=True
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def test_server_that_goes_away_and_comes_back(run: Run, old: str, tmp_path: Path) -> None:
    with demo(tmp_path / "new", "--domain", "fabrikam.com") as new:
        pass
    failed = run(*ends(old, new), typed=TYPED)
    assert failed.status == 6
    assert "refuses connections" in failed.err


@pytest.mark.parametrize(
    ("arguments", "typed", "status", "message"),
    [
        (
            ["--from", "http://127.0.0.1:1"],
            "",
            2,
            "Your address at http://127.0.0.1:1 is missing. Add --from",
        ),
        (["--from", "nonsense"], "", 2, "'nonsense' is not a SIP address"),
        (["--from", "d@a.b", "--to-user", "d@c.d"], "", 2, "--to-user and --to-ca need --to"),
        (["--from", "d@a.b", "--map-domain", "x"], "", 2, "'x' does not name the domain"),
        (["--from", "d@a.b", "--from-ca", "none.pem"], "", 2, "There is no file none.pem."),
        (["--from", "d@a.b", "--to", "d@c.d"], "", 2, "The password of d@a.b is missing."),
    ],
)
def test_what_has_to_be_corrected_first(
    run: Run, arguments: list[str], typed: str, status: int, message: str
) -> None:
    done = run("import", *arguments, typed=typed)
    assert done.status == status
    assert message in done.err


def test_wrong_password(run: Run, old: str, new: str) -> None:
    done = run(*ends(old, new), typed="wrong\ndemo\n")
    assert done.status == 3
    assert "dana@contoso.com" in done.err


def test_passwords_from_the_environment(
    run: Run, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UCWA_FROM_PASSWORD", "demo")
    monkeypatch.setenv("UCWA_TO_PASSWORD", "demo")
    assert run(*ends(old, new), "--dry-run").status == 0


def test_nobody_is_signed_in(run: Run, old: str) -> None:
    arguments = ["import", "--from", old, "--from-user", "dana@contoso.com"]
    done = run(*arguments, typed="demo\n")
    assert done.status == 3
    assert "openucwa login" in done.err


def test_copies_to_where_she_is_signed_in(run: Run, old: str, new: str) -> None:
    assert run("login", "dana@fabrikam.com", "--at", new, typed="demo\n").status == 0
    arguments = ["import", "--from", old, "--from-user", "dana@contoso.com", "--json"]
    done = run(*arguments, typed="demo\n")
    assert done.status == 0
    assert json.loads(done.out)["counts"]["copied"] == 2


def test_at_a_terminal_passwords_are_asked_for(old: str, new: str) -> None:
    arguments = ["-c", "from openucwa.cli.main import main; main()", *ends(old, new)]
    child = pexpect.spawn(sys.executable, arguments, encoding="utf-8", dimensions=(30, 100))
    try:
        child.expect("Password of dana@contoso.com: ")
        child.sendline("demo")
        child.expect("Password of dana@fabrikam.com: ")
        child.sendline("demo")
        child.expect("2 copied")
        child.expect(pexpect.EOF)
    finally:
        child.close()
    assert child.exitstatus == 0


def test_second_import_at_the_same_time_waits_for_nobody(run: Run, old: str, new: str) -> None:
    from openucwa.cli.moving.remembered import alone

    with Client.discover("dana@fabrikam.com", "demo", at=new) as client:
        whose = f"sip:Dana@contoso.com sip:Dana@fabrikam.com at {client.root_url}"
    with alone(whose):
        done = run(*ends(old, new), typed=TYPED)
    assert done.status == 1
    assert "Another import of these meetings is running" in done.err
