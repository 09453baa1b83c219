"""How many sign-ins may fail, and how fast more may after that."""

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple


class Allowance(NamedTuple):
    """A token bucket: `at_once` failures, and one more after each `every`."""

    at_once: int
    every: timedelta


HERE = Allowance(10, timedelta(seconds=30))
"""Of an account, from a network where it has signed in before."""
ELSEWHERE = Allowance(10, timedelta(minutes=5))
"""Of an account, from any other network."""
EVERYWHERE = Allowance(100, timedelta(seconds=30))
"""Of an account, from all these other networks together."""
NETWORK = Allowance(100, timedelta(seconds=3))
"""Of all accounts that have not signed in from a network before, from that network."""
GUESTS = Allowance(50, timedelta(minutes=1))
"""New guests of a meeting from a network, none of whom has failed."""

LONGEST = max(one.at_once * one.every for one in (HERE, ELSEWHERE, EVERYWHERE, NETWORK, GUESTS))
"""Until the last of these is full again."""

NETWORKS = 16
"""How many networks are remembered where an account has signed in, and for how long."""
REMEMBERED = timedelta(days=90)

_SUBSCRIBER = 64
"""Bits of an IPv6 address that an Internet provider gives to a customer; the rest she chooses."""


def network_of(address: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]  # a socket of another kind, or what a proxy makes up
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _SUBSCRIBER), strict=False))
