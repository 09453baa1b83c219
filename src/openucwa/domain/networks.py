"""Networks: the places by which clients are counted, and slowed down."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_SUBSCRIBER = 64
"""Bits of an IPv6 address that an Internet provider gives to a customer; the rest she chooses."""


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that a text names, or None. An IPv4 address may be mapped to IPv6."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def network_of(text: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 of an IPv6 address."""
    found = address_of(text)
    if found is None:
        return text[:64]  # a socket of another kind, or what a proxy makes up
    if isinstance(found, IPv6Address):
        return str(ip_network((found, _SUBSCRIBER), strict=False))
    return str(found)
