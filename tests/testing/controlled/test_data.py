"""A database that goes back to what it was."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from openucwa.domain.people import Profile
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.testing.controlled.data import Data
from tests.installation import CHRIS, DANA, Clock


@pytest.fixture
def run(tmp_path: Path, clock: Clock) -> Callable[[Callable[[Data], Awaitable[None]]], None]:
    """Runs a function on a database with Dana in it, which was kept."""

    async def go(function: Callable[[Data], Awaitable[None]]) -> None:
        data = Data(tmp_path / "openucwa.sqlite3", clock)
        try:
            await data.write(lambda tx: add(tx, DANA))
            await data.keep()
            await function(data)
        finally:
            await data.close()

    return lambda function: asyncio.run(go(function))


Run = Callable[[Callable[[Data], Awaitable[None]]], None]


def add(tx: Transaction, profile: Profile) -> None:
    tx.of(Users).add(profile, "")


async def names(data: Data) -> list[str]:
    return await data.read(lambda tx: [user.name for user in tx.of(Users).all()])


def test_it_goes_back_as_often_as_is_wanted(run: Run) -> None:
    async def change(data: Data) -> None:
        for _ in range(3):
            await data.write(lambda tx: add(tx, CHRIS))
            assert await names(data) == ["Chris Barry", "Dana Birkby"]
            await data.go_back()
            assert await names(data) == ["Dana Birkby"]

    run(change)


def test_it_keeps_the_first_unless_it_is_told_again(run: Run) -> None:
    async def change(data: Data) -> None:
        await data.write(lambda tx: add(tx, CHRIS))
        await data.keep(again=False)
        await data.go_back()
        assert await names(data) == ["Dana Birkby"]
        await data.write(lambda tx: add(tx, CHRIS))
        await data.keep()
        await data.go_back()
        assert await names(data) == ["Chris Barry", "Dana Birkby"]

    run(change)


def test_what_comes_meanwhile_waits(run: Run) -> None:
    async def change(data: Data) -> None:
        back = asyncio.create_task(data.go_back())
        await asyncio.sleep(0)
        reading = asyncio.create_task(names(data))
        await data.write(lambda tx: add(tx, CHRIS))
        await data.chore(lambda tx: None)
        assert "Dana Birkby" in await reading
        assert back.done()
        assert await names(data) == ["Chris Barry", "Dana Birkby"]

    run(change)


def test_who_listens_is_told_afterwards_too(run: Run) -> None:
    async def change(data: Data) -> None:
        told: list[bool] = []
        data.watch(lambda: told.append(True))
        dana = await data.read(lambda tx: tx.of(Users).by_uri(DANA.uri))
        assert dana is not None
        for number in range(2):
            await data.write(lambda tx: tx.of(Users).save(dana))
            await asyncio.sleep(0)
            assert len(told) == number + 1
            await data.go_back()

    run(change)


def test_nobody_else_may_read_what_was_kept(run: Run, tmp_path: Path) -> None:
    """It has the hashes of passwords."""

    async def change(data: Data) -> None:
        await data.go_back()

    run(change)
    files = {one.name: one.stat().st_mode & 0o777 for one in tmp_path.glob("*.sqlite3")}
    assert files == {"openucwa.sqlite3": 0o600, "fresh-openucwa.sqlite3": 0o600}
