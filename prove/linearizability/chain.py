"""The check whether a history is linearizable: each operation takes effect at one moment.

Every write that replaces something names the version that it replaces. So the versions of one thing
are a chain, whose order needs no search: it can be read off. What remains is a comparison of times.
Each operation took effect at some moment between its invocation and its return. So whatever shows
that a link of the chain was there gives a time by which it was, and whatever shows that it was not
yet there gives a time until which it wasn't. There is an order of all operations that explains the
history if, and only if, no link was missing later than it or a later one was there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate

import msgspec

from prove.linearizability.operation import Kind, Operation, Seen, above, is_part
from prove.verdict import Violation


@dataclass
class Thing:
    """All that a history tells of one meeting, or of one extension of one."""

    key: str
    creates: list[Operation] = field(default_factory=list)
    puts: list[Operation] = field(default_factory=list)
    deletes: list[Operation] = field(default_factory=list)
    deletes_above: list[Operation] = field(default_factory=list)
    """Those of what it is a part of, and goes with."""
    sightings: list[tuple[Seen, Operation]] = field(default_factory=list)
    present: list[Operation] = field(default_factory=list)
    """Those that show that it was there, in whatever version."""
    absent: list[Operation] = field(default_factory=list)
    """Those that show that it was not there."""
    etags: dict[str, str] = field(default_factory=dict)
    """The ETag that each write gave it, by the write's mark, as far as that is known."""


@dataclass(frozen=True)
class Found:
    """The result of a check: the number of versions of each key, and the violations."""

    lengths: Mapping[str, int]
    violations: Sequence[Violation]


def check(history: Sequence[Operation]) -> Found:
    """Check a whole history."""
    violations = [
        Violation(f"{one.kind} was answered with {one.status}", [one])
        for one in history
        if not one.is_as_expected
    ]
    writes = {one.mark: one for one in history if one.mark}
    things = gathered(history, writes)
    homes = {one.mark: key for key, thing in things.items() for one in thing.creates}
    lengths = {}
    for thing in things.values():
        wrong = list(strange(thing, writes, homes))
        links: list[Operation] = []
        if not wrong:
            links, wrong = chained(thing)
        if not wrong:
            wrong = ordered(thing, links)
        lengths[thing.key] = len(links)
        violations += (_brief(one, thing.key) for one in wrong)
    return Found(lengths, violations)


def gathered(history: Iterable[Operation], writes: Mapping[str, Operation]) -> Mapping[str, Thing]:
    """Sort a history by what it is about."""
    things: dict[str, Thing] = {}

    def thing(key: str) -> Thing:
        return things.setdefault(key, Thing(key))

    lists: dict[str, list[tuple[Operation, set[str]]]] = defaultdict(list)
    for one in history:
        _enter(one, thing)
        members = {seen.key for seen in one.saw}
        for key in one.listed:
            lists[key].append((one, members))
    for found in things.values():
        found.creates += _created_unanswered(found, writes)
        if above(found.key) in things:
            found.deletes_above = things[above(found.key)].deletes
        found.absent += (one for one, has in lists[above(found.key)] if found.key not in has)
    return things


def _enter(one: Operation, thing: Callable[[str], Thing]) -> None:
    for seen in one.saw:
        thing(seen.key).sightings.append((seen, one))
        thing(seen.key).etags.setdefault(seen.mark, seen.etag)
    if one.is_accepted and one.mark:
        thing(one.key).etags[one.mark] = one.etag
    if one.status == 404:
        thing(one.key or one.within).absent.append(one)
    if one.kind is Kind.PUT:
        thing(one.key).puts.append(one)
    elif one.kind is Kind.DELETE:
        thing(one.key).deletes.append(one)
    elif one.kind is Kind.CREATE and one.is_accepted:
        thing(one.key).creates.append(one)
        if is_part(one.within):
            thing(one.within).present.append(one)


def _created_unanswered(thing: Thing, writes: Mapping[str, Operation]) -> list[Operation]:
    """Creates of which nothing is known but what came of them."""
    made = (writes[mark] for mark in thing.etags if mark in writes)
    return [one for one in made if one.kind is Kind.CREATE and one.is_unknown]


