"""Bringing a database to the schema of this program."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from openucwa.store import backfill, conninfo, declared, schema
from openucwa.store.copying import tables
from openucwa.store.not_ready import NotReady
from openucwa.store.schema import make, migrate, missing
from tests.engines import ENGINES, SQLITE, bare_database

TABLES = {one.name for one in declared.all_rows()}
YOYOS_LOCK = "CREATE TABLE yoyo_lock (locked INT PRIMARY KEY, ctime TIMESTAMP, pid INT)"
STALE = "INSERT INTO yoyo_lock VALUES (1, '2026-11-22T12:00:00', 4194305)"  # no pid is that large
NEWER = "INSERT INTO _yoyo_migration VALUES ('unknown', '9999.new', '2030-01-01')"
FIRST = "CREATE TABLE notes (text TEXT);"
FIRST_VERSION = (
    '{"accessLevel":"SameEnterprise","entryExitAnnouncement":"Disabled","subject":"early",'
    '"automaticLeaderAssignment":"Disabled","lobbyBypassForPhoneUsers":"Disabled"}'
)
SECOND_VERSION = FIRST_VERSION.replace("early", "later")
"""What versions of a meeting say."""
MIGRATE = """
import pathlib, sys, yoyo
from openucwa.store import schema
schema._MIGRATIONS = pathlib.Path(sys.argv[2])
location = sys.argv[1] if "://" in sys.argv[1] else pathlib.Path(sys.argv[1])
"""
"""A process that migrates a database by the files in a folder."""
TOGETHER = f"{MIGRATE}\nsys.stdin.readline()\nschema.migrate(location)"
STOPPED = f"""{MIGRATE}
def stop(*_, **__):
    print("applied, not marked yet", flush=True)
    sys.stdin.readline()
yoyo.backends.base.DatabaseBackend.mark_one = stop
schema.migrate(location)
"""


class Place:
    """A database that is to be migrated."""

    def __init__(self, location: Path | str) -> None:
        self.location = location

    @contextmanager
    def opened(self) -> Iterator[Any]:
        connection: Any
        if isinstance(self.location, Path):
            connection = sqlite3.connect(self.location, isolation_level=None)
        else:
            connection = conninfo.connect(self.location)
        with closing(connection):
            yield connection

    def execute(self, sql: str) -> list[Any]:
        with self.opened() as connection:
            done = connection.execute(sql)
            return list(done.fetchall()) if done.description else []

    def all_tables(self) -> set[str]:
        found = self.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if isinstance(self.location, Path)
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        return {name for (name,) in found}

    def tables(self) -> set[str]:
        """The tables but for those of the library that migrates."""
        return {name for name in self.all_tables() if "yoyo" not in name}

    def dump(self) -> dict[str, tuple[list[str], list[Any]]]:
        """The columns and the rows of each table."""
        with self.opened() as connection:
            found = {}
            for name in self.all_tables():
                done = connection.execute(f"SELECT * FROM {name}")  # noqa: S608 - of the catalog
                found[name] = ([one[0] for one in done.description], done.fetchall())
            return found


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(tmp_path / "openucwa.sqlite3" if request.param == SQLITE else bare_database())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "openucwa.sqlite3"


def migrations(monkeypatch: pytest.MonkeyPatch, folder: Path, **sql: str) -> Path:
    """Put other migrations in the place of the program's."""
    folder.mkdir()
    for name, statements in sql.items():
        (folder / f"{name}.sql").write_text(statements)
    monkeypatch.setattr(schema, "_MIGRATIONS", folder)
    return folder


def test_a_database_is_made_where_there_is_none(place: Place) -> None:
    migrate(place.location)
    assert place.tables() == TABLES
    assert missing(place.location) == []


def test_the_tables_that_are_known_are_those_that_are_made(place: Place) -> None:
    """A copy takes all of these along."""
    migrate(place.location)
    made = {name: columns for name, (columns, _) in place.dump().items() if "yoyo" not in name}
    assert {one.name: list(one.columns) for one in tables.tables()} == made


def test_postgres_has_numbers_as_large_and_texts_in_the_order_of_sqlite() -> None:
    place = Place(bare_database())
    migrate(place.location)
    found = place.execute(
        "SELECT table_name, column_name, data_type, collation_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name NOT LIKE '%yoyo%'"
    )
    assert {name for name, *_ in found} == TABLES
    assert {(type, order) for _, _, type, order in found} == {("bigint", None), ("text", "C")}


def test_migrating_again_changes_nothing(place: Place) -> None:
    migrate(place.location)
    before = place.dump()
    migrate(place.location)
    assert place.dump() == before


