"""openucwa database copy."""

import sys
from pathlib import Path

import pytest

from openucwa.store.schema import name_of
from tests.cli.conftest import Run
from tests.engines import bare_database
from tests.sockets.process import add_user, serving


@pytest.fixture
def people(run: Run) -> None:
    """An installation in ./people."""
    dana = ("dana@contoso.com", "--name", "Dana")
    assert run("user", "add", *dana, "--data", "people", typed="long secret\n").status == 0


@pytest.mark.usefixtures("people")
def test_there_and_back(run: Run) -> None:
    url = bare_database()
    there, back = run("database", "copy", "people", url), run("database", "copy", url, "back")
    assert (there.status, back.status) == (0, 0)
    assert ["users", "1"] in [line.split() for line in there.out.splitlines()]
    assert there.out.splitlines()[-1] == (
        f"Copied people/openucwa.sqlite3 to {name_of(url)}, 4 rows, and verified each row. Run the "
        "servers only on the copy from now on."
    )
    assert there.err == back.err == ""
    listed = run("user", "list", "--data", "people").out
    assert "dana@contoso.com" in listed
    assert listed == run("user", "list", "--database", url).out
    assert listed == run("user", "list", "--data", "back").out


@pytest.mark.usefixtures("people")
def test_a_copy_is_for_its_owner_only(run: Run, folder: Path) -> None:
    assert run("database", "copy", "people/openucwa.sqlite3", "a/b.sqlite3").status == 0
    assert (folder / "a").stat().st_mode & 0o077 == 0
    assert (folder / "a" / "b.sqlite3").stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["people", "people"], "FROM and TO are the same."),
        (["people", "mysql://contoso.com/people"], "TO must be a directory, or the URL of"),
        (["postgresql://a:se@cret@contoso.com/x", "people"], "write @ as %40"),
    ],
)
def test_wrong_input_is_status_2(run: Run, arguments: list[str], said: str) -> None:
    done = run("database", "copy", *arguments)
    assert done.status == 2
    assert said in done.err
    assert "se@cret" not in done.err


def test_what_cannot_be_copied_is_status_1(run: Run, folder: Path) -> None:
    done = run("database", "copy", "nowhere", "there")
    assert done.status == 1
    assert done.err == (
        "Error: There is no database nowhere/openucwa.sqlite3. Name the directory of the "
        "database.\n"
    )
    assert not (folder / "there").exists()


@pytest.mark.usefixtures("people")
def test_progress_is_shown_at_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "Comparing " in run("database", "copy", "people", "there").err


@pytest.mark.slow
def test_a_server_has_to_be_stopped_first(run: Run, tmp_path: Path) -> None:
    add_user(tmp_path)
    with serving(tmp_path) as server:
        done = run("database", "copy", "data", "there")
        assert done.status == 1
        assert "data/openucwa.sqlite3 is in use. Stop the server" in done.err
        server.stop()
    assert run("database", "copy", "data", "there").status == 0