def strange(
    thing: Thing, writes: Mapping[str, Operation], homes: Mapping[str, str]
) -> Iterator[Violation]:
    """Versions that were seen, and that nobody has written so.

    `homes` says by its mark what a create has made.
    """
    accepted = (one for one in (*thing.creates, *thing.puts) if one.is_accepted)
    written = ((Seen(thing.key, one.etag, one.mark), one) for one in accepted)
    by_etag: dict[str, tuple[Seen, Operation]] = {}
    by_mark: dict[str, tuple[Seen, Operation]] = {}
    for seen, by in (*written, *thing.sightings):
        write = writes.get(seen.mark)
        if write is None:
            yield Violation(f"{thing.key}: somebody saw what nobody wrote", [by])
        elif not (write.is_accepted or write.is_unknown):
            yield Violation(f"{thing.key}: somebody saw a write that was refused", [write, by])
        elif homes.get(seen.mark, write.key) != thing.key:
            yield Violation(f"{thing.key}: somebody saw what was written elsewhere", [write, by])
        else:
            same, first = by_etag.setdefault(seen.etag, (seen, by))
            if same != seen:
                yield Violation(f"{thing.key}: one ETag stands for two versions", [first, by])
            same, first = by_mark.setdefault(seen.mark, (seen, by))
            if same != seen:
                yield Violation(f"{thing.key}: one write made two versions", [write, first, by])


def chained(thing: Thing) -> tuple[list[Operation], list[Violation]]:
    """The writes that made a thing's versions, in the order of these, and how they fail to be one.

    Left out is the end, and a write of which nobody knows whether it happened.
    """
    if not thing.creates and not thing.etags:
        return [], []  # somebody asked for it, and it was never there
    made, ended = thing.creates, [one for one in thing.deletes if one.is_accepted]
    shown = [*(by for _, by in thing.sightings), *(one for one in thing.puts if one.is_accepted)]
    for what, shown_by in (
        ("it is there, and nobody made it", [] if made else shown[:1]),
        ("it was made more than once", made[1:] and made),
        ("it was deleted more than once", ended[1:] and ended),
    ):
        if shown_by:
            return [], [Violation(f"{thing.key}: {what}", shown_by)]
    following: dict[str, list[Operation]] = defaultdict(list)
    for one in (*thing.puts, *(one for one in ended if one.parent)):
        if one.is_accepted or one.mark in thing.etags:
            following[one.parent].append(one)
    for parent, both in following.items():
        if len(both) > 1:
            what = f"an update was lost, for {len(both)} replaced the same version, {parent}"
            return [], [Violation(f"{thing.key}: {what}", both)]
    links = [*made]
    while one_more := following.pop(thing.etags.get(links[-1].mark, ""), None):
        links += one_more
    for (orphan,) in following.values():
        what = "a write replaced what was never there"
        return [], [Violation(f"{thing.key}: {what}", [orphan])]
    return [one for one in links if one.mark], []


def ordered(thing: Thing, links: Sequence[Operation]) -> list[Violation]:
    """Return the violations of real time in a chain, with the end that fits best if it is open."""
    if not links:
        return []
    wrong: list[Violation] | None = None
    for end in ends(thing, links):
        found = Times(thing, [*links, *end]).violations()
        if wrong is None or len(found) < len(wrong):
            wrong = found
        if not wrong:
            break
    return wrong or []


def ends(thing: Thing, links: Sequence[Operation]) -> Iterator[list[Operation]]:
    """Return the versions that may follow the last one that was seen.

    That is a write whose outcome nobody knows, and which nobody has seen; and the end, which may
    be one of several whose outcome nobody knows.
    """
    last = thing.etags[links[-1].mark]
    own = [one for one in thing.deletes if one.is_accepted]
    gone_with = [one for one in thing.deletes_above if one.is_accepted]
    perhaps = [one for one in (*thing.deletes, *thing.deletes_above) if one.is_unknown]
    ended: list[list[Operation]] = [[one] for one in own]
    if not own:
        ended = [[one] for one in gone_with] or [[]]
        ended += [[one] for one in perhaps]
    unseen = [
        [one]
        for one in thing.puts
        if one.is_unknown and one.mark not in thing.etags and one.parent == last
    ]
    for before in ([], *unseen):
        for end in ended:
            demanded = end[0].parent if end and end[0].key == thing.key else ""
            if not demanded or (demanded == last and not before):
                yield [*before, *end]


