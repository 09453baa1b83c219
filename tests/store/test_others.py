"""Noticing that a server uses a database."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from openucwa.store import conninfo, others
from openucwa.store.opening import open_database
from openucwa.store.tables.users import Users
from tests.engines import ENGINES, SQLITE, new_database

pytestmark = pytest.mark.anyio


@pytest.fixture(params=ENGINES)
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    return tmp_path / "openucwa.sqlite3" if request.param == SQLITE else new_database()


async def test_it_is_in_use_until_it_is_closed(
    location: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(location, clock=lambda: datetime.now(UTC))
    await database.write(lambda tx: tx.of(Users).all())
    with monkeypatch.context() as impatient:
        impatient.setattr(others, "_PATIENCE", 0.05)
        with pytest.raises(others.InUse, match=r"is in use.*Stop "):
            others.check(location)
    await database.close()
    others.check(location)


async def test_who_only_looks_hinders_nobody(location: Path | str) -> None:
    for _ in range(2):
        database = open_database(location, clock=lambda: datetime.now(UTC))
        await database.write(lambda tx: tx.of(Users).all())
        await database.close()
        others.check(location)
        others.check(location)


async def test_who_has_just_been_stopped_may_take_a_moment() -> None:
    """Also within a transaction, which sees the same sessions until it is told to look again."""
    url = new_database()
    database = open_database(url, clock=lambda: datetime.now(UTC))
    await database.write(lambda tx: tx.of(Users).all())
    with conninfo.connect(url) as connection, connection.transaction():
        connection.execute("SELECT count(*) FROM pg_stat_activity")
        closing = asyncio.create_task(database.close())
        await asyncio.to_thread(others.check_sessions, connection, url)
        await closing
