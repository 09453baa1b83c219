"""Bringing a database to the schema of this program."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from openucwa.store import schema
from openucwa.store.schema import NotReady, migrate

TABLES = {
    "log",
    "applications",
    "channels",
    "communications",
    "extensions",
    "failed_sign_ins",
    "facts",
    "meeting_versions",
    "meetings",
    "tokens",
    "users",
}
YOYOS_LOCK = "CREATE TABLE yoyo_lock (locked INT PRIMARY KEY, ctime TIMESTAMP, pid INT)"
STALE = "INSERT INTO yoyo_lock VALUES (1, '2026-11-22T12:00:00', 4194305)"  # no pid is that large


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "openucwa.sqlite3"


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def tables(path: Path) -> set[str]:
    """The tables of the database, but for those of the library that migrates."""
    with opened(path) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in found if "yoyo" not in name}


def dump(path: Path) -> list[str]:
    with opened(path) as connection:
        return list(connection.iterdump())


def migrations(monkeypatch: pytest.MonkeyPatch, folder: Path, **sql: str) -> None:
    """Put other migrations in the place of the program's."""
    folder.mkdir()
    for name, statements in sql.items():
        (folder / f"{name}.sql").write_text(statements)
    monkeypatch.setattr(schema, "_MIGRATIONS", folder)


def test_a_database_is_made_where_there_is_none(path: Path) -> None:
    migrate(path)
    assert tables(path) == TABLES


def test_migrating_again_changes_nothing(path: Path) -> None:
    migrate(path)
    before = dump(path)
    migrate(path)
    assert dump(path) == before


def test_rows_stay_when_a_migration_comes_to_them(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = "CREATE TABLE notes (text TEXT);"
    migrations(monkeypatch, tmp_path / "one", first=first)
    migrate(path)
    with opened(path) as connection:
        connection.execute("INSERT INTO notes VALUES ('kept')")
    second = "ALTER TABLE notes ADD COLUMN colour TEXT DEFAULT 'red';"
    migrations(monkeypatch, tmp_path / "two", first=first, second=second)
    migrate(path)
    with opened(path) as connection:
        assert connection.execute("SELECT * FROM notes").fetchall() == [("kept", "red")]


def test_a_migration_that_fails_leaves_nothing_behind(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = "CREATE TABLE notes (text TEXT);", "CREATE TABLE more (text TEXT); SELECT nothing;"
    migrations(monkeypatch, tmp_path / "bad", first=good, second=bad)
    with pytest.raises(NotReady, match="nothing"):
        migrate(path)
    assert tables(path) == set()
    migrations(monkeypatch, tmp_path / "good", first=good)
    migrate(path)
    assert tables(path) == {"notes"}


@pytest.mark.parametrize("killed", ["at the start", "at the end"])
def test_a_process_that_was_killed_meanwhile_is_in_nobodys_way(path: Path, killed: str) -> None:
    if killed == "at the end":
        migrate(path)
    with opened(path) as connection:
        if killed == "at the start":
            connection.execute(YOYOS_LOCK)
        connection.execute(STALE)
    migrate(path)
    assert tables(path) == TABLES


def test_a_database_of_a_newer_program_is_left_as_it_is(path: Path) -> None:
    migrate(path)
    with opened(path) as connection:
        connection.execute("INSERT INTO _yoyo_migration VALUES ('unknown', '9999.new', '2030')")
    before = dump(path)
    with pytest.raises(NotReady, match="was written by a newer OpenUCWA"):
        migrate(path)
    assert dump(path) == before


def test_what_is_no_database_is_left_as_it_is(path: Path) -> None:
    path.write_text("Dear diary, " * 1000)
    with pytest.raises(NotReady, match=r"openucwa\.sqlite3 can't be used: file is not a database"):
        migrate(path)
    assert path.read_text() == "Dear diary, " * 1000


@pytest.mark.parametrize("folder", ["with space", "a?b=c", "a#b", "100%", "%41", "Größe", "a;b&c"])
def test_the_folder_may_have_any_name(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "openucwa.sqlite3"
    path.parent.mkdir()
    migrate(path)
    assert tables(path) == TABLES
    assert [one.name for one in tmp_path.iterdir()] == [folder]


def test_a_user_of_the_system_needs_no_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in containers that run under a number of their own."""

    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    migrate(path)
    assert tables(path) == TABLES


def test_processes_that_start_together_all_find_the_schema(path: Path) -> None:
    program = (
        "import sys, pathlib, yoyo\n"
        "from openucwa.store.schema import migrate\n"
        "sys.stdin.readline()\n"
        "migrate(pathlib.Path(sys.argv[1]))\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, path], stdin=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write(b"\n")
        process.stdin.close()
    assert [process.wait(30) for process in processes] == [0, 0, 0]
    assert tables(path) == TABLES
