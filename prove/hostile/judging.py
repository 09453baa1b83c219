"""Judgement of how long honest clients waited during an attack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.table import Table
from prove.hostile.target import Answers
from prove.verdict import Violation

LONGEST_WAIT = 1.0
"""Seconds that no attack may let anybody else wait."""
LONGEST_STOP = 10.0
"""Seconds that a client who does not finish may keep the server from stopping."""
NOISES = 4
"""A request takes turns on the processor several times, and each may come as late as the noise."""
SHARES = 3
"""The server's work for the attacker takes processor time of its own: on two processors a request
may take that many times as long as undisturbed, without waiting for anybody."""
LARGEST = 256 * 1024 * 1024
"""Bytes of the largest process of the server."""
_MEBIBYTE = 1024 * 1024


@dataclass
class Waits:
    """Durations of requests of one kind, in seconds, and the failures among them."""

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    def is_begun(self) -> bool:
        """Tell whether anything has come yet."""
        return bool(self.seconds or self.failures)

    @property
    def usual(self) -> float:
        """The median."""
        return median(self.seconds) if self.seconds else 0.0

    @property
    def longest(self) -> float:
        """The longest."""
        return max(self.seconds, default=0.0)

    def beside(self, calm: Waits) -> str:
        """The median and the longest in milliseconds, and how many times those of `calm`."""
        if not self.seconds:
            return "none"
        times = [
            f"x{mine / theirs:.0f}" if theirs else "x?"
            for mine, theirs in ((self.usual, calm.usual), (self.longest, calm.longest))
        ]
        return f"{self.usual * 1000:,.0f}/{self.longest * 1000:,.0f} {'/'.join(times)}"


@dataclass(frozen=True)
class Row:
    """One attack: how long requests of each kind took, and what the attacker was answered.

    `calm` are the same without an attack. `peak` is the memory in bytes of the server's largest
    process, and `noise` how late this machine was, in seconds, for a process that has nothing to do
    with the server.
    """

    attack: str
    calm: Mapping[str, Waits]
    waits: Mapping[str, Waits]
    outcome: Answers
    peak: int
    noise: float

    def limit(self, kind: str) -> float:
        """Seconds that a request may take: the rule's, its own, and what the machine adds."""
        return LONGEST_WAIT + SHARES * self.calm[kind].longest + NOISES * self.noise

    def violations(self) -> Sequence[Violation]:
        """Return the violations."""
        found = []
        for kind, waits in self.waits.items():
            for failure, count in waits.failures.items():
                found.append(f"{kind} failed {count} times: {failure}")
            if waits.longest > self.limit(kind):
                usual = self.calm[kind].longest
                found.append(
                    f"{kind} waited {waits.longest:.1f} s, undisturbed {usual:.2f} s; at most "
                    f"{self.limit(kind):.1f} s may be"
                )
            if not waits.is_begun():
                found.append(f"{kind} was never answered")
        if self.peak > LARGEST:
            found.append(f"the server took {self.peak / _MEBIBYTE:,.0f} MiB of memory")
        if self.outcome.trouble or not self.outcome.answers:
            found.append(f"the attack {self.outcome.trouble or 'has sent nothing'}")
        return [Violation(f"{self.attack}: {one}") for one in found]


def stop_violations(seconds: float, noise: float) -> Sequence[Violation]:
    """Return the violations of a stop that took so long."""
    if seconds <= LONGEST_STOP + NOISES * noise:
        return []
    return [Violation(f"an unfinished body kept the server from stopping for {seconds:.1f} s")]


def table(title: str, rows: Sequence[Row]) -> Table:
    """The rows as a table. In its cells a median and a maximum stand beside each other."""
    kinds = list(rows[0].waits)
    heads = ["Attack", *(f"{kind}, ms" for kind in kinds), "Noise", "Peak", "Answered"]
    cells = [
        [
            row.attack,
            *(row.waits[kind].beside(row.calm[kind]) for kind in kinds),
            f"{row.noise * 1000:,.0f} ms",
            f"{row.peak / _MEBIBYTE:,.0f} MiB",
            str(row.outcome),
        ]
        for row in rows
    ]
    return Table(title, heads, cells)
