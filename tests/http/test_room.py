"""Answers that nobody has read take a limited amount of memory."""

import pytest

from openucwa.http.request import Call
from openucwa.http.room import Room
from openucwa.wire.errors import ServiceUnavailable, TooManyRequests


async def _receive() -> dict[str, object]:
    raise AssertionError


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