class Times:
    """For each link, the bounds of the time at which it came, and who shows them."""

    def __init__(self, thing: Thing, links: Sequence[Operation]) -> None:
        self._thing = thing
        self._links = links
        self._end = len(links) - 1 if links[-1].kind is Kind.DELETE else None
        self._places = {
            thing.etags[one.mark]: place
            for place, one in enumerate(links)
            if one.mark in thing.etags
        }
        self._there: list[_Shown] = [(math.inf, None)] * len(links)
        self._missing: list[_Shown] = [(-math.inf, None)] * len(links)

    def violations(self) -> list[Violation]:
        """Describe the contradiction of the two."""
        for place, link in enumerate(self._links):
            self._was_missing(place, link)
            if link.is_accepted:
                self._was_there(place, link)
        for seen, by in self._thing.sightings:
            self._was_there(self._places[seen.etag], by)
            self._was_missing(self._places[seen.etag] + 1, by)
        for one in self._thing.present:
            self._was_there(0, one)
            if self._end is not None:
                self._was_missing(self._end, one)
        self._take_absences()
        return [*self._refusals(), *self._compared()]

    def _was_there(self, place: int, by: Operation) -> None:
        if by.returned is not None:
            self._there[place] = min(self._there[place], (by.returned, by), key=_time)

    def _was_missing(self, place: int, by: Operation) -> None:
        if place < len(self._links):
            self._missing[place] = max(self._missing[place], (by.invoked, by), key=_time)

    def _take_absences(self) -> None:
        made, _ = min(self._there, key=_time)
        gone_with = [one for one in self._thing.deletes_above if one.is_accepted]
        for one in (*self._thing.absent, *gone_with):
            assert one.returned is not None
            if self._end is None or one.returned < self._links[self._end].invoked:
                self._was_missing(0, one)
            elif one.invoked > made:
                self._was_there(self._end, one)
            # Else it was not there yet, or not any more: whichever fits.

    def _refusals(self) -> Iterator[Violation]:
        """Whoever was refused shows that his version was not the latest any more."""
        for one in (*self._thing.puts, *self._thing.deletes):
            if one.status == 412 and one.parent in self._places:
                place = self._places[one.parent] + 1
                if place < len(self._links):
                    self._was_there(place, one)
                else:
                    what = f"a write was refused although its ETag, {one.parent}, was current"
                    yield Violation(f"{self._thing.key}: {what}", [self._links[-1], one])

    def _compared(self) -> Iterator[Violation]:
        """No link may be missing later than it, or a later one, was there."""
        there = [*accumulate(reversed(self._there), partial(min, key=_time))][::-1]
        missing = accumulate(self._missing, partial(max, key=_time))
        for link, (was, by), (was_not, by_other) in zip(self._links, there, missing, strict=True):
            if was_not > was and by is not None and by_other is not None:
                what = f"{_named(link)} was there for {by.client}, but not later for "
                what += by_other.client if by_other is not link else "who sent it"
                shown_by = {id(one): one for one in (link, by, by_other)}
                yield Violation(f"{self._thing.key}: {what}", [*shown_by.values()])
                return


def _brief(violation: Violation, key: str) -> Violation:
    """A violation whose records tell of nothing but the thing in question."""
    records = [
        msgspec.structs.replace(one, saw=[seen for seen in one.saw if seen.key == key])
        for one in violation.shown_by
        if isinstance(one, Operation)
    ]
    return Violation(violation.what, records)


_Shown = tuple[float, Operation | None]
"""A time, and the operation that shows what was so at that time."""


def _time(one: _Shown) -> float:
    return one[0]


def _named(link: Operation) -> str:
    return "its end" if link.kind is Kind.DELETE else f"the version {link.mark}, or a later one,"
