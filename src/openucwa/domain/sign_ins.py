"""Limits of failed sign-ins: so many at once, and then one after each interval."""

from datetime import timedelta
from typing import NamedTuple


class Allowance(NamedTuple):
    """A token bucket: `at_once` failures, and one more after each `every`."""

    at_once: int
    every: timedelta


HERE = Allowance(10, timedelta(seconds=30))
"""Failures of an account, from a network where it has signed in before."""
ELSEWHERE = Allowance(10, timedelta(minutes=5))
"""Failures of an account, from any other network."""
EVERYWHERE = Allowance(100, timedelta(seconds=30))
"""Failures of an account, from all these other networks together."""
NETWORK = Allowance(100, timedelta(seconds=3))
"""Failures of all accounts that have not signed in from a network before, from that network."""
GUESTS = Allowance(50, timedelta(minutes=1))
"""New guests of a meeting from a network, none of whom has failed."""

LONGEST = max(one.at_once * one.every for one in (HERE, ELSEWHERE, EVERYWHERE, NETWORK, GUESTS))
"""Until the last of these is full again."""

NETWORKS = 16
"""Networks where an account has signed in: the last so many are remembered, for so long."""
REMEMBERED = timedelta(days=90)
