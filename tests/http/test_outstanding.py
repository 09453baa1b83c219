"""How many requests a user may have outstanding."""

import asyncio
from contextlib import ExitStack

import pytest
from starlette.types import Message

from openucwa.http.outstanding import Outstanding
from openucwa.http.request import Call
from openucwa.wire.errors import TooManyRequests

LIMIT = 3


async def nothing() -> Message:
    return {"type": "http.disconnect"}


def call(token: str | None, *, is_part: bool = False, client: str = "") -> Call:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return Call("GET", b"/", b"", "1.1", "https", client, headers, nothing, is_part=is_part)


def answered(outstanding: Outstanding, token: str, user: str) -> None:
    """A request is answered, by which it is known whose the token is."""
    asked = call(token)
    with outstanding.counted(asked):
        asked.notes.user = user


def room(outstanding: Outstanding, token: str) -> int:
    """How many more requests a token may ask for."""
    with ExitStack() as stack:
        for found in range(LIMIT + 1):
            try:
                stack.enter_context(outstanding.counted(call(token)))
            except TooManyRequests:
                return found
    raise AssertionError("there is no limit")


@pytest.fixture
def outstanding() -> Outstanding:
    return Outstanding(LIMIT)


def test_limit(outstanding: Outstanding) -> None:
    assert room(outstanding, "a") == LIMIT
    with outstanding.counted(call("a")), outstanding.counted(call("a")):
        assert room(outstanding, "a") == 1
        assert room(outstanding, "b") == LIMIT
        with pytest.raises(TooManyRequests), outstanding.counted(call("a"), 2):
            pytest.fail("a batch that exceeds the limit is executed")
        assert room(outstanding, "a") == 1
    assert room(outstanding, "a") == LIMIT


def test_tokens_of_one_user_count_together(outstanding: Outstanding) -> None:
    answered(outstanding, "a", "sip:dana@contoso.com")
    answered(outstanding, "b", "sip:dana@contoso.com")
    answered(outstanding, "c", "sip:chris@contoso.com")
    with outstanding.counted(call("a"), 2):
        assert room(outstanding, "b") == 1
        assert room(outstanding, "c") == LIMIT
        assert room(outstanding, "sip:dana@contoso.com") == LIMIT  # nobody's token is that


def test_counts_stay_right_when_the_user_becomes_known_meanwhile(outstanding: Outstanding) -> None:
    with outstanding.counted(call("a"), 2):
        answered(outstanding, "a", "sip:dana@contoso.com")
        assert room(outstanding, "a") == LIMIT
    assert room(outstanding, "a") == LIMIT


@pytest.mark.parametrize("asked", [call(None), call("a", is_part=True)])
def test_what_is_not_counted(outstanding: Outstanding, asked: Call) -> None:
    """Who shows no token, and a part of a batch: the batch has been counted for it."""
    with ExitStack() as stack:
        for _ in range(2 * LIMIT):
            stack.enter_context(outstanding.counted(asked))
        assert room(outstanding, "a") == LIMIT


@pytest.mark.parametrize("error", [TooManyRequests("x"), RuntimeError(), KeyboardInterrupt()])
def test_nothing_stays_counted_after_an_error(
    outstanding: Outstanding, error: BaseException
) -> None:
    with pytest.raises(type(error)), outstanding.counted(call("a"), LIMIT):
        raise error
    assert room(outstanding, "a") == LIMIT
    assert not outstanding._counts


def test_nothing_stays_counted_after_a_cancellation(outstanding: Outstanding) -> None:
    async def wait() -> None:
        with outstanding.counted(call("a"), LIMIT):
            await asyncio.Event().wait()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(wait(), 0.01)

    asyncio.run(give_up())
    assert room(outstanding, "a") == LIMIT
    assert not outstanding._counts


def test_few_tokens_are_remembered(
    outstanding: Outstanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openucwa.http.outstanding._REMEMBERED", 2)
    for token in "abcd":
        answered(outstanding, token, "sip:dana@contoso.com")
    assert len(outstanding._users) == 2
    with outstanding.counted(call("d")):
        assert room(outstanding, "c") == LIMIT - 1
        assert room(outstanding, "a") == LIMIT


def test_lines(outstanding: Outstanding) -> None:
    """A user has one line, whichever token she uses, and so has a network of nobody known."""
    made_up = [outstanding.line(call(token, client="203.0.113.1")) for token in ("a", "b")]
    assert made_up == ["203.0.113.1"] * 2
    for token in ("a", "b"):
        answered(outstanding, token, "sip:dana@contoso.com")
    assert outstanding.line(call("a")) == outstanding.line(call("b"))
    lines = [outstanding.line(call(None, client=f"2001:db8::{number}")) for number in (1, 2)]
    assert lines == ["2001:db8::/64"] * 2
