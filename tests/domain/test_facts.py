"""What is left to tell when only the latest state counts."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from openucwa.domain.facts import aggregated
from openucwa.wire.channel import EventType

ADDED, UPDATED, DELETED = EventType.ADDED, EventType.UPDATED, EventType.DELETED
STARTED, COMPLETED = EventType.STARTED, EventType.COMPLETED


@dataclass(frozen=True)
class Event:
    """Something that happens to a target, or to its place in a collection."""

    number: int
    type: EventType
    target: str
    collection: str = ""
    is_kept: bool = False


def types(*given: EventType) -> list[EventType]:
    """What is left of events about one target."""
    return [one.type for one in aggregated(Event(n, type, "a") for n, type in enumerate(given))]


@dataclass
class World:
    """What there is, and which of it is in which collection."""

    there: set[str] = field(default_factory=set)
    members: set[tuple[str, str]] = field(default_factory=set)

    def apply(self, event: Event) -> None:
        """Let something happen; what has gone is in no collection either."""
        target, place = event.target, (event.target, event.collection)
        if event.collection:
            (self.members.add if event.type is ADDED else self.members.discard)(place)
        elif event.type is ADDED:
            self.there.add(target)
        elif event.type is DELETED:
            self.there.discard(target)
            self.members = {one for one in self.members if one[0] != target}

    def after(self, events: Iterable[Event]) -> "World":
        """Return what there is after all these."""
        world = World(set(self.there), set(self.members))
        for one in events:
            world.apply(one)
        return world


History = tuple[World, list[Event]]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """What is there at first, and what can happen from then on.

    Nothing is updated, and nothing comes to a collection, that is not there.
    """
    first = World(draw(st.sets(st.sampled_from("abc"))))
    places = [(target, collection) for target in sorted(first.there) for collection in ("x", "y")]
    if places:
        first.members = draw(st.sets(st.sampled_from(places)))
    world, happened = first.after(()), []
    for number in range(draw(st.integers(0, 25))):
        target, collection = draw(st.sampled_from("abc")), draw(st.sampled_from(("", "", "x", "y")))
        if target not in world.there:
            event = Event(number, ADDED, target)
        elif collection:
            leaves = (target, collection) in world.members
            event = Event(number, DELETED if leaves else ADDED, target, collection)
        else:
            event = Event(number, draw(st.sampled_from((UPDATED, UPDATED, DELETED))), target)
        world.apply(event)
        happened.append(event)
    return first, happened


@given(histories())
def test_who_is_told_the_rest_knows_as_much(history: History) -> None:
    first, events = history
    assert first.after(aggregated(events)) == first.after(events)


@given(histories())
def test_and_has_seen_the_latest_state(history: History) -> None:
    """What has been changed, or has come, is told of after the last change, or is shown as it is.

    Whoever is told of something sees it as it is when the package is made.
    """
    first, events = history
    changed = {one.target for one in events if not one.collection and one.type is not DELETED}
    told = {one.target for one in aggregated(events) if not one.collection}
    assert changed & first.after(events).there <= told


@given(histories(), st.data())
def test_whatever_she_has_fetched_meanwhile(history: History, data: st.DataObject) -> None:
    """A client that knows of some of it already ends up knowing the same."""
    first, events = history
    until = data.draw(st.integers(0, len(events)))
    assert first.after(events[:until]).after(aggregated(events)) == first.after(events)


@given(histories())
def test_order_is_kept(history: History) -> None:
    _, events = history
    left = aggregated(events)
    assert left == sorted(left, key=lambda one: one.number)
    assert all(one in events for one in left)


@given(histories())
def test_nothing_is_told_that_another_event_makes_needless(history: History) -> None:
    """Of each: one update, or that it is new; or that it has gone, and that it is back.

    The same of each collection that it comes to.
    """
    _, events = history
    left: dict[tuple[str, str], list[EventType]] = {}
    for one in aggregated(events):
        left.setdefault((one.target, one.collection), []).append(one.type)
    assert all(one in ([UPDATED], [ADDED], [DELETED], [DELETED, ADDED]) for one in left.values())


@given(histories())
def test_once_is_enough(history: History) -> None:
    _, events = history
    assert aggregated(aggregated(events)) == aggregated(events)


def test_a_participant_who_comes_through_the_lobby() -> None:
    """Each collection is told of: that she is on the roster, has left the lobby, and attends."""
    roster, lobby, attends = (
        Event(1, ADDED, "guest"),
        Event(2, ADDED, "guest", "lobby"),
        Event(4, ADDED, "guest", "attendees"),
    )
    admitted = Event(3, DELETED, "guest", "lobby")
    assert aggregated([roster, lobby]) == [roster, lobby]
    assert aggregated([roster, lobby, admitted, attends]) == [roster, admitted, attends]


def test_a_participant_who_leaves() -> None:
    """She has left the collections, too, of which a client may know already."""
    attends, speaks = Event(1, ADDED, "guest", "attendees"), Event(2, ADDED, "guest", "speakers")
    gone = [Event(3, DELETED, "guest", "attendees"), Event(4, DELETED, "guest")]
    assert aggregated([attends, speaks, *gone]) == gone


def test_who_comes_to_a_collection_may_have_changed_as_well() -> None:
    """A client that knows her fetches nothing because she is in another collection, too."""
    events = [Event(1, ADDED, "guest", "leaders"), Event(2, UPDATED, "guest")]
    assert aggregated(events) == events


def test_the_last_update_is_told_at_its_own_place() -> None:
    events = [Event(1, UPDATED, "a"), Event(2, DELETED, "b"), Event(3, UPDATED, "a")]
    assert aggregated(events) == events[1:]


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


def test_what_says_why_is_told_though_others_follow() -> None:
    why = Event(1, UPDATED, "a", is_kept=True)
    gone = Event(2, DELETED, "a")
    assert aggregated([Event(0, UPDATED, "a"), why, gone]) == [why, gone]
    assert aggregated([Event(0, ADDED, "a"), why, gone]) == [why, gone]
