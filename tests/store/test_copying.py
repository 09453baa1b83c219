"""Copying all rows to another database."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from openucwa.store import conninfo, others, schema
from openucwa.store.copying.copy import copy
from openucwa.store.copying.tables import LOG, tables
from openucwa.store.not_ready import NotReady
from openucwa.store.schema import migrate
from tests.engines import ENGINES, POSTGRES, SQLITE, bare_database

Place = Path | str
New = Callable[[str], Place]

ROWS = 1100
"""Of each table: more than are told of at once."""
ODD = (
    "",
    " ",
    "Größe",
    "\U0001f600",
    "line\nfeed\ttab\r",
    "\\N",
    "\\.",
    "null",
    '{"a": "\'"}',
    "ﬀ",
)
LARGEST = 2**63 - 1
KILLED = """
import sys
from pathlib import Path
from openucwa.store.copying.copy import copy
def stop(doing, done, of):
    if doing == "Comparing users":
        print(doing, flush=True)
        sys.stdin.readline()
copy(*(one if "://" in one else Path(one) for one in sys.argv[1:]), stop)
"""

MEASURED = """
import resource, sys
from pathlib import Path
from openucwa.store.copying.copy import copy
copy(*(one if "://" in one else Path(one) for one in sys.argv[1:]), lambda *_: None)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.fixture
def new(tmp_path: Path) -> New:
    """Name a database that has nothing in it."""
    numbers = count(1)

    def new(engine: str) -> Place:
        if engine == SQLITE:
            return tmp_path / f"{next(numbers)}" / "openucwa.sqlite3"
        return bare_database()

    return new


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(others, "_PATIENCE", 0.05)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Place]:
    """A database of each engine, with many rows in each table, which tests leave as they are."""
    path, url = tmp_path_factory.mktemp("filled") / "data" / "openucwa.sqlite3", bare_database()
    fill(path)
    copy(path, url, quiet)
    return {SQLITE: path, POSTGRES: url}


@pytest.fixture(params=[SQLITE, POSTGRES])
def source(request: pytest.FixtureRequest, filled: dict[str, Place]) -> Place:
    return filled[request.param]


@pytest.fixture
def target(source: Place, new: New) -> Place:
    """One of the other engine."""
    return new(POSTGRES if isinstance(source, Path) else SQLITE)


def quiet(doing: str, done: int, of: int) -> None:
    """Tell nobody."""


@contextmanager
def opened(place: Place) -> Iterator[Any]:
    connection: Any
    if isinstance(place, Path):
        connection = sqlite3.connect(place, isolation_level=None, timeout=0)
    else:
        connection = conninfo.connect(place)
    with closing(connection):
        yield connection


def execute(place: Place, sql: str) -> list[Any]:
    with opened(place) as connection:
        done = connection.execute(sql)
        return list(done.fetchall()) if done.description else []


def rows(place: Place) -> dict[str, list[Any]]:
    """What the tables hold, but for what counts the log."""
    found = {table.name: execute(place, table.rows) for table in tables() if table.name != LOG}
    found["channels"] = [row[:5] + row[7:] for row in found["channels"]]
    return found


def fill(place: Place) -> None:
    """Put odd rows into every table, whichever tables there are."""
    assert isinstance(place, Path)
    place.parent.mkdir()
    migrate(place)
    with opened(place) as connection:
        for table in tables():
            if table.name == LOG:
                continue
            columns = connection.execute(f"PRAGMA table_info({table.name})").fetchall()
            marks = ", ".join("?" * len(columns))
            connection.execute("BEGIN")
            connection.executemany(
                f"INSERT INTO {table.name} VALUES ({marks})",  # noqa: S608 - of the catalog
                ([value(number, *one) for one in columns] for number in range(ROWS)),
            )
            connection.execute("COMMIT")


def value(number: int, cid: int, name: str, type: str, notnull: int, default: Any, key: int) -> Any:
    """Another one in each row."""
    if not (notnull or key) and number % 3 == 0:
        return None
    if type == "TEXT":
        return ODD[number % len(ODD)] + (f"{number:b}" if number >= len(ODD) else "")
    largest = 2**40 if name in ("position", "since", "until") else LARGEST
    return number if number % 2 else largest - number


@pytest.mark.parametrize("engine", ENGINES)
def test_every_row_is_there_and_the_same(source: Place, new: New, engine: str) -> None:
    before, target = rows(source), new(engine)
    counts = copy(source, target, quiet)
    assert counts == {table.name: 1 if table.name == LOG else ROWS for table in tables()}
    assert rows(source) == rows(target) == before


def test_it_tells_how_far_it_is(source: Place, target: Place) -> None:
    told: list[tuple[str, int, int]] = []
    copy(source, target, lambda *one: told.append(one))
    assert {doing.partition(" ")[0] for doing, *_ in told} == {"Copying", "Comparing"}
    users = [done for doing, done, of in told if doing == "Copying users" and of == ROWS]
    assert users == [0, 1000, ROWS]


