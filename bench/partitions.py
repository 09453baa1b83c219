"""A simulation of 1 to 100 partitions, each a PostgreSQL primary with a share of the organizers.

It asks how many updates a second all of them take together while, of the busiest partition's
updates, 99 in 100 are done within a bound; and how unevenly the partitions are busy.

What it assumes:

- An update concerns one organizer, and she lives in one partition: no update waits for two.
- How much organizers do is skewed: an update is that of the organizer of rank k with a probability
  proportional to 1 / k**skew (Zipf); 0 is even. They are given to partitions at random, as by hash.
- Updates arrive at random (Poisson), and do not wait for what was answered before.
- A partition has `cores` processors like the one that was measured. An update takes one of them for
  a time with the measured mean, exponentially distributed. That is more uneven than what was
  measured, and stands for what makes single transactions slow: a vacuum, a page that is not in
  memory, a lock.
- Then it waits for its commit: one sync of the log at a time, which all share that wait when it
  begins. A sync takes the measured median, and one in a hundred the measured 99th percentile.
- Server processes keep no state. There are as many as are needed, and the time in them is not part
  of the wait; the cores that they need are reckoned with each busy for `BUSY` of the time.
- What a distributed PostgreSQL adds is left out: a router, a network, replicas to wait for.

`python -m bench.partitions` simulates with costs that are given to it.
"""

from __future__ import annotations

import argparse
import heapq
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.machine import percentile
from bench.table import Table

COUNTS = (1, 2, 5, 10, 20, 50, 100)
SKEWS = (0.0, 0.8, 1.0, 1.2)
ORGANIZERS = 100_000
CORES = 4
BOUND = 0.01
BUSY = 0.7
UPDATES = 100_000
"""So many are simulated for each rate that is tried."""
_SEED = 4
_STEPS = 12

Draw = Callable[[], float]


@dataclass(frozen=True)
class Costs:
    """What one update costs, in seconds: of a processor of PostgreSQL, of one of the server's; and
    a sync of the log, at the median and at the 99th percentile.
    """

    database: float
    server: float
    sync_p50: float
    sync_p99: float


@dataclass(frozen=True)
class Row:
    """`rate` updates a second over so many partitions, of all of which half take `p50` seconds.

    `busiest` is how many times the mean load the busiest partition has; `linear` the part that this
    leaves of what as many partitions could do; `server_cores` what the server processes need.
    """

    skew: float
    partitions: int
    rate: float
    p50: float
    busiest: float
    linear: float
    server_cores: float


def simulate(costs: Costs, cores: int, bound: float) -> list[Row]:
    """Simulate all numbers of partitions for each skew, with a p99 of `bound` seconds.

    Nothing is returned where an update alone takes longer, as with a slow disk.
    """
    alone = capacity(costs, cores, bound)
    rows: list[Row] = []
    if not alone:
        return rows
    for skew in SKEWS:
        weights = zipf(ORGANIZERS, skew)
        for count in COUNTS:
            parts = shares(weights, count)
            # All partitions are alike, so the one with the most to do comes to the bound first.
            rate = alone / max(parts)
            rows.append(
                Row(
                    skew=skew,
                    partitions=count,
                    rate=rate,
                    p50=_part(50, _of_all(costs, cores, rate, parts)),
                    busiest=max(parts) * count,
                    linear=rate / (alone * count),
                    server_cores=rate * costs.server / BUSY,
                )
            )
    return rows


def capacity(costs: Costs, cores: int, bound: float) -> float:
    """Return the updates a second of one partition at which their p99 comes to the bound.

    0 when it lies above the bound at any rate.
    """
    low, high = 0.0, cores / costs.database
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _part(99, partition(costs, cores, middle, UPDATES, _SEED)) <= bound:
            low = middle
        else:
            high = middle
    return low


def zipf(count: int, skew: float) -> list[float]:
    """Return the part that each of so many organizers has in all updates."""
    weights = [1 / rank**skew for rank in range(1, count + 1)]
    whole = sum(weights)
    return [weight / whole for weight in weights]


