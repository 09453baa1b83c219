"""Backups: one file from either engine, restored to either."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from openucwa.store import schema
from openucwa.store.copying.backup import back_up, restore
from openucwa.store.lock import held
from openucwa.store.not_ready import NotReady
from tests.engines import POSTGRES, SQLITE
from tests.store.test_copying import (
    New,
    Place,
    execute,
    filled,
    impatient,
    in_use,
    new,
    prepared,
    quiet,
    rows,
    source,
)

__all__ = ["filled", "impatient", "new", "source"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a b" / "openucwa.backup"


@pytest.fixture
def backup(source: Place, file: Path) -> Path:
    file.parent.mkdir()
    back_up(source, file, quiet)
    return file


@pytest.mark.parametrize("engine", [SQLITE, POSTGRES])
def test_everything_is_restored_to_either_engine(
    source: Place, backup: Path, new: New, engine: str
) -> None:
    target = new(engine)
    counts = restore(backup, target, quiet, replace=False)
    assert counts["users"] == len(rows(source)["users"]) > 1000
    assert rows(target) == rows(source)


def test_it_is_one_file_for_its_owner_only(backup: Path) -> None:
    assert os.listdir(backup.parent) == [backup.name]
    assert backup.stat().st_mode & 0o777 == 0o600


def test_it_replaces_the_one_before(source: Place, backup: Path) -> None:
    backup.write_text("the one before")
    back_up(source, backup, quiet)
    assert execute(backup, "SELECT count(*) FROM users") == [(len(rows(source)["users"]),)]
    assert os.listdir(backup.parent) == [backup.name]


@pytest.mark.usefixtures("impatient")
def test_a_backup_is_made_while_servers_have_the_database(source: Place, file: Path) -> None:
    file.parent.mkdir()
    with in_use(source):
        back_up(source, file, quiet)
    assert file.exists()


@pytest.mark.usefixtures("impatient")
def test_nothing_is_restored_beneath_a_server(source: Place, backup: Path, new: New) -> None:
    target = prepared(new(SQLITE if isinstance(source, Path) else POSTGRES))
    schema.make(target)
    with in_use(target), pytest.raises(NotReady, match=r"is in use.*Stop .*server"):
        restore(backup, target, quiet, replace=True)
    assert not any(rows(target).values())


@pytest.mark.parametrize("engine", [SQLITE, POSTGRES])
def test_data_are_replaced_only_when_that_is_wanted(
    source: Place, backup: Path, new: New, engine: str
) -> None:
    target = prepared(new(engine))
    schema.make(target)
    execute(target, "INSERT INTO tokens (hash, user_id, expires_at) VALUES ('there', 1, 2)")
    before = rows(target)
    with pytest.raises(NotReady, match="already holds data, and was not changed"):
        restore(backup, target, quiet, replace=False)
    assert rows(target) == before
    restore(backup, target, quiet, replace=True)
    assert rows(target) == rows(source)


@pytest.fixture
def small(new: New, file: Path) -> Path:
    """A backup with little in it."""
    place = prepared(new(SQLITE))
    schema.make(place)
    execute(place, "INSERT INTO tokens (hash, user_id, expires_at) VALUES ('there', 1, 2)")
    file.parent.mkdir()
    back_up(place, file, quiet)
    return file


def damaged(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    file.write_bytes(content)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-8192])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def a_text(file: Path) -> None:
    file.write_text("-- PostgreSQL database dump\n" * 200)


def of_another_program(file: Path) -> None:
    file.unlink()
    execute(file, "CREATE TABLE users (id)")


def newer(file: Path) -> None:
    execute(
        file,
        "UPDATE _yoyo_migration SET migration_id = '9999.later' WHERE migration_id IN"
        " (SELECT max(migration_id) FROM _yoyo_migration)",
    )


def alive(file: Path) -> None:
    file.with_name(f"{file.name}-wal").write_text("changes")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (damaged, "is damaged, or is not a backup of OpenUCWA"),
        (cut, "is damaged, or is not a backup of OpenUCWA"),
        (empty, "is not a backup of OpenUCWA"),
        (a_text, "is damaged, or is not a backup of OpenUCWA: file is not a database"),
        (of_another_program, "is not a backup of OpenUCWA"),
        (newer, "was written by a newer OpenUCWA"),
        (alive, "is not a backup but the file of a database"),
    ],
)
def test_what_is_no_whole_backup_is_refused(
    small: Path, new: New, spoil: object, said: str
) -> None:
    assert callable(spoil)
    spoil(small)
    target = prepared(new(SQLITE))
    schema.make(target)
    execute(target, "INSERT INTO tokens (hash, user_id, expires_at) VALUES ('here', 1, 2)")
    before = rows(target)
    with pytest.raises(NotReady) as refused:
        restore(small, target, quiet, replace=True)
    assert str(refused.value).startswith(f"{small} ")
    assert said in str(refused.value)
    assert rows(target) == before
    assert sorted(os.listdir(target.parent)) == sorted(  # type: ignore[union-attr]
        ["openucwa.sqlite3", "openucwa.sqlite3-lock"]
    )


def test_a_backup_of_an_older_program_gets_the_schema_of_this_one(
    new: New, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, older = prepared(new(SQLITE)), file.parent / "older"
    shutil.copytree(schema._MIGRATIONS, older)
    (older / f"{schema.migrations()[-1]}.sql").unlink()
    with monkeypatch.context() as before:
        before.setattr(schema, "_MIGRATIONS", older)
        schema.make(place)
        back_up(place, file, quiet)
    target = new(SQLITE)
    restore(file, target, quiet, replace=False)
    assert schema.missing(target) == []


FULL = """
import resource, signal, sys
from pathlib import Path
from openucwa.store.copying.backup import back_up
from openucwa.store.not_ready import NotReady
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    back_up(sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1]), Path(sys.argv[2]), print)
except NotReady as error:
    sys.exit(str(error))
"""


def test_a_full_disk_leaves_the_backup_before_and_nothing_else(source: Place, file: Path) -> None:
    file.parent.mkdir()
    file.write_text("the one before")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(source), file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Check that its disk has room" in done.stderr
    assert file.read_text() == "the one before"
    assert os.listdir(file.parent) == [file.name]


def test_a_backup_shows_one_moment(new: New, file: Path) -> None:
    """Two rows that are always written together are in it together, however many are written."""
    place = prepared(new(SQLITE))
    assert isinstance(place, Path)
    schema.make(place)
    file.parent.mkdir()
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        with (
            held(place, alone=True),  # as a server does: its log is not checked meanwhile
            closing(sqlite3.connect(place, isolation_level=None)) as connection,
        ):
            connection.execute("PRAGMA journal_mode = WAL")
            begun.set()
            number = 0
            while not done.is_set():
                number += 1
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(
                    "INSERT INTO tokens (hash, user_id, expires_at) VALUES (?, 1, 2)", [f"{number}"]
                )
                connection.execute("INSERT INTO throttle VALUES (?, 1)", [f"{number}"])
                connection.execute("COMMIT")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(30)
        counts = []
        for _ in range(10):
            back_up(place, file, quiet)
            (pair,) = execute(
                file, "SELECT (SELECT count(*) FROM tokens), (SELECT count(*) FROM throttle)"
            )
            assert pair[0] == pair[1]
            counts.append(pair[0])
        assert counts[-1] > counts[0]
    finally:
        done.set()
        writer.join()
