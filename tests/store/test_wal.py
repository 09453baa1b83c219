"""Which write-ahead logs are refused: those that have lost something, and no others."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from openucwa.store import wal
from openucwa.store.not_ready import NotReady

HEADER, FRAME = 32, 24 + 4096
COMMITS = 10


class Files:
    """A database with changes in its log, as a process leaves it that is killed."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "openucwa.sqlite3"
        self.log = folder / "openucwa.sqlite3-wal"
        self.index = folder / "openucwa.sqlite3-shm"

    @property
    def frames(self) -> int:
        return (self.log.stat().st_size - HEADER) // FRAME

    def overwrite(self, file: Path, place: int) -> None:
        with file.open("r+b") as opened:
            opened.seek(place)
            opened.write(b"\xde\xad\xbe\xef")

    def rows(self) -> int:
        """How many rows SQLite finds."""
        with closing(sqlite3.connect(self.database)) as connection:
            found: int = connection.execute("SELECT count(*) FROM rows").fetchone()[0]
            return found


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    """Taken from under a process that has committed ten times and lives."""
    living = Files(tmp_path / "living")
    living.database.parent.mkdir()
    with closing(sqlite3.connect(living.database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE rows (text TEXT)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for number in range(COMMITS):
            connection.execute("INSERT INTO rows VALUES (?)", (f"{number}" * 3000,))
        yield copy(living, tmp_path / "left")


def copy(files: Files, folder: Path) -> Files:
    folder.mkdir()
    copied = Files(folder)
    for name in ("database", "log", "index"):
        getattr(copied, name).write_bytes(getattr(files, name).read_bytes())
    return copied


def contents(files: Files) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in files.database.parent.iterdir()}


def assert_refused(files: Files, words: str) -> None:
    before = contents(files)
    with pytest.raises(NotReady, match=words):
        wal.check(files.database)
    assert contents(files) == before


def test_what_a_killed_process_leaves_is_whole(files: Files) -> None:
    wal.check(files.database)
    files.index.unlink()
    wal.check(files.database)
    assert files.rows() == COMMITS


@pytest.mark.parametrize("has_index", [True, False])
@pytest.mark.parametrize("place", [0, 5, 9, 16, 22, 25, 31])
def test_header_that_is_damaged(files: Files, place: int, *, has_index: bool) -> None:
    if not has_index:
        files.index.unlink()
    files.overwrite(files.log, place)
    assert_refused(files, r"sqlite3-wal is damaged: its header is not valid.*backup.*move")


@pytest.mark.parametrize("has_index", [True, False])
@pytest.mark.parametrize("place", [0, 4, 9, 17, 24, 4000])
def test_page_that_others_follow(files: Files, place: int, *, has_index: bool) -> None:
    """SQLite alone would serve what was there before it."""
    if not has_index:
        files.index.unlink()
    files.overwrite(files.log, HEADER + files.frames // 2 * FRAME + place)
    assert_refused(files, "sqlite3-wal is damaged: .* pages are intact|of them are intact")
    assert 0 < files.rows() < COMMITS


def test_last_page(files: Files) -> None:
    files.overwrite(files.log, files.log.stat().st_size - 100)
    assert_refused(files, "sqlite3-wal is damaged: .* of them are intact")


@pytest.mark.parametrize("left", [0, 20, HEADER, HEADER + FRAME, HEADER + 3 * FRAME + 1000])
def test_log_that_was_cut(files: Files, left: int) -> None:
    os.truncate(files.log, left)
    assert_refused(files, "sqlite3-wal is damaged")


def test_log_without_its_database(files: Files) -> None:
    files.database.write_bytes(b"")
    assert_refused(files, "is missing or empty.*backup")
    files.database.unlink()
    assert_refused(files, "is missing or empty.*backup")


def test_no_log(files: Files) -> None:
    """It was moved aside, as the refusal says, or there never was one."""
    files.log.unlink()
    wal.check(files.database)
    wal.check(files.database.with_name("another"))


@pytest.mark.parametrize("left", [0, 1, 31, HEADER])
def test_log_that_was_begun_when_the_power_failed(files: Files, left: int) -> None:
    files.index.unlink()
    os.truncate(files.log, left)
    wal.check(files.database)


@pytest.mark.parametrize("lost", range(4))
@pytest.mark.parametrize("index", ["of before", "of long ago", "none"])
def test_transaction_that_was_being_written_when_the_power_failed(
    tmp_path: Path, index: str, lost: int
) -> None:
    """Its pages may be on the disk in any order, and the index as it was at any time before."""
    living = Files(tmp_path / "living")
    living.database.parent.mkdir()
    with closing(sqlite3.connect(living.database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE rows (text TEXT)")
        ago = living.index.read_bytes()
        connection.execute("INSERT INTO rows VALUES ('durable')")
        before, frames = living.index.read_bytes(), living.frames
        connection.execute("INSERT INTO rows VALUES (?)", ("x" * 12_000,))
        left = copy(living, tmp_path / "left")
    assert left.frames > frames + lost
    left.overwrite(left.log, HEADER + (frames + lost) * FRAME + 1000)
    left.index.write_bytes({"of before": before, "of long ago": ago, "none": b""}[index])
    wal.check(left.database)
    assert left.rows() == 1


def test_log_that_was_begun_anew(tmp_path: Path) -> None:
    """What is left in it of earlier transactions counts for nothing."""
    living = Files(tmp_path / "living")
    living.database.parent.mkdir()
    with closing(sqlite3.connect(living.database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE rows (text TEXT)")
        for _ in range(5):
            connection.execute("INSERT INTO rows VALUES ('early')")
        length = living.log.stat().st_size
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        restarted = copy(living, tmp_path / "restarted")
        connection.execute("INSERT INTO rows VALUES ('late')")
        left = copy(living, tmp_path / "left")
    assert left.log.stat().st_size == length
    for one, count in ((restarted, 5), (left, 6)):
        wal.check(one.database)
        assert one.rows() == count
