"""Answers that nobody has read take a limited amount of memory."""

import asyncio
from functools import partial

import pytest

from openucwa.http.request import Call
from openucwa.http.room import Room
from openucwa.wire.errors import ServiceUnavailable, TooManyRequests


async def _receive() -> dict[str, object]:
    raise AssertionError


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def call(line: str) -> Call:
    return Call("GET", b"/", b"", "1.1", "http", "127.0.0.1", {}, _receive, line=line)


def test_nothing_is_done_for_a_user_who_reads_no_answers() -> None:
    room = Room(1000, 100)
    first, second = call("dana"), call("dana")
    room.check(first)
    room.hold(first, 101)
    with pytest.raises(TooManyRequests) as caught:
        room.check(second)
    assert caught.value.headers == {"Retry-After": "1"}
    room.check(call("chris"))
    room.free(first)
    room.check(second)


def test_nothing_is_done_while_all_room_is_taken() -> None:
    room = Room(200, 100)
    held = [call(str(number)) for number in range(3)]
    for one in held:
        room.check(one)
        room.hold(one, 70)
    with pytest.raises(ServiceUnavailable):
        room.check(call("dana"))
    room.free(held[1])
    room.check(call("dana"))


@pytest.mark.anyio
async def test_who_takes_most_room_makes_room() -> None:
    room, hung_up = Room(200, 200), list[str]()
    calls = [call("evil"), call("evil"), call("dana")]
    for name, one in zip("abc", calls, strict=True):
        room.hold(one, 90)
        room.sends(one, partial(hung_up.append, name))
    room.check(call("chris"))
    await asyncio.sleep(0)
    assert hung_up == ["a"]
    assert calls[0].held == 0
    for one in calls:
        room.free(one)


@pytest.mark.anyio
async def test_answers_of_the_same_user_make_no_room() -> None:
    room, held = Room(100, 200), call("evil")
    room.hold(held, 150)
    room.sends(held, lambda: pytest.fail("somebody else has to ask"))
    with pytest.raises(ServiceUnavailable):
        room.check(call("evil"))
    await asyncio.sleep(0)


def test_an_operation_that_is_repeated_counts_once() -> None:
    room, one = Room(1000, 100), call("dana")
    room.hold(one, 80)
    room.hold(one, 190)
    room.check(one)  # its own answer, made before the transaction had to start anew
    with pytest.raises(TooManyRequests):
        room.check(call("dana"))
    room.free(one)
    room.free(one)
    assert one.held == 0
