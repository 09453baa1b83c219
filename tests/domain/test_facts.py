"""Facts, and what is left to tell of them when only the latest state counts."""

from collections.abc import Iterable
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from openucwa.domain.facts import Fact, aggregated
from openucwa.wire.channel import EventType

ADDED, UPDATED, DELETED = EventType.ADDED, EventType.UPDATED, EventType.DELETED
STARTED, COMPLETED = EventType.STARTED, EventType.COMPLETED
Key = tuple[str, str]


def fact(position: int, type: EventType, id: str, rel: str = "meeting") -> Fact:
    return Fact(
        position=position,
        at=datetime(2026, 11, 22, tzinfo=UTC),
        topic="user/1",
        type=type,
        rel=rel,
        keys={"id": id},
    )


def types(*given: EventType) -> list[EventType]:
    """What is left of facts about one resource."""
    return [one.type for one in aggregated(fact(n, type, "a") for n, type in enumerate(given))]


@st.composite
def histories(draw: st.DrawFn) -> tuple[set[Key], list[Fact]]:
    """What is there at first, and what can happen from then on: nothing is updated that is not."""
    keys = [(rel, id) for rel in ("meeting", "extension") for id in "ab"]
    first = draw(st.sets(st.sampled_from(keys)))
    there, happened = set(first), []
    for position in range(draw(st.integers(0, 25))):
        rel, id = key = draw(st.sampled_from(keys))
        type = draw(st.sampled_from([UPDATED, DELETED])) if key in there else ADDED
        there ^= {key} if type is not UPDATED else set()
        happened.append(fact(position, type, id, rel))
    return first, happened


def key_of(one: Fact) -> Key:
    return one.rel, one.keys["id"]


def told(first: Iterable[Key], facts: Iterable[Fact], now: Iterable[Key]) -> dict[Key, str]:
    """What a client knows in the end, and whether of old or as it is now.

    That something has gone may be news of what it has never known.
    """
    known, there = dict.fromkeys(first, "old"), set(now)
    for one in facts:
        if one.type is DELETED:
            known.pop(key_of(one), None)
        else:
            known[key_of(one)] = "new" if key_of(one) in there else "gone"
    return known


def remaining(first: set[Key], facts: Iterable[Fact]) -> set[Key]:
    there = set(first)
    for one in facts:
        if one.type is not UPDATED:
            there ^= {key_of(one)}
    return there


@given(histories())
def test_who_is_told_the_rest_knows_as_much(history: tuple[set[Key], list[Fact]]) -> None:
    first, facts = history
    now = remaining(first, facts)
    assert told(first, aggregated(facts), now) == told(first, facts, now)


@given(histories(), st.data())
def test_whatever_she_has_fetched_meanwhile(
    history: tuple[set[Key], list[Fact]], data: st.DataObject
) -> None:
    """A client that knows of some of it already ends up knowing the same."""
    first, facts = history
    until = data.draw(st.integers(0, len(facts)))
    fetched = remaining(first, facts[:until])
    assert set(told(fetched, aggregated(facts), ())) == remaining(first, facts)


@given(histories())
def test_order_is_kept(history: tuple[set[Key], list[Fact]]) -> None:
    _, facts = history
    positions = [one.position for one in aggregated(facts)]
    assert positions == sorted(positions)
    assert all(one in facts for one in aggregated(facts))


@given(histories())
def test_nothing_is_told_that_another_fact_makes_needless(
    history: tuple[set[Key], list[Fact]],
) -> None:
    """Of each resource: one update, or that it is new; or that it has gone, and that it is back."""
    _, facts = history
    left: dict[Key, list[EventType]] = {}
    for one in aggregated(facts):
        left.setdefault(key_of(one), []).append(one.type)
    assert all(one in ([UPDATED], [ADDED], [DELETED], [DELETED, ADDED]) for one in left.values())


@given(histories())
def test_once_is_enough(history: tuple[set[Key], list[Fact]]) -> None:
    _, facts = history
    assert aggregated(aggregated(facts)) == aggregated(facts)


def test_the_last_update_is_told_at_its_own_place() -> None:
    facts = [fact(1, UPDATED, "a"), fact(2, DELETED, "b"), fact(3, UPDATED, "a")]
    assert aggregated(facts) == facts[1:]


def test_an_operation_that_has_completed() -> None:
    """It needs no earlier word."""
    assert types(STARTED, UPDATED, UPDATED) == [STARTED]
    assert types(STARTED, UPDATED, COMPLETED) == [COMPLETED]
    assert types(UPDATED, COMPLETED) == [COMPLETED]
    assert types(COMPLETED) == [COMPLETED]


def test_what_comes_back_had_gone() -> None:
    """A client that is told of the return alone would have two of it."""
    assert types(DELETED, ADDED, UPDATED) == [DELETED, ADDED]
    assert types(DELETED, ADDED, DELETED) == [DELETED]
    assert types(ADDED, DELETED) == [DELETED]
    assert types(ADDED, DELETED, ADDED) == [DELETED, ADDED]
    assert types(UPDATED, DELETED, ADDED, DELETED, ADDED) == [DELETED, ADDED]
