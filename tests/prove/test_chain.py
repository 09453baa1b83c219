"""The checker of histories: it lets pass all that can be, and finds all that can't."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prove.linearizability.chain import check
from prove.linearizability.operation import Kind, Operation, Seen

MEETING, NOTES = "dana/4711", "dana/4711/notes"
END = 100_000
"""A time when all is over."""


def wrong(*history: Operation) -> list[str]:
    """What the checker says of a history."""
    return [one.what.partition(": ")[2] for one in check(history).violations]


def create(mark: str, when: tuple[int, int], key: str = MEETING, **more: Any) -> Operation:
    told: dict[str, Any] = {
        "key": key,
        "status": 200,
        "etag": mark.upper(),
        "returned": when[1],
    } | more
    within = key.rpartition("/")[0]
    return Operation(
        client="c", kind=Kind.CREATE, within=within, mark=mark, invoked=when[0], **told
    )


def put(mark: str, parent: str, when: tuple[int, int], **more: Any) -> Operation:
    """One that is accepted, unless `more` says something else; `mark` in capitals is its ETag."""
    told: dict[str, Any] = {
        "key": MEETING,
        "status": 200,
        "etag": mark.upper(),
        "returned": when[1],
    } | more
    return Operation(
        client="p", kind=Kind.PUT, mark=mark, parent=parent.upper(), invoked=when[0], **told
    )


def delete(when: tuple[int, int], parent: str = "", **more: Any) -> Operation:
    told: dict[str, Any] = {"key": MEETING, "status": 204, "returned": when[1]} | more
    return Operation(client="d", kind=Kind.DELETE, parent=parent.upper(), invoked=when[0], **told)


def read(mark: str, when: tuple[int, int], key: str = MEETING, etag: str = "") -> Operation:
    """A read that is shown this version; none, where there is no mark."""
    return Operation(
        client="r",
        kind=Kind.READ,
        key=key,
        invoked=when[0],
        returned=when[1],
        status=200 if mark else 404,
        saw=[Seen(key, etag or mark.upper(), mark)] if mark else [],
    )


def unknown(one: Operation) -> Operation:
    """The same where no answer came."""
    one.returned = one.status = None
    one.etag = ""
    if one.kind is Kind.CREATE:
        one.key = ""
    return one


A, B = create("a", (0, 10)), put("b", "a", (20, 30))


class TestPasses:
    def test_a_chain_and_those_who_read_it(self) -> None:
        early, late, during = read("a", (11, 19)), read("b", (31, 40)), read("a", (25, 50))
        assert wrong(A, B, early, late, during) == []

    def test_a_refusal_while_another_write_was_under_way(self) -> None:
        assert wrong(A, B, put("c", "a", (5, 21), status=412, etag="")) == []

    def test_a_write_without_an_answer_that_happened(self) -> None:
        """It may be seen long after it was sent, and be built upon."""
        lost = unknown(put("b", "a", (20, 30)))
        assert wrong(A, lost, read("a", (40, 50)), read("b", (60, 70))) == []
        assert wrong(A, lost, read("b", (60, 70)), put("c", "b", (80, 90))) == []

    def test_a_write_without_an_answer_that_did_not_happen(self) -> None:
        assert wrong(A, unknown(put("b", "a", (20, 30))), put("c", "a", (40, 50))) == []

    def test_a_write_without_an_answer_that_only_a_refusal_shows(self) -> None:
        lost = unknown(put("b", "a", (20, 30)))
        refused = put("c", "a", (40, 50), status=412, etag="")
        assert wrong(A, lost, refused) == []
        assert wrong(A, lost, refused, delete((60, 70)), read("", (80, 90))) == []

    def test_a_create_without_an_answer(self) -> None:
        assert wrong(unknown(create("a", (0, 10))), read("a", (20, 30)), read("a", (40, 50))) == []

    def test_a_delete_without_an_answer(self) -> None:
        lost = unknown(delete((20, 30), "a"))
        assert wrong(A, lost, read("a", (40, 50)), read("", (60, 70))) == []
        assert wrong(A, lost, B) == []

    def test_parts_that_go_with_the_whole(self) -> None:
        notes = create("n", (20, 30), NOTES, status=201)
        assert wrong(A, notes, delete((40, 50)), read("", (60, 70), NOTES)) == []

    def test_who_asks_before_it_is_made(self) -> None:
        assert wrong(read("", (-10, -5)), read("", (-10, 5)), A, read("a", (3, 5))) == []


NOTHING: tuple[int, int] = (END, END + 10)
LISTED = Operation(
    client="r", kind=Kind.READ, invoked=60, returned=70, status=200, listed=["dana"], key="dana"
)
LOST_B, LOST_END = unknown(put("b", "a", (20, 30))), unknown(delete((20, 30)))
REFUSED = put("c", "a", (40, 50), status=412)
EARLY_NOTES = create("n", (11, 19), NOTES)


@pytest.mark.parametrize(
    ("what", "history"),
    [
        ("an update was lost", [A, B, put("c", "a", (40, 50))]),
        ("an update was lost", [A, B, delete((40, 50), "a")]),
        ("an update was lost", [A, LOST_B, read("b", (31, 32)), put("c", "a", (40, 50))]),
        ("what was never there", [A, put("c", "x", (40, 50))]),
        ("what was never there", [A, put("c", "c", (40, 50))]),
        ("b, or a later one, was there for p, but not later", [A, B, read("a", (31, 40))]),
        ("there for r, but not later for r", [A, B, read("b", (21, 23)), read("a", (24, 29))]),
        ("not later for who sent it", [A, read("b", (15, 19)), B]),
        ("a write that was refused", [A, B, REFUSED, read("c", (60, 70))]),
        ("what nobody wrote", [A, read("x", (60, 70))]),
        ("what was written elsewhere", [A, create("x", (0, 10), "dana/1"), read("x", (60, 70))]),
        ("nobody made it", [B]),
        ("its end was there for d", [A, delete((20, 30)), read("a", (40, 50))]),
        ("its end was there for d", [A, delete((20, 30)), create("n", (40, 50), NOTES)]),
        ("its end was there for d", [A, EARLY_NOTES, delete((20, 30)), read("n", (40, 50), NOTES)]),
        ("was there for c, but not later for r", [A, read("", (40, 50))]),
        ("was there for c, but not later for r", [A, LISTED]),
        ("was there for c", [A, LOST_END, read("", (40, 50)), read("a", (60, 70))]),
        ("although its ETag, A, was current", [A, put("c", "a", (40, 50), status=412)]),
        ("although its ETag, A, was current", [A, delete((40, 50), "a", status=412)]),
        ("there for p, but not later for who", [A, put("c", "a", (11, 19), status=412), B]),
        ("one ETag stands for two", [A, put("b", "a", (20, 30), etag="A")]),
        ("one write made two", [A, read("a", (20, 30), etag="Z")]),
        ("made more than once", [A, create("x", (20, 30))]),
        ("deleted more than once", [A, delete((20, 30)), delete((20, 30))]),
    ],
)
def test_finds(what: str, history: list[Operation]) -> None:
    assert [one for one in wrong(*history) if what in one], wrong(*history)


def test_finds_what_one_create_made_twice() -> None:
    lost = unknown(create("a", (0, 10)))
    assert wrong(lost, read("a", (20, 30)), read("a", (20, 30), "dana/1"))


@pytest.mark.parametrize("kind", Kind)
def test_finds_answers_that_may_not_be(kind: Kind) -> None:
    found = check(
        [Operation(client="x", kind=kind, key=MEETING, invoked=0, returned=1, status=500)]
    )
    assert [one.what for one in found.violations] == [f"{kind} was answered with 500"]


@dataclass
class World:
    """What does everything at one moment, and writes down a longer time for it."""

    draw: Callable[..., Any]
    current: dict[str, str] = field(default_factory=dict)
    """The mark of what is there. Its ETag is the same in capitals."""
    known: dict[str, list[str]] = field(default_factory=dict)
    """The marks that somebody has been shown."""
    history: list[Operation] = field(default_factory=list)

    def step(self, number: int) -> None:
        """Do something. One time in six its answer is lost, after it has happened or before."""
        moment = 10 * number + 1000
        when = (moment - self.draw(st.integers(0, 45)), moment + self.draw(st.integers(0, 45)))
        fate = self.draw(st.integers(0, 11))
        key = self.draw(st.sampled_from([*self.known, f"dana/{number}"]))
        known, before = self.known.setdefault(key, []), dict(self.current)
        if not self.history or key == f"dana/{number}":
            one = create(f"m{number}", when, key)
            self.current[key] = one.mark
        elif not known or self.draw(st.booleans()):
            one = read(self.current.get(key, ""), when, key)
        else:
            one = self.write(key, f"m{number}", self.draw(st.sampled_from(known[-3:])), when)
        if fate == 0:
            self.current = before
        if fate > 1 or one.kind is Kind.READ:
            known += [self.current[key]] if key in self.current and one.status == 200 else []
        else:
            unknown(one)
        self.history.append(one)

    def write(self, key: str, mark: str, base: str, when: tuple[int, int]) -> Operation:
        """Replace or delete it, if `base` is still there."""
        is_put = self.draw(st.integers(0, 4)) > 0
        one = put(mark, base, when, key=key) if is_put else delete(when, base, key=key)
        if key not in self.current:
            one.status = 404
        elif self.current[key] != base:
            one.status = 412
        elif is_put:
            self.current[key] = mark
        else:
            del self.current[key]
        return one


@st.composite
def histories(draw: st.DrawFn) -> World:
    """Histories of a world in which all is well."""
    world = World(draw)
    for number in range(draw(st.integers(4, 30))):
        world.step(number)
    return world


@given(histories())
def test_passes_whatever_can_be(world: World) -> None:
    assert wrong(*world.history) == []


def updated(world: World) -> list[Operation]:
    return [one for one in world.history if one.kind is Kind.PUT and one.status == 200]


def plant_fork(world: World) -> bool:
    for one in updated(world)[:1]:
        world.history.append(put("x", one.parent, NOTHING, key=one.key))
        return True
    return False


def plant_stale_read(world: World) -> bool:
    for one in updated(world)[-1:]:
        world.history.append(read(one.parent.lower(), NOTHING, one.key))
        return True
    return False


def plant_early_read(world: World) -> bool:
    for one in updated(world)[-1:]:
        world.history.append(read(one.mark, (0, 1), one.key))
        return True
    return False


def plant_refused(world: World) -> bool:
    for one in world.history:
        if one.kind is Kind.PUT and one.status == 412:
            world.history.append(read(one.mark, NOTHING, one.key))
            return True
    return False


def plant_resurrection(world: World) -> bool:
    for one in world.history:
        if one.kind is Kind.DELETE and one.status == 204:
            world.history.append(read(one.parent.lower(), NOTHING, one.key))
            return True
    return False


def plant_loss(world: World) -> bool:
    """Nobody has deleted it, and it is gone."""
    ended = {one.key for one in world.history if one.kind is Kind.DELETE and one.status != 412}
    acknowledged = {one.key for one in world.history if one.status == 200}
    for key in sorted(acknowledged - ended):
        world.history.append(read("", NOTHING, key))
        return True
    return False


def plant_rollback(world: World) -> bool:
    """A write was acknowledged and is gone, so another one finds the version before it."""
    for one in updated(world)[-1:]:
        world.history.append(put("x", one.parent, NOTHING, key=one.key))
        world.history.append(read("x", (END + 20, END + 30), one.key))
        return True
    return False


@pytest.mark.parametrize(
    "plant",
    [
        plant_fork,
        plant_stale_read,
        plant_early_read,
        plant_refused,
        plant_resurrection,
        plant_loss,
        plant_rollback,
    ],
)
def test_finds_what_was_planted(plant: Callable[[World], bool]) -> None:
    planted = 0

    @settings(max_examples=40, derandomize=True)
    @given(histories())
    def look(world: World) -> None:
        nonlocal planted
        if plant(world):
            planted += 1
            assert wrong(*world.history)

    look()
    assert planted > 3
