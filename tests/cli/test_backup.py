"""openucwa database backup and restore."""

import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.engines import CURRENT
from tests.sockets.line import Line, sign_in
from tests.sockets.process import add_user, serving
from tests.sockets.process import run as run_command


@pytest.fixture
def people(run: Run) -> None:
    """An installation in ./people."""
    dana = ("dana@contoso.com", "--name", "Dana", "--data", "people")
    assert run("user", "add", *dana, typed="a long password\n").status == 0


@pytest.mark.usefixtures("people")
def test_there_and_back(run: Run, folder: Path) -> None:
    done = run("database", "backup", "backup", "--data", "people")
    size = (folder / "backup").stat().st_size
    assert (done.status, done.out) == (0, f"Backed up to backup, {size:,} bytes.\n")
    done = run("database", "restore", "backup", "--data", "restored")
    assert (done.status, done.out) == (
        0,
        "Restored backup to restored/openucwa.sqlite3, 4 rows.\n",
    )
    listed = run("user", "list", "--data", "restored").out
    assert "dana@contoso.com" in listed
    assert listed == run("user", "list", "--data", "people").out
    assert (folder / "restored").stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("people")
def test_overwrites_nothing_untold(run: Run, folder: Path) -> None:
    (folder / "backup").write_text("precious")
    done = run("database", "backup", "backup", "--data", "people")
    assert (done.status, done.err) == (
        2,
        "Error: backup already exists. Name another file, or give --force.\n",
    )
    assert (folder / "backup").read_text() == "precious"
    assert run("database", "backup", "backup", "--force", "--data", "people").status == 0
    run("user", "add", "alex@contoso.com", "--name", "A", "--data", "people", typed="a long one\n")
    done = run("database", "restore", "backup", "--data", "people")
    assert done.status == 1
    assert "people/openucwa.sqlite3 already holds data" in done.err
    assert "--replace" in done.err
    assert "alex" in run("user", "list", "--data", "people").out
    assert run("database", "restore", "backup", "--replace", "--data", "people").status == 0
    assert "alex" not in run("user", "list", "--data", "people").out


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "name", ["people/openucwa.sqlite3", "people/openucwa.sqlite3-lock", "link"]
)
def test_never_replaces_the_database_itself(run: Run, folder: Path, name: str) -> None:
    """Servers that have it open would go on in a file that is gone."""
    (folder / "link").symlink_to("people/openucwa.sqlite3")
    before = (folder / "people/openucwa.sqlite3").stat().st_ino
    done = run("database", "backup", name, "--force", "--data", "people")
    assert (done.status, "the database itself" in done.err) == (1, True)
    assert (folder / "people/openucwa.sqlite3").stat().st_ino == before


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (
            ["backup", "nowhere/backup", "--data", "people"],
            2,
            "There is no directory nowhere. Create it, or name another file.",
        ),
        (["backup", "people", "--force", "--data", "people"], 2, "people is not a file"),
        (["backup", "backup", "--data", "wrong"], 1, "There is no database in wrong"),
        (["restore", "backup", "--data", "new"], 2, "There is no file backup"),
        (["restore", "people", "--data", "new"], 2, "There is no file people"),
    ],
)
def test_what_cannot_be_done_is_told(
    run: Run, folder: Path, arguments: list[str], status: int, said: str
) -> None:
    done = run("database", *arguments)
    assert done.status == status
    assert said in done.err
    assert sorted(one.name for one in folder.iterdir()) == ["people"]


@pytest.mark.slow
def test_a_server_goes_on_meanwhile_and_has_to_stop_for_a_restore(tmp_path: Path) -> None:
    """What was acknowledged before the backup is in it, while meetings are scheduled all along."""
    add_user(tmp_path)
    where = ("--data", "data", *CURRENT.options(tmp_path))
    with serving(tmp_path) as server:
        dana, done, scheduled = sign_in(server), threading.Event(), 0

        def write() -> None:
            nonlocal scheduled
            with Line(server) as line:
                while not done.is_set():
                    answer = line.ask(dana.post(dana.meetings, {"subject": f"{scheduled}"}))
                    assert answer.status == 200
                    scheduled += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            before = scheduled
            made = run_command(tmp_path, "database", "backup", "backup", *where)
            after = scheduled
        finally:
            done.set()
            writer.join()
        assert made.returncode == 0, made.stderr
        assert after > before
        refused = run_command(tmp_path, "database", "restore", "backup", "--replace", *where)
        assert refused.returncode == 1
        assert "is in use" in refused.stderr
        server.stop()
    restored = run_command(tmp_path, "database", "restore", "backup", "--replace", *where)
    assert restored.returncode == 0, restored.stderr
    with serving(tmp_path) as server, Line(server) as line:
        meetings = line.ask(dana.get(dana.meetings)).json["_embedded"]["myOnlineMeeting"]
        subjects = {one["subject"] for one in meetings}
        assert {f"{number}" for number in range(before)} <= subjects
        assert len(meetings) <= after + 1
