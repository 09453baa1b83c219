"""Connections share what a process has."""

import time
from functools import partial

import pytest

from openucwa.http import connections
from openucwa.http.connections import Connections


def test_places_that_are_left_are_free() -> None:
    crowd = Connections(10, 1, "10.0.0.0/8")
    first = crowd.enter("192.0.2.1")
    assert first
    assert not first.is_beyond
    second = crowd.enter("192.0.2.1")
    assert second
    assert second.is_beyond
    for place in (first, first, second):
        place.leave()
    again = crowd.enter("192.0.2.1")
    assert again
    assert not again.is_beyond
    assert crowd.count == 1


def test_what_comes_before_a_connection_has_really_ended_is_given_back() -> None:
    crowd = Connections(1, 10, "")
    place = crowd.enter("192.0.2.1")
    assert place
    place.waits(lambda: None)
    assert crowd.enter("192.0.2.2")  # for which the first has to go
    place.hold(100)
    place.waits(lambda: None)
    place.is_unread(100, lambda: None)
    place.leave()
    assert (crowd.count, crowd.held, crowd.make_room()) == (1, 0, False)


@pytest.mark.parametrize("proxies", ["10.0.0.0/8", "192.0.2.1, 10.1.2.3", "*"])
def test_trusted_proxies_have_no_limit(proxies: str) -> None:
    crowd = Connections(10, 1, proxies)
    places = [crowd.enter("10.1.2.3") for _ in range(3)]
    assert [place and place.is_beyond for place in places] == [False] * 3


def test_those_beyond_the_limit_of_an_address_do_not_fill_the_process() -> None:
    crowd = Connections(100, 10, "")
    places = [crowd.enter("192.0.2.1") for _ in range(50)]
    assert [place and place.is_beyond for place in places] == [False] * 10 + [True] * 2 + [
        None
    ] * 38
    assert crowd.count == 12


def test_a_process_has_a_limit_for_all() -> None:
    crowd = Connections(10, 10, "")
    places = [crowd.enter(f"192.0.2.{number}") for number in range(13)]
    assert [place and place.is_beyond for place in places] == [False] * 10 + [True] * 2 + [None]


def test_bodies_that_come_slowly_give_up_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUESTS", 100_000)
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    crowd, dropped = Connections(), list[int]()
    places = []
    for number in range(4):
        place = crowd.enter("192.0.2.1")
        assert place
        place.gets_body(partial(dropped.append, number))
        place.hold(40_000 if number else 10_000)
        places.append(place)
        now[0] += 0.1
    mine = places[-1]
    assert mine.lacks_memory()
    now[0] += connections.TIME - 0.3
    assert not mine.lacks_memory()
    assert dropped == [1], "the first to come that holds more than a connection may always"
    places[1].release(40_000)  # its connection is lost after that
    assert crowd.held == 90_000
    for place in places:
        place.leave()
    assert crowd.held == 0
