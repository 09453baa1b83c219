"""One client in the hands of many: threads or tasks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from tests.client.watched import Watched
from tests.installation import Clock

Connect = Callable[..., Any]
MANY = 8


def all_at_once(what: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(MANY) as pool:
        return [one.result() for one in [pool.submit(what) for _ in range(MANY)]]


def test_many_sign_in_once_and_have_one_application(connect: Connect, server: Watched) -> None:
    with connect() as client:
        found = all_at_once(lambda: client.application())
    assert len({one.href for one in found}) == 1
    assert server.count("POST", "/oauthtoken") == 1
    assert server.count("POST", "/applications") == 1


def test_many_renew_the_token_once_and_the_application_once(
    connect: Connect, server: Watched, clock: Clock
) -> None:
    with connect() as client:
        me = client.follow(client.application(), "me").href
        clock.advance(timedelta(hours=9))
        found = all_at_once(lambda: client.get(me))
    assert len({one.href for one in found}) == 1
    assert found[0].href != me
    assert server.count("POST", "/oauthtoken") == 2
    assert server.count("POST", "/applications") == 2