def shares(weights: Iterable[float], partitions: int) -> list[float]:
    """Give organizers to partitions at random, and return the part of each partition."""
    draw = random.Random(_SEED)
    parts = [0.0] * partitions
    for weight in weights:
        parts[draw.randrange(partitions)] += weight
    return parts


def partition(costs: Costs, cores: int, rate: float, updates: int, seed: int) -> list[float]:
    """Return the seconds that each update takes at a partition, at so many updates a second."""
    draw = random.Random(seed)
    arrivals = poisson(rate, updates, draw)
    done = served(arrivals, cores, lambda: draw.expovariate(1 / costs.database))
    synced = committed(done, lambda: costs.sync_p99 if draw.random() < 0.01 else costs.sync_p50)
    return [end - start for start, end in zip(arrivals, synced, strict=True)]


def poisson(rate: float, count: int, draw: random.Random) -> list[float]:
    """Return the moments at which so many updates arrive."""
    moments, now = [], 0.0
    for _ in range(count):
        now += draw.expovariate(rate)
        moments.append(now)
    return moments


def served(arrivals: Sequence[float], cores: int, service: Draw) -> list[float]:
    """Return when each is done that arrives, in their order, at so many cores with one queue."""
    free = [0.0] * cores
    done = []
    for arrival in arrivals:
        end = max(arrival, free[0]) + service()
        heapq.heapreplace(free, end)
        done.append(end)
    return done


def committed(ready: Sequence[float], sync: Draw) -> list[float]:
    """Return when each is durable that is ready then: one sync runs at a time, for all who wait."""
    durable = [0.0] * len(ready)
    begun = ended = float("-inf")
    for number in sorted(range(len(ready)), key=ready.__getitem__):
        if ready[number] > begun:  # too late for the sync before
            begun = max(ready[number], ended)
            ended = begun + sync()
        durable[number] = ended
    return durable


def _of_all(costs: Costs, cores: int, rate: float, parts: Sequence[float]) -> list[float]:
    """Return the seconds of updates at all partitions, each with its part of the rate."""
    found: list[float] = []
    for number, part in enumerate(parts):
        updates = round(UPDATES * part)
        found += partition(costs, cores, rate * part, updates, _SEED + number)
    return found


def _part(percent: int, seconds: Iterable[float]) -> float:
    return percentile(sorted(round(one * 1e9) for one in seconds), percent) / 1e9


def table(rows: Iterable[Row]) -> Table:
    """Arrange what was simulated."""
    heads = ["Skew", "Partitions", "Updates/s", "p50 ms of all", "Busiest/mean", "Of linear"]
    heads += ["Server cores"]
    cells = [
        [
            f"{row.skew:g}" if row.skew else "even",
            str(row.partitions),
            f"{row.rate:,.0f}",
            f"{row.p50 * 1e3:.1f}",
            f"{row.busiest:.2f}",
            f"{row.linear:.0%}",
            f"{row.server_cores:,.0f}",
        ]
        for row in rows
    ]
    return Table("Simulated: updates over many partitions", heads, cells)


def main() -> None:
    """Print the table for costs from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.partitions")
    parser.add_argument("--database-cpu", type=float, required=True, help="µs an update")
    parser.add_argument("--server-cpu", type=float, required=True, help="µs an update")
    parser.add_argument("--sync", type=float, nargs=2, required=True, help="p50 and p99 in ms")
    parser.add_argument("--cores", type=int, default=CORES, help=f"of each (default {CORES})")
    parser.add_argument("--bound", type=float, default=BOUND * 1e3, help="p99 in ms (default 10)")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    given = parser.parse_args()
    costs = Costs(
        database=given.database_cpu / 1e6,
        server=given.server_cpu / 1e6,
        sync_p50=given.sync[0] / 1e3,
        sync_p99=given.sync[1] / 1e3,
    )
    found = table(simulate(costs, given.cores, given.bound / 1e3))
    print(found.markdown() if given.markdown else found.aligned(), end="")


if __name__ == "__main__":
    main()
