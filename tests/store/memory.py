"""The tables in memory, for tests that need no file; and the people and meetings in them."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.extensions import Extension
from openucwa.domain.meetings import Details, defaults
from openucwa.domain.people import User
from openucwa.domain.policies import Policy
from openucwa.store.lane import Connection
from openucwa.store.schema import migrate
from openucwa.wire.enums import OnlineMeetingExtensionType, OnlineMeetingRel

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DANA, CHRIS = 1, 2


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "openucwa.sqlite3"
        migrate(path)
        with closing(sqlite3.connect(path)) as connection:
            return connection.serialize()


def connect() -> Connection:
    """A connection to a database of its own, which has the schema and no rows."""
    connection = sqlite3.connect(":memory:", isolation_level=None, factory=Connection)
    connection.deserialize(_migrated())
    return connection


def application(user_id: int = DANA, **members: object) -> Application:
    """An application of a user, as different from others as the members say."""
    plain = Application(
        id=100_000_000_000 + user_id,
        user_id=user_id,
        version=1,
        last_seen_at=NOW,
        user_agent="test",
        endpoint_id="endpoint",
        culture="en-US",
    )
    return msgspec.structs.replace(plain, **members)


def user(id: int = DANA) -> User:
    """A user of the organization."""
    return User(id=id, uri=f"sip:{id}@contoso.com", name="Somebody", join_name=str(id))


def details(subject: str = "", **members: object) -> Details:
    """What a meeting says by default, but for its subject and the members."""
    plain = defaults(Policy(), OnlineMeetingRel.MY_ONLINE_MEETINGS, NOW)
    return msgspec.structs.replace(plain, subject=subject, **members)


def extension(
    id: str = "notes",
    meeting: str = "ABC",
    organizer: int = DANA,
    members: Mapping[str, str] | None = None,
) -> Extension:
    """An extension of a meeting, with members that are not easy to keep."""
    return Extension(
        organizer_id=organizer,
        organizer="",
        online_meeting_id=meeting,
        id=id,
        type=OnlineMeetingExtensionType.ROAMED_ORGANIZER_DATA,
        version=7,
        members=members or {"z": "last\nfirst", "Größe": "\U0001f600", "empty": ""},
    )
