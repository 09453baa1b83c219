"""Filling a database with very many people and meetings, past the server, by rows like its own.

A user and a meeting that OpenUCWA has made are the pattern. What is filled in differs from them in
ids, addresses and versions, as what the server writes does, and in nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import psycopg
from psycopg.rows import dict_row

from bench import servers
from bench.servers import Installation
from openucwa.domain.meetings import new_conference_id, new_id
from openucwa.domain.versions import first_version

MEETINGS_A_USER = 100
FIRST_USER = 1000
"""Ids below are those of people whom the server has added."""

Row = dict[str, Any]


class Tables(Protocol):
    """A database that no server runs on."""

    def read(self, sql: str) -> list[Row]:
        """Return the rows by the names of their columns."""
        ...

    def write(self, table: str, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows, fast."""
        ...


@dataclass(frozen=True)
class Pattern:
    """The rows that the server has written of the user who owns the meetings, of one of those, of
    its first version, and of the fact that tells of it.
    """

    user: Row
    meeting: Row
    version: Row
    fact: Row


@dataclass(frozen=True, slots=True)
class Made:
    """The values that differ from one meeting to the next."""

    organizer_id: int
    online_meeting_id: str
    conference_id: str
    version: int
    position: int


def username(number: int) -> str:
    """The address of the user of this number, from 0 on, without its scheme."""
    return f"member{number}@{servers.DOMAIN}"


def users(meetings: int) -> int:
    """Return the number of users for so many meetings."""
    return -(-meetings // MEETINGS_A_USER)


def fill(installation: Installation, before: int, meetings: int) -> None:
    """Have `meetings` meetings in a database in which this function has put `before` so far.

    They are written in the order in which many people at a time would have scheduled them: those of
    one are not beside each other.
    """
    with opened(installation) as tables:
        pattern = _pattern(tables)
        people = range(users(before), users(meetings))
        made = _made(tables, people, meetings - before)
        _write(tables, "users", pattern.user, (_user(pattern, number) for number in people))
        _write(tables, "meetings", pattern.meeting, (_meeting(pattern, one) for one in made))
        _write(
            tables, "meeting_versions", pattern.version, (_version(pattern, one) for one in made)
        )
        _write(tables, "facts", pattern.fact, (_fact(pattern, one) for one in made))


def _pattern(tables: Tables) -> Pattern:
    """Find what the server has written of the user who signs in."""
    (user,) = tables.read("SELECT * FROM users WHERE sip_key LIKE 'sip:bench@%'")
    meeting, *_ = tables.read(
        "SELECT m.* FROM meetings m JOIN users u ON u.id = m.organizer_id"
        " WHERE u.sip_key LIKE 'sip:bench@%' AND m.rel = 'myOnlineMeetings'"
    )
    version, *_ = tables.read(
        "SELECT v.* FROM meeting_versions v JOIN meetings m ON m.organizer_id = v.organizer_id"
        " AND m.online_meeting_id = v.online_meeting_id JOIN users u ON u.id = m.organizer_id"
        " WHERE u.sip_key LIKE 'sip:bench@%' AND m.rel = 'myOnlineMeetings' AND v.ordinal = 1"
    )
    fact, *_ = tables.read(
        "SELECT f.* FROM facts f JOIN users u ON f.topic = 'meetings/' || u.id"
        " WHERE u.sip_key LIKE 'sip:bench@%' AND f.kind = 'meeting' AND f.type = 'added'"
    )
    return Pattern(user, meeting, version, fact)


def _made(tables: Tables, people: range, count: int) -> list[Made]:
    """Schedule `count` meetings of these people in turn."""
    taken = {row["conference_id"] for row in tables.read("SELECT conference_id FROM meetings")}
    (last,) = tables.read("SELECT max(position) AS position FROM facts")
    made = []
    for number in range(count):
        while (conference_id := new_conference_id()) in taken:
            pass
        taken.add(conference_id)
        organizer_id = FIRST_USER + people[number % len(people)]
        position = last["position"] + 1 + number
        made.append(Made(organizer_id, new_id(), conference_id, first_version(), position))
    return made


def _user(pattern: Pattern, number: int) -> Row:
    name = username(number)
    return pattern.user | {
        "id": FIRST_USER + number,
        "sip_key": f"sip:{name}",
        "join_name": name.partition("@")[0],
        "profile": pattern.user["profile"].replace(servers.USERNAME, name),
    }


def _meeting(pattern: Pattern, made: Made) -> Row:
    return pattern.meeting | {
        "organizer_id": made.organizer_id,
        "online_meeting_id": made.online_meeting_id,
        "conference_id": made.conference_id,
        "version": made.version,
        "ordinal": 1,
    }


def _version(pattern: Pattern, made: Made) -> Row:
    return pattern.version | {
        "organizer_id": made.organizer_id,
        "online_meeting_id": made.online_meeting_id,
        "version": made.version,
        "author_id": made.organizer_id,
    }


def _fact(pattern: Pattern, made: Made) -> Row:
    keys = {
        "organizer_id": str(made.organizer_id),
        "organizer": username(made.organizer_id - FIRST_USER).partition("@")[0],
        "online_meeting_id": made.online_meeting_id,
    }
    return pattern.fact | {
        "position": made.position,
        "topic": f"meetings/{made.organizer_id}",
        "part": made.online_meeting_id,
        "keys": msgspec.json.encode(keys).decode(),
    }


def _write(tables: Tables, table: str, pattern: Row, rows: Iterator[Row]) -> None:
    tables.write(table, list(pattern), (tuple(row.values()) for row in rows))


class _SQLite:
    """Implements Tables on a file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.row_factory = sqlite3.Row

    def read(self, sql: str) -> list[Row]:
        return [dict(row) for row in self._connection.execute(sql)]

    def write(self, table: str, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        places = ", ".join("?" * len(columns))
        # The names come from the tables themselves.
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608
        self._connection.executemany(insert, rows)


class _Postgres:
    """Implements Tables on a PostgreSQL database."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def read(self, sql: str) -> list[Row]:
        return self._connection.execute(sql.encode()).fetchall()

    def write(self, table: str, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        copy = f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()
        with self._connection.cursor() as cursor, cursor.copy(copy) as copying:
            for row in rows:
                copying.write_row(row)


@contextmanager
def opened(installation: Installation) -> Iterator[Tables]:
    """Open the database for one transaction. Afterwards it is as if it had been so for long."""
    if installation.database:
        with psycopg.connect(installation.database, row_factory=dict_row) as connection:
            yield _Postgres(connection)
        with psycopg.connect(installation.database, autocommit=True) as upkeep:
            upkeep.execute("VACUUM ANALYZE")
            upkeep.execute("CHECKPOINT")
    else:
        with closing(sqlite3.connect(installation.data / "openucwa.sqlite3")) as file:
            with file:
                yield _SQLite(file)
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
