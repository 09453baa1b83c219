"""The floor under a conditional update: its durable work, with nothing else around it.

One file does what an update must do and no more: the token is hashed and looked up, application and
meeting are found by one SELECT, If-Match is compared, JSON is decoded and checked, the meeting is
changed by compare and set, a version and a fact are written, one durable commit serves all updates
that came together, and a line is logged. Python, uvicorn and SQLite leave no more possible.

It is a yardstick and not a design: SQL and HTTP in one class, no XML, no batches, and everything is
on the event loop, COMMIT included, so that a slow disk stops everybody.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import random
import sqlite3
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bench.constant import Receive, Scope, Send, serve

USER = 1
KEPT = 100
"""Versions of a meeting, as by OpenUCWA's default."""
FORGETS_EVERY = 10
LONGEST_SUBJECT = 250
FAR = 9_999_999_999_999
"""When tokens expire, in milliseconds."""

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "cache_size = -8192")
SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY, profile TEXT);
CREATE TABLE tokens (hash TEXT PRIMARY KEY, user_id BIGINT, expires_at BIGINT);
CREATE TABLE applications (
    user_id BIGINT, id BIGINT, registration TEXT, last_seen_at BIGINT, PRIMARY KEY (user_id, id)
);
CREATE TABLE meetings (
    organizer_id BIGINT, online_meeting_id TEXT, version BIGINT, ordinal BIGINT,
    PRIMARY KEY (organizer_id, online_meeting_id)
);
CREATE TABLE meeting_versions (
    organizer_id BIGINT, online_meeting_id TEXT, ordinal BIGINT, version BIGINT, author_id BIGINT,
    application_id BIGINT, written_at BIGINT, details TEXT,
    PRIMARY KEY (organizer_id, online_meeting_id, ordinal)
);
CREATE TABLE facts (
    position INTEGER PRIMARY KEY, owner_id BIGINT, at BIGINT, topic TEXT, type TEXT, rel TEXT,
    keys TEXT
);
CREATE UNIQUE INDEX facts_of_owner ON facts (owner_id, position);
"""
FIND = """
SELECT t.expires_at, u.id, u.profile, a.last_seen_at, m.version, m.ordinal
FROM tokens t
JOIN users u ON u.id = t.user_id
JOIN applications a ON a.user_id = u.id AND a.id = ?
JOIN meetings m ON m.organizer_id = u.id AND m.online_meeting_id = ?
WHERE t.hash = ?
"""
REPLACE = """
UPDATE meetings SET version = ?, ordinal = ?
WHERE organizer_id = ? AND online_meeting_id = ? AND version = ?
"""
KEEP = "INSERT INTO meeting_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
TELL = "INSERT INTO facts VALUES (NULL, ?, ?, ?, ?, ?, ?)"
FORGET = """
DELETE FROM meeting_versions WHERE organizer_id = ? AND online_meeting_id = ? AND ordinal <= ?
"""


class Details(msgspec.Struct, rename="camel"):
    """The members that are kept of each version of a meeting."""

    access_level: str
    entry_exit_announcement: str
    attendees: list[str]
    automatic_leader_assignment: str
    description: str
    expiration_time: str
    leaders: list[str]
    phone_user_admission: str
    lobby_bypass_for_phone_users: str
    subject: str


class Meeting(Details, rename="camel"):
    """A meeting, as it is sent and returned."""

    online_meeting_id: str
    online_meeting_uri: str
    online_meeting_rel: str
    organizer_uri: str
    join_url: str
    links: dict[str, dict[str, str]] = msgspec.field(name="_links")
    rel: str = "myOnlineMeeting"
    etag: str = ""


class Answer(NamedTuple):
    """An answer to be sent."""

    status: int
    etag: bytes = b""
    body: bytes = b""


_decode = msgspec.json.Decoder(Meeting).decode
_encode = msgspec.json.Encoder().encode
_DETAILS = Details.__struct_fields__


class Bare:
    """An ASGI application that updates the meetings in a database of its own."""

    def __init__(self, database: Path, targets: list[dict[str, Any]]) -> None:
        self.connection = sqlite3.connect(database, isolation_level=None, cached_statements=64)
        for pragma in PRAGMAS:
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.executescript(SCHEMA)
        self._fill(targets)
        self.waiting: list[tuple[asyncio.Future[Answer], Answer]] = []
        """The answers that wait for the commit."""
        self.gathered = 0
        self.log = sys.stdout.fileno()

    def _fill(self, targets: list[dict[str, Any]]) -> None:
        """Store the user, token and application of the targets, and their meetings."""
        execute = self.connection.execute
        execute("BEGIN")
        execute("INSERT INTO users VALUES (?, 'sip:bench@contoso.com')", (USER,))
        token = dict(targets[0]["headers"])["Authorization"].removeprefix("Bearer ").encode()
        execute("INSERT INTO tokens VALUES (?, ?, ?)", (_hashed(token), USER, FAR))
        application, _ = _ids(targets[0]["path"])
        execute("INSERT INTO applications VALUES (?, ?, '{}', 1)", (USER, application))
        for target in targets:
            _, meeting = _ids(target["path"])
            version = int(target["etag"].strip('"'))
            execute("INSERT INTO meetings VALUES (?, ?, ?, 1)", (USER, meeting, version))
            execute(KEEP, (USER, meeting, 1, version, USER, application, 1, "{}"))
        execute("COMMIT")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Update a meeting; what is no PUT is not found."""
        began = time.perf_counter()
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if scope["method"] == "PUT":
            answer = await self._committed(dict(scope["headers"]), scope["path"], body)
        else:
            answer = Answer(404)
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"etag", answer.etag),
            (b"content-length", b"%d" % len(answer.body)),
            (b"vary", b"Accept"),
            (b"cache-control", b"no-cache"),
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
        line = (
            b'{"event":"request","method":"%b","status":%d,"bytes":%d,"ms":%.1f,"timestamp":"%b"}\n'
        )
        os.write(
            self.log,
            line
            % (
                scope["method"].encode(),
                answer.status,
                len(answer.body),
                (time.perf_counter() - began) * 1000,
                datetime.now(UTC).isoformat().encode(),
            ),
        )

    def _committed(
        self, headers: dict[bytes, bytes], path: str, body: bytes
    ) -> asyncio.Future[Answer]:
        """Carry an update out; its answer comes when it is on the disk."""
        loop = asyncio.get_running_loop()
        if not self.waiting:
            self.connection.execute("BEGIN IMMEDIATE")
            loop.call_soon(self._commit)
        answer: asyncio.Future[Answer] = loop.create_future()
        self.waiting.append((answer, self._update(headers, path, body)))
        return answer

    def _commit(self) -> None:
        """Commit once a turn of the loop has brought no further update."""
        if len(self.waiting) > self.gathered:
            self.gathered = len(self.waiting)
            asyncio.get_running_loop().call_soon(self._commit)
            return
        done, self.waiting, self.gathered = self.waiting, [], 0
        self.connection.execute("COMMIT")
        for future, answer in done:
            if not future.done():  # its client has hung up
                future.set_result(answer)

    def _update(self, headers: dict[bytes, bytes], path: str, body: bytes) -> Answer:
        """Update a meeting within the transaction. Whatever is refused has written nothing."""
        execute = self.connection.execute
        application, meeting_id = _ids(path)
        token = headers[b"authorization"].removeprefix(b"Bearer ")
        found = execute(FIND, (application, meeting_id, _hashed(token))).fetchone()
        now = int(time.time() * 1000)
        if found is None or found[0] <= now:
            return Answer(403)
        _, user, _, _, seen, ordinal = found
        if headers[b"if-match"] != b'"%d"' % seen:
            return Answer(412)
        try:
            meeting = _decode(body)
        except msgspec.MsgspecError:
            return Answer(400)
        if len(meeting.subject) > LONGEST_SUBJECT or not all(
            attendee.startswith("sip:") for attendee in meeting.attendees
        ):
            return Answer(400)
        version = seen + 1 + random.getrandbits(24)
        ordinal += 1
        if execute(REPLACE, (version, ordinal, user, meeting_id, seen)).rowcount != 1:
            return Answer(412)
        details = _encode({name: getattr(meeting, name) for name in _DETAILS}).decode()
        execute(KEEP, (user, meeting_id, ordinal, version, user, application, now, details))
        keys = f'{{"online_meeting_id":"{meeting_id}"}}'
        execute(TELL, (user, now, "user/1", "updated", "myOnlineMeeting", keys))
        if ordinal > KEPT and ordinal % FORGETS_EVERY == 0:
            execute(FORGET, (user, meeting_id, ordinal - KEPT))
        meeting.etag = str(version)
        return Answer(200, b'"%d"' % version, _encode(meeting))


def _ids(path: str) -> tuple[int, str]:
    """Return the ids of the application and the meeting in a path."""
    parts = path.split("/")
    return int(parts[5]), parts[-1]


def _hashed(token: bytes) -> str:
    return hashlib.sha256(token).hexdigest()


def main() -> None:
    """Serve the meetings of `--targets`, a JSON file of targets of the load generator."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--targets", type=Path, required=True)
    arguments = parser.parse_args()
    targets = json.loads(arguments.targets.read_text(encoding="utf-8"))
    serve(Bare(arguments.targets.with_name("bare.db"), targets), arguments.host, arguments.port)


if __name__ == "__main__":
    main()