def test_what_fails_leaves_nothing_behind(source: Place, target: Place) -> None:
    def fail(doing: str, done: int, of: int) -> None:
        if doing == "Comparing users":
            raise RuntimeError

    with pytest.raises(RuntimeError):
        copy(source, target, fail)
    assert not any(rows(target).values())
    copy(source, target, quiet)
    assert rows(target) == rows(source)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(new: New) -> None:
    """Of a hundred million bytes, a small part is in memory at the same time."""
    few, many = prepared(new(SQLITE)), prepared(new(SQLITE))
    for path, rows in ((few, 100), (many, 50_000)):
        schema.make(path)
        with opened(path) as connection:
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT INTO extensions VALUES (1, ?, 'notes', 'type', 1, ?, 2000)",
                ((f"{number}", "x" * 2000) for number in range(rows)),
            )
            connection.execute("COMMIT")
    copied_few, copied_many = new(POSTGRES), new(POSTGRES)
    for one, another in (
        (peak(few, copied_few), peak(many, copied_many)),
        (peak(copied_few, new(SQLITE)), peak(copied_many, new(SQLITE))),
    ):
        assert another < one + 30_000_000


def peak(source: Place, target: Place) -> int:
    """The most bytes of memory that a copy needs."""
    command = [sys.executable, "-c", MEASURED, str(source), str(target)]
    return int(subprocess.run(command, capture_output=True, check=True).stdout) * 1024


@pytest.mark.slow
def test_what_is_killed_leaves_nothing_behind(source: Place, target: Place) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(source), str(target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"Comparing users\n"
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert not any(rows(target).values())
    copy(source, target, quiet)
    assert rows(target) == rows(source)


def test_a_row_that_is_another_one_in_the_copy_is_noticed(source: Place, target: Place) -> None:
    """As where the target has a mind of its own."""
    schema.make(prepared(target))
    if isinstance(target, Path):
        change = "UPDATE users SET disabled = 8 WHERE id = new.id AND id = 7;"
        execute(target, f"CREATE TRIGGER t AFTER INSERT ON users BEGIN {change} END")
    else:
        change = "IF new.id = 7 THEN new.disabled := 8; END IF; RETURN new;"
        function = f"FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {change} END'"
        execute(target, f"CREATE {function}")
        execute(target, "CREATE TRIGGER t BEFORE INSERT ON users FOR ROW EXECUTE FUNCTION f()")
    with pytest.raises(NotReady, match=r"A row of users is not the same in the copy \(7\)"):
        copy(source, target, quiet)
    assert not any(rows(target).values())


def prepared(place: Place) -> Place:
    if isinstance(place, Path):
        place.parent.mkdir(exist_ok=True)
    return place


def test_a_target_that_is_not_empty_is_left_as_it_is(source: Place, target: Place) -> None:
    schema.make(prepared(target))
    execute(target, "INSERT INTO tokens (hash, user_id, expires_at) VALUES ('there', 1, 2)")
    before = rows(target)
    with pytest.raises(NotReady, match="already holds data, and was not changed"):
        copy(source, target, quiet)
    assert rows(target) == before


def test_a_source_of_an_older_program_is_migrated_first(new: New, target: Place) -> None:
    source = prepared(new(SQLITE))
    schema.make(source)
    execute(source, "DELETE FROM _yoyo_migration WHERE migration_id = '0003.guests'")
    with pytest.raises(NotReady, match=r"lacks 0003\.guests\. .*run openucwa migrate on it"):
        copy(source, target, quiet)


def test_a_source_that_is_none_is_told(target: Place, new: New, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="There is no database "):
        copy(tmp_path / "nowhere.sqlite3", target, quiet)
    assert not (tmp_path / "nowhere.sqlite3").exists()
    with pytest.raises(NotReady, match="is not a database of OpenUCWA"):
        copy(bare_database(), target, quiet)


@pytest.mark.usefixtures("impatient")
def test_a_server_has_to_be_stopped_first(source: Place, target: Place) -> None:
    """Whatever it wrote from then on, the copy would not have."""
    with in_use(source), pytest.raises(NotReady, match=r"is in use.*Stop .*server"):
        copy(source, target, quiet)
    schema.make(prepared(target))
    with in_use(target), pytest.raises(NotReady, match=r"is in use.*Stop .*server"):
        copy(source, target, quiet)
    assert not any(rows(target).values())


@contextmanager
def in_use(place: Place) -> Iterator[None]:
    """As a server does, with a connection on which nothing happens."""
    with (
        opened(place) if isinstance(place, Path) else conninfo.connect(place, conninfo.SERVER)
    ) as connection:
        if isinstance(place, Path):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("SELECT * FROM log").fetchall()
        yield


def test_nobody_writes_meanwhile(source: Place, target: Place) -> None:
    refused: list[Exception] = []

    def write(doing: str, done: int, of: int) -> None:
        if doing == "Copying users" and not done:
            for place in (source, target):
                try:
                    with opened(place) as connection:
                        if isinstance(place, str):
                            connection.execute("SET lock_timeout = '50ms'")
                        connection.execute("DELETE FROM tokens")
                except (sqlite3.OperationalError, psycopg.errors.LockNotAvailable) as error:
                    refused.append(error)

    copy(source, target, write)
    assert len(refused) == 2
    assert rows(target) == rows(source)


def test_a_text_that_postgres_can_not_hold_is_named(new: New) -> None:
    source, target = new(SQLITE), new(POSTGRES)
    schema.make(prepared(source))
    execute(source, "INSERT INTO tokens (hash, user_id, expires_at) VALUES ('a' || char(0), 1, 2)")
    with pytest.raises(NotReady, match="can't hold a row of the table tokens"):
        copy(source, target, quiet)
    assert not any(rows(target).values())
