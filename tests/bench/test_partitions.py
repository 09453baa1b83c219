"""The simulation of partitions gives what queueing theory says where it says something."""

import math
import random

import pytest

from bench.partitions import (
    Costs,
    capacity,
    committed,
    partition,
    poisson,
    served,
    shares,
    simulate,
    zipf,
)

MANY = 300_000


def times(arrivals: list[float], ends: list[float]) -> list[float]:
    return [end - start for start, end in zip(arrivals, ends, strict=True)]


@pytest.mark.parametrize("load", [0.3, 0.7])
def test_one_core_with_exponential_times_is_the_queue_m_m_1(load: float) -> None:
    """There, the time that each takes is distributed exponentially, with the rate 1 - load."""
    draw = random.Random(1)
    arrivals = poisson(load, MANY, draw)
    took = sorted(times(arrivals, served(arrivals, 1, lambda: draw.expovariate(1))))
    assert sum(took) / MANY == pytest.approx(1 / (1 - load), rel=0.05)
    assert took[MANY * 99 // 100] == pytest.approx(math.log(100) / (1 - load), rel=0.05)


@pytest.mark.parametrize("load", [0.3, 0.7])
def test_one_core_with_constant_times_is_the_queue_m_d_1(load: float) -> None:
    """There, the mean wait is half of what it is with exponential times."""
    arrivals = poisson(load, MANY, random.Random(2))
    took = times(arrivals, served(arrivals, 1, lambda: 1.0))
    assert sum(took) / MANY == pytest.approx(1 + load / (2 * (1 - load)), rel=0.05)


def test_many_cores_take_work_from_one_queue() -> None:
    """The mean wait of the queue M/M/c is Erlang's probability of a wait over the spare rate."""
    cores, rate = 4, 3.0
    draw = random.Random(3)
    arrivals = poisson(rate, MANY, draw)
    took = times(arrivals, served(arrivals, cores, lambda: draw.expovariate(1)))
    wait = erlang_c(cores, rate) / (cores - rate)
    assert sum(took) / MANY == pytest.approx(1 + wait, rel=0.05)


def test_a_sync_is_shared_by_all_who_wait_when_it_begins() -> None:
    ready = [0.0, 0.1, 0.9, 1.5, 5.0]
    assert committed(ready, lambda: 1.0) == [1.0, 2.0, 2.0, 3.0, 6.0]


def test_who_is_ready_out_of_order_is_committed_in_the_order_of_readiness() -> None:
    assert committed([0.5, 0.0, 3.0], lambda: 1.0) == [2.0, 1.0, 4.0]


def test_the_capacity_of_a_partition_is_what_theory_says() -> None:
    """Without syncs it is the queue M/M/1: the bound is at a rate of 1/mean - ln(100)/bound."""
    costs = Costs(database=0.001, server=0.001, sync_p50=0.0, sync_p99=0.0)
    expected = 1000 - math.log(100) / 0.02
    assert capacity(costs, cores=1, bound=0.02) == pytest.approx(expected, rel=0.03)


def test_shares_are_parts_of_a_whole() -> None:
    weights = zipf(1000, 1.0)
    assert weights[0] == pytest.approx(10 * weights[9])
    assert sum(shares(weights, 7)) == pytest.approx(1)


def test_a_partition_is_the_same_each_time() -> None:
    costs = Costs(database=0.001, server=0.001, sync_p50=0.0005, sync_p99=0.002)
    assert partition(costs, 2, 900, 2000, 5) == partition(costs, 2, 900, 2000, 5)


def test_where_a_sync_takes_longer_than_is_allowed_nothing_is_simulated() -> None:
    costs = Costs(database=0.001, server=0.001, sync_p50=0.02, sync_p99=0.1)
    assert simulate(costs, cores=2, bound=0.01) == []


@pytest.mark.slow
def test_partitions_help_less_the_more_one_organizer_does() -> None:
    costs = Costs(database=0.001, server=0.002, sync_p50=0.0005, sync_p99=0.002)
    rows = {(row.skew, row.partitions): row for row in simulate(costs, cores=2, bound=0.01)}
    assert rows[0.0, 100].linear > 0.8
    assert rows[1.2, 100].linear < rows[1.0, 100].linear < rows[0.8, 100].linear < 0.8
    assert all(0.001 < row.p50 < 0.01 for row in rows.values())


def erlang_c(cores: int, offered: float) -> float:
    """The probability that an arrival at a queue M/M/c waits (Erlang's second formula)."""
    waits = offered**cores / math.factorial(cores) * cores / (cores - offered)
    return waits / (waits + sum(offered**n / math.factorial(n) for n in range(cores)))
