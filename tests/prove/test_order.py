"""The checker of event channels: it lets pass what is in order, and finds what is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prove.events.exchange import Event, Exchange, numbers
from prove.events.order import check, figures

MEETING, NOTES = "dana/4711", "dana/4711/notes"


def event(type: str, version: int = 0, key: str = MEETING) -> Event:
    rel = "onlineMeetingExtension" if key == NOTES else "myOnlineMeeting"
    return Event(type, rel, key, version)


ADDED, DELETED = event("added", 3), event("deleted")
UPDATED, AGAIN = event("updated", 5), event("updated", 7)


def package(number: int, *events: Event, **more: Any) -> Exchange:
    """A package that is asked for, comes and is kept, unless `more` says something else."""
    told = {"asked": number, "number": number, "next": number + 1, "is_kept": True} | more
    return Exchange(channel="c", sent=0, answered=1, **{"status": 200, **told}, events=[*events])


def lost(number: int, *events: Event, **more: Any) -> Exchange:
    """A package that comes, and does not count."""
    return package(number, *events, is_kept=False, **more)


def answered(asked: int, status: int | None = None, **more: Any) -> Exchange:
    """A request that no package answers."""
    return Exchange(channel="c", asked=asked, sent=0, status=status, **more)


def wrong(*exchanges: Exchange, updates: int = 9) -> list[str]:
    """What the checker says."""
    found = check(exchanges, {MEETING: updates})
    return [one.what for one in found]


LIFE = (package(1, ADDED), package(2, UPDATED), package(3, AGAIN), package(4, DELETED))


class TestPasses:
    def test_one_package_after_the_other(self) -> None:
        assert wrong(*LIFE) == []

    def test_a_package_that_comes_again(self) -> None:
        assert wrong(lost(1, ADDED), package(1, ADDED), lost(1, ADDED), *LIFE[1:]) == []

    def test_a_package_that_comes_again_and_shows_what_is_new(self) -> None:
        assert wrong(LIFE[0], lost(2, UPDATED), package(2, AGAIN), package(3, AGAIN)) == []

    def test_a_package_that_comes_again_without_what_has_gone(self) -> None:
        assert wrong(LIFE[0], lost(2, UPDATED), package(2), package(3, DELETED)) == []
        notes = event("updated", 5, NOTES)
        assert wrong(LIFE[0], lost(2, notes), package(2), package(3, DELETED)) == []

    def test_who_breaks_off_and_goes_on(self) -> None:
        replaced = answered(1, 409, is_contested=True)
        assert wrong(answered(1), answered(1, 503), replaced, *LIFE) == []

    def test_who_gets_lost_and_is_led_back(self) -> None:
        back = answered(1, 200, number=1, next=2, resync=2)
        further = answered(9, 200, number=9, next=3, resync=3)
        assert wrong(*LIFE[:2], back, further, *LIFE[2:]) == []

    def test_nothing_where_the_server_stops(self) -> None:
        assert wrong(LIFE[0], answered(2, 200, number=2, next=2), *LIFE[1:]) == []

    @given(st.lists(st.sampled_from(("keep", "lose", "break off")), max_size=30))
    def test_any_course_of_answers(self, courses: list[str]) -> None:
        """Versions go up from package to package, and what was not kept comes again."""
        exchanges, number = [package(1, ADDED)], 2
        for course in courses:
            update = event("updated", 10 * number)
            if course == "break off":
                exchanges.append(answered(number))
            else:
                exchanges.append(package(number, update, is_kept=course == "keep"))
            number += course == "keep"
        assert wrong(*exchanges, updates=30) == []


@pytest.mark.parametrize(
    ("what", "exchanges"),
    [
        ("answered with 409", [answered(1, 409)]),
        ("answered with 500", [answered(1, 500, is_contested=True)]),
        ("answered with 410", [*LIFE, answered(5, 410)]),
        ("forgotten", [package(1, ADDED, next=None, resume=2)]),
        ("out of line", [*LIFE[:2], package(4, DELETED)]),
        ("out of line", [*LIFE, package(3, AGAIN)]),
        ("out of line", [*LIFE[:2], lost(1, ADDED)]),
        ("out of line", [LIFE[0], package(3, AGAIN, asked=2)]),
        ("ascend by one", [package(1, ADDED, next=3)]),
        ("without a number", [LIFE[0], package(2, UPDATED, next=2)]),
        ("called a wrong one", [LIFE[0], answered(2, 200, number=2, next=1, resync=1)]),
        ("led astray", [*LIFE, answered(9, 200, number=9, next=2, resync=2)]),
        ("led astray", [*LIFE, answered(9, 200, number=9, next=4, resync=4, events=[AGAIN])]),
        ("told something else", [LIFE[0], lost(2), package(2, UPDATED)]),
        ("told something else", [LIFE[0], lost(2, UPDATED), package(2, UPDATED, DELETED)]),
        ("did not tell of dana/4711", [LIFE[0], lost(2, UPDATED), package(2), package(3, AGAIN)]),
        ("did not tell of dana/4711", [LIFE[0], lost(2, DELETED), package(2)]),
        ("was added after", [*LIFE[:2], package(3, ADDED)]),
        ("was added after", [LIFE[0], package(2, event("added", 5))]),
        ("was updated after it had been deleted", [*LIFE, package(5, AGAIN)]),
        ("was deleted after it had been deleted", [*LIFE, package(5, DELETED)]),
        ("went back from 7 to 5", [LIFE[0], package(2, AGAIN), package(3, UPDATED)]),
    ],
)
def test_finds(what: str, exchanges: list[Exchange]) -> None:
    assert any(what in one for one in wrong(*exchanges)), wrong(*exchanges)


def test_finds_what_is_told_more_often_than_it_happened() -> None:
    assert wrong(*LIFE, updates=2) == []
    (found,) = wrong(*LIFE, updates=1)
    assert "was changed 1 times, and 2 events told of it" in found


def test_counts_what_was_unusual() -> None:
    found = figures([*LIFE, lost(4, DELETED), answered(5), answered(5, 409)])
    assert found == {
        "packages": 4,
        "events": 4,
        "answers lost": 1,
        "broken off": 1,
        "replaced": 1,
        "resyncs": 0,
    }


def test_reads_the_numbers_of_links() -> None:
    links = {"self": {"href": "/a/events?ack=4"}, "next": {"href": "/a/events?ack=5&instanceId=x"}}
    assert numbers(links) == {"self": 4, "next": 5}
