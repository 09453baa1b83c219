"""openucwa migrate."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from openucwa.store import conninfo, others, schema
from openucwa.store.schema import missing
from tests.cli.conftest import Run
from tests.engines import ENGINES, SQLITE, bare_database

FIRST = "CREATE TABLE notes (text TEXT);"
SECOND = "ALTER TABLE notes ADD COLUMN colour TEXT;"


class Older:
    """A database that lacks a migration, and how commands are told where it is."""

    def __init__(self, location: Path | str) -> None:
        self.location = location
        self.name = schema.name_of(location)
        self.options = (
            ["--data", str(location.parent)]
            if isinstance(location, Path)
            else ["--database", location]
        )


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "migrations"
    found.mkdir()
    (found / "0001.first.sql").write_text(FIRST)
    monkeypatch.setattr(schema, "_MIGRATIONS", found)
    return found


@pytest.fixture(params=ENGINES)
def older(request: pytest.FixtureRequest, tmp_path: Path, migrations: Path) -> Older:
    path = tmp_path / "data" / "openucwa.sqlite3"
    path.parent.mkdir()
    found = Older(path if request.param == SQLITE else bare_database())
    schema.migrate(found.location)
    (migrations / "0002.second.sql").write_text(SECOND)
    return found


def test_says_what_is_lacking_and_applies_it(run: Run, older: Older) -> None:
    done = run("migrate", *older.options)
    assert done.status == 0
    assert [line.split() for line in done.out.splitlines()] == [
        ["0001.first", "applied"],
        ["0002.second", "lacking"],
        [older.name, "lacks", "0002.second."],
        ["Applied."],
    ]
    assert missing(older.location) == []
    again = run("migrate", *older.options)
    assert again.status == 0
    assert again.out.splitlines()[-1] == f"{older.name} is up to date."


def test_can_only_show(run: Run, older: Older) -> None:
    done = run("migrate", *older.options, "--dry-run")
    assert done.status == 0
    assert done.out.splitlines()[-1] == f"{older.name} lacks 0002.second."
    assert missing(older.location) == ["0002.second"]


def test_writes_json_for_programs(run: Run, older: Older) -> None:
    expected = {"database": older.name, "had": ["0001.first"], "lacked": ["0002.second"]}
    shown = run("migrate", *older.options, "--dry-run", "--json").out
    assert json.loads(shown) == expected | {"applied": []}
    done = run("migrate", *older.options, "--json").out
    assert json.loads(done) == expected | {"applied": ["0002.second"]}


def test_what_fails_changes_nothing(run: Run, older: Older, migrations: Path) -> None:
    (migrations / "0003.third.sql").write_text("SELECT nothing;")
    done = run("migrate", *older.options)
    assert done.status == 1
    assert done.err.startswith(f"Error: The database {older.name} can't be used: ")
    assert missing(older.location) == ["0002.second", "0003.third"]


@pytest.fixture
def used(older: Older, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server that runs on it, with a connection on which nothing happens."""
    monkeypatch.setattr(others, "_PATIENCE", 0.05)
    if isinstance(older.location, str):
        with conninfo.connect(older.location, conninfo.SERVER):
            yield
    else:
        with closing(sqlite3.connect(older.location)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("SELECT * FROM notes").fetchall()
            yield


@pytest.mark.usefixtures("used")
def test_refuses_while_a_server_runs(run: Run, older: Older) -> None:
    done = run("migrate", *older.options)
    assert done.status == 1
    assert f"Error: {older.name} is in use" in done.err
    assert "Stop " in done.err
    assert "--force" in done.err
    assert missing(older.location) == ["0002.second"]


@pytest.mark.usefixtures("used")
def test_can_be_forced(run: Run, older: Older) -> None:
    done = run("migrate", *older.options, "--force")
    assert missing(older.location) == []
    assert done.err.startswith(f"Warning: {older.name} is in use")


def test_leaves_alone_what_a_newer_program_has_written(
    run: Run, older: Older, migrations: Path
) -> None:
    schema.migrate(older.location)
    (migrations / "0002.second.sql").unlink()
    done = run("migrate", *older.options)
    assert done.status == 1
    assert "was written by a newer OpenUCWA (0002.second). Run that version" in done.err


def test_makes_no_file_where_there_is_none(run: Run, tmp_path: Path) -> None:
    done = run("migrate", "--data", tmp_path / "data")
    assert done.status == 1
    assert "There is no database in " in done.err
    assert not (tmp_path / "data").exists()


def test_a_server_says_that_it_is_needed(run: Run, migrations: Path) -> None:
    """On PostgreSQL, where others may serve."""
    url = bare_database()
    schema.migrate(url)
    (migrations / "0002.second.sql").write_text(SECOND)
    for command in (["serve", "--port", "0"], ["user", "list"]):
        done = run(*command, "--database", url)
        assert done.status == 1
        assert "lacks 0002.second. Stop all servers that use it, back it up, and run " in done.err
    assert missing(url) == ["0002.second"]
