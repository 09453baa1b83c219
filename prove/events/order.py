"""The check of a channel's order: nothing twice, early or out of line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from prove.events.exchange import Event, Exchange
from prove.verdict import Violation

_UNIQUE = ("myOnlineMeeting", "onlineMeetingExtension")
"""Names that appear once and disappear once: none is used again."""


def check(exchanges: Sequence[Exchange], updates: Mapping[str, int]) -> list[Violation]:
    """Check the exchanges of one channel, in the order in which they were sent.

    `updates` says how often each thing was changed, at most.
    """
    kept = [one for one in exchanges if one.is_kept]
    return [
        *_answers(exchanges),
        *_numbers(exchanges),
        *_repeated(exchanges),
        *_lives(kept),
        *_versions(kept),
        *_updates(kept, updates),
    ]


def _answers(exchanges: Iterable[Exchange]) -> Iterator[Violation]:
    """There is nothing to excuse any other answer, and nobody is away for long."""
    for one in exchanges:
        allowed = (None, 200, 409, 503) if one.is_contested else (None, 200, 503)
        if one.status not in allowed:
            yield Violation(f"{one.channel}: it was answered with {one.status}", [one])
        elif one.resume is not None:
            yield Violation(f"{one.channel}: it was told that events had been forgotten", [one])


def _numbers(exchanges: Iterable[Exchange]) -> Iterator[Violation]:
    """Packages are numbered one by one, and who gets lost is led back to the last one.

    The last one that the server has given may be one further than the last that was taken: its
    answer may have been lost.
    """
    taken = 0
    for one in exchanges:
        if one.status != 200:
            continue
        if one.resync is not None:
            if one.asked == taken + 1:
                yield Violation(f"{one.channel}: the right number was called a wrong one", [one])
            elif one.events or one.next != one.resync or one.resync not in _near(taken):
                yield Violation(f"{one.channel}: it was led astray after {taken}", [one])
        elif one.number != one.asked or one.asked not in _near(taken):
            yield Violation(f"{one.channel}: it had {taken}, and got a package out of line", [one])
        elif one.has_package and one.next != one.asked + 1:
            yield Violation(f"{one.channel}: the numbers do not ascend by one", [one])
        elif not one.has_package and one.events:
            yield Violation(f"{one.channel}: it was told something without a number", [one])
        if one.is_kept:
            taken += 1


def _near(taken: int) -> tuple[int, int]:
    return (max(taken, 1), taken + 1)


def _repeated(exchanges: Sequence[Exchange]) -> Iterator[Violation]:
    """A package that comes again tells the same, but for what has gone in between."""
    last: dict[int, Exchange] = {}
    gone = {
        event.key
        for one in exchanges
        for event in one.events
        if event.type == "deleted" and event.rel in _UNIQUE
    }
    for one in exchanges:
        if not one.has_package:
            continue
        before = last.setdefault(one.asked, one)
        last[one.asked] = one
        told = [_what(event) for event in one.events]
        missing = [event for event in before.events if _what(event) not in told]
        had = [_what(event) for event in before.events if event not in missing]
        if told != had:
            what = "a package that came again told something else"
            yield Violation(f"{one.channel}: {what}", [before, one])
        for event in missing:
            if event.type == "deleted" or not {event.key, event.key.rpartition("/")[0]} & gone:
                what = f"a package that came again did not tell of {event.key}, which is there"
                yield Violation(f"{one.channel}: {what}", [before, one])


def _lives(kept: Iterable[Exchange]) -> Iterator[Violation]:
    """Check that names are added once, before all else, and deleted once, after all else."""
    told: dict[str, list[tuple[str, Exchange]]] = defaultdict(list)
    for one in kept:
        for event in one.events:
            if event.rel in _UNIQUE:
                told[event.key].append((event.type, one))
    for key, life in told.items():
        for number, (type, one) in enumerate(life):
            if type == "added" and number > 0:
                what = f"{key} was added after it had been told of"
                yield Violation(f"{one.channel}: {what}", [life[0][1], one])
            elif number and life[number - 1][0] == "deleted":
                what = f"{key} was {type} after it had been deleted"
                yield Violation(f"{one.channel}: {what}", [life[number - 1][1], one])


def _versions(kept: Iterable[Exchange]) -> Iterator[Violation]:
    """Nobody is shown a version that is older than the one that he was shown before."""
    last: dict[str, tuple[int, Exchange]] = {}
    for one in kept:
        for event in one.events:
            if event.version:
                version, before = last.get(event.key, (0, one))
                if event.version < version:
                    what = f"{event.key} went back from {version} to {event.version}"
                    yield Violation(f"{one.channel}: {what}", [before, one])
                last[event.key] = (event.version, one)


def _updates(kept: Iterable[Exchange], updates: Mapping[str, int]) -> Iterator[Violation]:
    """Nothing is told more often than it happened."""
    told: dict[str, list[Exchange]] = defaultdict(list)
    for one in kept:
        for event in one.events:
            if event.type == "updated" and event.rel in _UNIQUE:
                told[event.key].append(one)
    for key, packages in told.items():
        if len(packages) > updates.get(key, 0):
            what = f"{key} was changed {updates.get(key, 0)} times"
            what += f", and {len(packages)} events told of it"
            yield Violation(f"{packages[0].channel}: {what}", packages[-2:])


def _what(event: Event) -> tuple[str, str, str]:
    return event.type, event.rel, event.key


def figures(exchanges: Iterable[Exchange]) -> Counter[str]:
    """Return the number of events, and of exchanges out of the usual way."""
    found: Counter[str] = Counter()
    for one in exchanges:
        found["packages"] += one.is_kept
        found["events"] += len(one.events) if one.is_kept else 0
        found["answers lost"] += one.has_package and not one.is_kept
        found["broken off"] += one.status is None
        found["replaced"] += one.status == 409
        found["resyncs"] += one.resync is not None
    return found
