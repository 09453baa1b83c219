"""Starting: after a start that was cut short, where another server is, and on damaged files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.passwords import PASSWORD
from tests.sockets.line import Line, request, sign_in
from tests.sockets.process import USERNAME, add_user, launch, run, serving

pytestmark = pytest.mark.slow


def has_made_its_file(data: Path) -> bool:
    return (data / "openucwa.sqlite3").exists()


def has_begun_its_tables(data: Path) -> bool:
    return has_made_its_file(data) and (data / "openucwa.sqlite3").stat().st_size > 0


def has_opened_its_database(data: Path) -> bool:
    return (data / "openucwa.sqlite3-wal").exists()


@pytest.mark.parametrize(
    "far_enough", [has_made_its_file, has_begun_its_tables, has_opened_its_database]
)
def test_killed_while_it_starts_for_the_first_time(
    tmp_path: Path, far_enough: Callable[[Path], bool]
) -> None:
    """Whatever it has made of its database by then, it starts the next time."""
    with launch(tmp_path) as process:
        while not far_enough(tmp_path / "data"):
            assert process.poll() is None
        process.kill()
    add_user(tmp_path)
    with serving(tmp_path) as server:
        sign_in(server)


def test_port_that_is_in_use(tmp_path: Path) -> None:
    """It says so and ends with status 1; the other server goes on."""
    with serving(tmp_path) as server:
        done = run(tmp_path, "serve", "--data", "other", "--port", f"{server.port}")
        assert done.returncode == 1
        assert done.stderr == (
            f"Error: Port {server.port} is in use. Choose another with --port.\n"
        )
        with Line(server) as line:
            assert line.ask(request("GET", "/")).status == 200


def test_database_that_another_server_has(tmp_path: Path) -> None:
    """It says so and ends with status 1; the other server goes on, and so do commands beside it."""
    add_user(tmp_path)
    with serving(tmp_path) as server:
        done = run(tmp_path, "serve", "--data", "data", "--port", "0")
        assert done.returncode == 1
        assert done.stderr == (
            "Error: data is in use by another server or by a command that is still running. Stop "
            "that one, or name another directory with --data.\n"
        )
        chris = ("sip:Chris@contoso.com", "--name", "Chris Barry")
        added = run(tmp_path, "user", "add", *chris, "--data", "data", typed=f"{PASSWORD}\n")
        assert added.returncode == 0, added.stderr
        assert USERNAME in run(tmp_path, "user", "list", "--data", "data").stdout
        sign_in(server, "Chris@contoso.com")


def test_log_of_changes_that_is_damaged(tmp_path: Path) -> None:
    """Neither the server nor a command goes on without what was in it, or touches it."""
    add_user(tmp_path)
    with serving(tmp_path) as server:
        sign_in(server)
        server.kill()
    log = tmp_path / "data" / "openucwa.sqlite3-wal"
    ruined = b"ruined!!" + log.read_bytes()[8:]
    log.write_bytes(ruined)
    for command in (("serve", "--port", "0"), ("user", "list")):
        done = run(tmp_path, *command, "--data", "data")
        assert done.returncode == 1
        assert done.stderr.startswith(f"Error: data/{log.name} is damaged: its header")
        assert done.stderr.count("\n") == 1
        assert log.read_bytes() == ruined