def test_rows_stay_when_a_migration_comes_to_them(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrations(monkeypatch, tmp_path / "one", first=FIRST)
    migrate(place.location)
    place.execute("INSERT INTO notes VALUES ('kept')")
    second = "ALTER TABLE notes ADD COLUMN colour TEXT DEFAULT 'red';"
    migrations(monkeypatch, tmp_path / "two", first=FIRST, second=second)
    assert missing(place.location) == ["second"]
    migrate(place.location)
    assert place.execute("SELECT * FROM notes") == [("kept", "red")]


def test_a_migration_that_fails_leaves_nothing_behind(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = "CREATE TABLE more (text TEXT); SELECT nothing;"
    migrations(monkeypatch, tmp_path / "bad", first=FIRST, second=bad)
    with pytest.raises(NotReady, match="nothing"):
        migrate(place.location)
    assert place.tables() == set()
    migrations(monkeypatch, tmp_path / "good", first=FIRST)
    migrate(place.location)
    assert place.tables() == {"notes"}


def test_a_migration_that_is_killed_leaves_nothing_behind(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = migrations(monkeypatch, tmp_path / "first", first=FIRST)
    migrate(place.location)
    before = place.dump()
    (folder / "second.sql").write_text("ALTER TABLE notes ADD COLUMN colour TEXT;")
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(place.location), folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert b"applied" in process.stdout.readline()
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert place.dump() == before
    migrate(place.location)
    assert place.dump()["notes"] == (["text", "colour"], [])


def test_an_older_database_is_only_changed_when_that_is_asked_for(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may serve from it. An empty one is nobody's."""
    folder = migrations(monkeypatch, tmp_path / "first", first=FIRST)
    make(place.location)
    (folder / "second.sql").write_text("ALTER TABLE notes ADD COLUMN colour TEXT;")
    before = place.dump()
    with pytest.raises(NotReady, match=r"lacks second\. .* run openucwa migrate"):
        make(place.location)
    assert place.dump() == before


@pytest.mark.parametrize("killed", ["at the start", "at the end"])
def test_a_process_that_was_killed_meanwhile_is_in_nobodys_way(path: Path, killed: str) -> None:
    if killed == "at the end":
        migrate(path)
    place = Place(path)
    if killed == "at the start":
        place.execute(YOYOS_LOCK)
    place.execute(STALE)
    migrate(path)
    assert place.tables() == TABLES


def test_a_database_of_a_newer_program_is_left_as_it_is(place: Place) -> None:
    migrate(place.location)
    place.execute(NEWER)
    before = place.dump()
    with pytest.raises(NotReady, match="was written by a newer OpenUCWA"):
        migrate(place.location)
    assert place.dump() == before


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
    assert Place(path).tables() == TABLES
    assert [one.name for one in tmp_path.iterdir()] == [folder]


def test_a_user_of_the_system_needs_no_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in containers that run under a number of their own."""

    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    migrate(path)
    assert Place(path).tables() == TABLES


def test_processes_that_start_together_all_find_the_schema(place: Place) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TOGETHER, str(place.location), schema._MIGRATIONS],
            stdin=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write(b"\n")
        process.stdin.close()
    assert [process.wait(30) for process in processes] == [0, 0, 0]
    assert place.tables() == TABLES


def made_before(
    first: str, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Make a database that lacks the migrations from `first` on. Returns all migrations."""
    own = {file.stem: file.read_text() for file in sorted(schema._MIGRATIONS.glob("*.sql"))}
    before = {name: text for name, text in own.items() if name < first}
    migrations(monkeypatch, tmp_path / "before", **before)
    migrate(place.location)
    return own


def test_meetings_from_before_sizes_were_stored_have_theirs(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = made_before("0007", place, tmp_path, monkeypatch)
    place.execute("INSERT INTO meetings VALUES (1, 'A', 'myOnlineMeetings', '123', 7, 2, NULL)")
    for ordinal, text in ((1, FIRST_VERSION), (2, SECOND_VERSION)):
        place.execute(
            f"INSERT INTO meeting_versions VALUES (1, 'A', {ordinal}, 6, 1, 1, 5, '{text}')"  # noqa: S608
        )
    place.execute("INSERT INTO extensions VALUES (1, 'A', 'x', 'Undefined', 1, '{\"z\":\"y\"}')")
    migrations(monkeypatch, tmp_path / "after", **own)
    migrate(place.location)
    first, second = len(FIRST_VERSION), len(SECOND_VERSION)
    assert place.execute("SELECT bytes, kept_bytes FROM meetings") == [(second, first + second)]
    assert place.execute(
        "SELECT ordinal, bytes, details FROM meeting_versions ORDER BY ordinal"
    ) == [(1, first, FIRST_VERSION), (2, second, SECOND_VERSION)]
    assert place.execute("SELECT bytes FROM extensions") == [(9,)]


def test_histories_from_before_changes_were_stored_still_say_what_changed(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where versions were forgotten or can't be read, and a history takes several steps."""
    monkeypatch.setattr(backfill, "_AT_ONCE", 2)
    own = made_before("0007", place, tmp_path, monkeypatch)
    history = [("A", 1, "one"), ("A", 2, "two"), ("A", 3, "two"), ("B", 8, "x"), ("B", 9, "y")]
    history += [("C", 1, '"'), ("C", 2, "z")]
    for id, ordinal, subject in history:
        text = FIRST_VERSION.replace("early", subject)
        place.execute(
            f"INSERT INTO meeting_versions VALUES (1, '{id}', {ordinal}, 6, 1, 1, 5, '{text}')"  # noqa: S608
        )
    place.execute("INSERT INTO meetings VALUES (1, 'A', 'myOnlineMeetings', '123', 7, 3, NULL)")
    place.execute("INSERT INTO meetings VALUES (1, 'B', 'myOnlineMeetings', '124', 7, 9, NULL)")
    place.execute("INSERT INTO meetings VALUES (1, 'C', 'myOnlineMeetings', '125', 7, 2, NULL)")
    migrations(monkeypatch, tmp_path / "after", **own)
    migrate(place.location)
    assert place.execute(
        "SELECT online_meeting_id, ordinal, changed FROM meeting_versions"
        " ORDER BY online_meeting_id, ordinal"
    ) == [
        ("A", 1, None),
        ("A", 2, '["subject"]'),
        ("A", 3, "[]"),
        ("B", 8, None),
        ("B", 9, '["subject"]'),
        ("C", 1, None),
        ("C", 2, None),
    ]


def test_users_from_before_people_were_searched_are_found(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = made_before("0015", place, tmp_path, monkeypatch)
    profile = '{"uri":"sip:zoe@contoso.com","name":"Zoë"}'
    for id, text in ((1, profile), (2, "damaged")):
        place.execute(
            "INSERT INTO users (id, sip_key, join_name, password_hash, disabled, profile)"  # noqa: S608
            f" VALUES ({id}, '{id}', '{id}', '', 0, '{text}')"
        )
    migrations(monkeypatch, tmp_path / "after", **own)
    migrate(place.location)
    assert place.execute("SELECT word, user_id FROM directory_words ORDER BY word") == [
        ("zoe", 1),
        ("zoe@contoso.com", 1),
    ]
    assert place.execute("SELECT sort_key FROM users ORDER BY id") == [("zoe",), ("",)]


def test_versions_from_before_their_clients_were_stored_stay(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = made_before("0014", place, tmp_path, monkeypatch)
    for ordinal, changed in ((1, "NULL"), (2, "'[\"subject\"]'")):
        place.execute(
            f"INSERT INTO meeting_versions VALUES"  # noqa: S608
            f" (1, 'A', {ordinal}, {ordinal + 5}, 2, 3, 4, 99, {changed}, '{FIRST_VERSION}')"
        )
    migrations(monkeypatch, tmp_path / "after", **own)
    migrate(place.location)
    columns, rows = place.dump()["meeting_versions"]
    assert columns[-1] == "details"
    assert [dict(zip(columns, row, strict=True)) for row in sorted(rows)] == [
        {
            "organizer_id": 1,
            "online_meeting_id": "A",
            "ordinal": ordinal,
            "version": ordinal + 5,
            "author_id": 2,
            "application_id": 3,
            "client": "",
            "on_behalf": 0,
            "written_at": 4,
            "bytes": 99,
            "changed": changed,
            "details": FIRST_VERSION,
        }
        for ordinal, changed in ((1, None), (2, '["subject"]'))
    ]


def test_channels_and_facts_from_before_topics_go_on(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Channels follow what they followed; facts keep their places, also those of links."""
    own = made_before("0010", place, tmp_path, monkeypatch)
    place.execute("INSERT INTO channels VALUES (7, 10, 'tab', 1, 3, 4, 8, 15, 5, 180)")
    told = [
        ("user/7", "added", "myAssignedOnlineMeeting", '{"online_meeting_id":"A"}'),
        ("user/7", "updated", "onlineMeetings", "{}"),
        ("user/7", "updated", "onlineMeetingEligibleValues", "{}"),
        ("user/7", "updated", "myOnlineMeeting", '{"online_meeting_id":"B"}'),
        ("user/7", "deleted", "onlineMeetingExtension", '{"online_meeting_id":"B","id":"x"}'),
        ("application/10", "updated", "communication", "{}"),
        ("user/9", "updated", "me", "{}"),
        ("channel/10/tab", "deleted", "events", "{}"),
    ]
    for position, (topic, type, rel, keys) in enumerate(told, 1):
        owner = 9 if topic == "user/9" else 7
        place.execute(
            f"INSERT INTO facts VALUES ({position}, {owner}, 5, '{topic}', '{type}', '{rel}',"  # noqa: S608
            f" '{keys}')"
        )
    migrations(monkeypatch, tmp_path / "after", **own)
    migrate(place.location)
    kinds = ["standing meeting", "", "", "meeting", "extension", "communication", "user", "channel"]
    assert place.execute(
        "SELECT position, topic, type, kind, keys, collection, priority, status, reason"
        " FROM facts ORDER BY position"
    ) == [
        (position, topic, type, kind, keys, "", None, None, None)
        for position, ((topic, type, _, keys), kind) in enumerate(zip(told, kinds, strict=True), 1)
    ]
    assert place.execute("SELECT * FROM follows ORDER BY topic") == [
        (7, 10, "tab", topic, "", 4, None)
        for topic in ("application/10", "channel/10/tab", "meetings/7", "user/7")
    ]
    assert place.execute("SELECT removed_user FROM log") == [(9,)]
