"""The queue of those who sign in."""

import asyncio
from asyncio import Task
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any

import pytest

from openucwa.http.grants.password import PasswordGrant
from openucwa.http.grants.sign_in_queue import (
    AT_ONCE,
    MOST_OF_A_NETWORK,
    MOST_OF_AN_ACCOUNT,
    MOST_WAITING,
    SignInQueue,
)
from openucwa.wire.errors import ServiceUnavailable
from tests.installation import DEPLOYMENT


class Queue:
    """Those who have a turn keep it until they are let go."""

    def __init__(self) -> None:
        self.tested = SignInQueue()
        self.working: list[str] = []
        self.most = 0
        self._done = asyncio.Event()

    async def _work(self, account: str, address: str) -> None:
        async with self.tested.place(account, address) as place, self.tested.turn(place):
            self.working.append(account)
            self.most = max(self.most, self.tested._working)
            await self._done.wait()

    async def come(self, account: str, address: str) -> "Task[None]":
        task = asyncio.create_task(self._work(account, address))
        await asyncio.sleep(0)
        return task

    def let_go(self) -> None:
        self._done.set()


def is_refused(task: "Task[None]") -> bool:
    return task.done() and isinstance(task.exception(), ServiceUnavailable)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


pytestmark = pytest.mark.anyio


async def test_so_many_work_at_once_in_the_order_in_which_they_came() -> None:
    queue = Queue()
    tasks = [await queue.come(f"{number}", "203.0.113.1") for number in range(10)]
    assert queue.working == ["0", "1"]
    queue.let_go()
    await asyncio.gather(*tasks)
    assert queue.working == [f"{number}" for number in range(10)]
    assert queue.most == AT_ONCE
    assert queue.tested._working == 0


async def test_an_account_has_some_places_and_leaves_the_rest_to_others() -> None:
    queue = Queue()
    tasks = [await queue.come("dana", "203.0.113.1") for _ in range(300)]
    assert sum(map(is_refused, tasks)) == 300 - AT_ONCE - MOST_OF_AN_ACCOUNT
    other = await queue.come("chris", "203.0.113.1")
    assert not other.done()
    refusal = tasks[-1].exception()
    assert isinstance(refusal, ServiceUnavailable)
    assert refusal.headers["Retry-After"] == "1"
    queue.let_go()
    await other
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(queue.working) == AT_ONCE + MOST_OF_AN_ACCOUNT + 1


async def test_a_network_has_some_places_and_leaves_the_rest_to_others() -> None:
    queue = Queue()
    tasks = [await queue.come(f"{number}", f"2001:db8::{number}") for number in range(100)]
    assert sum(map(is_refused, tasks)) == 100 - AT_ONCE - MOST_OF_A_NETWORK
    assert not (await queue.come("dana", "2001:db8:0:1::1")).done()
    queue.let_go()


async def test_a_full_queue_takes_a_place_from_the_network_that_has_most() -> None:
    queue = Queue()
    tasks = [
        await queue.come(f"{number}", f"203.0.113.{number % 2}")
        for number in range(AT_ONCE + MOST_WAITING)
    ]
    assert not any(task.done() for task in tasks)
    mine = await queue.come("dana", "198.51.100.1")
    await asyncio.sleep(0)
    assert not mine.done()
    assert sum(map(is_refused, tasks)) == 1
    assert is_refused(tasks[-2]) or is_refused(tasks[-1])
    queue.let_go()
    await mine


async def test_networks_take_turns_and_so_do_the_accounts_in_one() -> None:
    queue = Queue()
    for _ in range(AT_ONCE + MOST_OF_AN_ACCOUNT):
        await queue.come("evil", "203.0.113.1")
    neighbour = await queue.come("chris", "203.0.113.1")
    mine = await queue.come("dana", "198.51.100.1")
    queue.let_go()
    await asyncio.gather(neighbour, mine)
    order = queue.working[AT_ONCE:]
    assert order.index("dana") <= 2
    assert order.index("chris") <= 4


async def test_whoever_goes_gives_up_her_place() -> None:
    queue = Queue()
    tasks = [await queue.come(f"{number}", "203.0.113.1") for number in range(4)]
    tasks[2].cancel()
    tasks[0].cancel()
    await asyncio.sleep(0.01)
    assert queue.working == ["0", "1", "3"]
    queue.let_go()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert queue.tested._working == 0


async def test_those_who_do_not_wait_yet_have_places() -> None:
    """No more look somebody up than may wait. They are not given turns before they ask for them."""
    queue = SignInQueue()
    async with AsyncExitStack() as stack:
        for _ in range(MOST_OF_AN_ACCOUNT):
            await stack.enter_async_context(queue.place("dana", "203.0.113.1"))
        with pytest.raises(ServiceUnavailable):
            await stack.enter_async_context(queue.place("dana", "203.0.113.1"))
        async with queue.place("chris", "203.0.113.1") as place, queue.turn(place):
            pass
    async with queue.place("dana", "203.0.113.1") as place, queue.turn(place):
        assert queue._working == 1
    assert (queue._working, queue._places) == (0, [])


async def test_sign_ins_without_a_place_are_not_looked_up() -> None:
    """Hundreds of them would keep the database from others."""
    asked = 0
    go = asyncio.Event()

    class Slow:
        async def read(self, operation: Any) -> None:
            nonlocal asked
            asked += 1
            await go.wait()

        async def write(self, operation: Any) -> None: ...

    database: Any = Slow()
    call: Any = SimpleNamespace(client="203.0.113.1", notes=SimpleNamespace(account=None))
    grant = PasswordGrant(DEPLOYMENT, database, SignInQueue())
    form = {"username": "dana@contoso.com", "password": "guess"}
    tasks = [asyncio.create_task(grant.holder(form, call)) for _ in range(300)]
    await asyncio.sleep(0.01)
    assert asked == MOST_OF_AN_ACCOUNT
    go.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [one for one in answers if isinstance(one, ServiceUnavailable)]
    assert len(refused) == 300 - MOST_OF_AN_ACCOUNT


async def test_a_turn_that_comes_as_she_goes_is_passed_on() -> None:
    queue = Queue()
    tasks = [await queue.come(f"{number}", "203.0.113.1") for number in range(4)]
    tasks[0].cancel()
    await asyncio.sleep(0)  # its turn has been given to the third
    tasks[2].cancel()
    await asyncio.sleep(0.01)
    assert queue.working[-1] == "3"
    queue.let_go()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert queue.tested._working == 0


async def test_networks_that_never_came_before_are_not_always_first() -> None:
    """Else whoever has many networks could keep a known one waiting for ever."""
    queue = SignInQueue()
    turns: list[str] = []

    async def work(network: str) -> None:
        async with queue.place("account", network) as place, queue.turn(place):
            turns.append(network)
            await asyncio.sleep(0)
            if network != "203.0.113.1" and len(turns) < 50:
                another = asyncio.create_task(work(f"198.51.100.{len(turns)}"))
                tasks.append(another)
                await asyncio.sleep(0)

    tasks = [asyncio.create_task(work(f"192.0.2.{number}")) for number in range(4)]
    tasks += [asyncio.create_task(work("203.0.113.1")) for _ in range(3)]
    while any(not task.done() for task in tasks):
        await asyncio.gather(*tasks)
    last = len(turns) - turns[::-1].index("203.0.113.1")
    assert last < 25, turns
