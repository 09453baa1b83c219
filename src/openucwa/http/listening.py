"""The address at which the server listens: for one process, or for many that share it."""

import ipaddress
import socket
import sys

_BACKLOG = 2048


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach that host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def take(host: str, port: int) -> socket.socket:
    """Take an address, which nobody else may listen at; port 0 is any that is free.

    The socket does not listen yet. Raises OSError when the address can't be had.
    """
    return _bound(socket.AF_INET6 if ":" in host else socket.AF_INET, (host, port))


def listen(taken: socket.socket) -> socket.socket:
    """Listen at an address that has been taken."""
    taken.listen(_BACKLOG)
    return taken


def share(taken: socket.socket) -> socket.socket:
    """Another socket that listens at an address that has been taken.

    The system deals connections out to all of these evenly, which it does not do for processes that
    accept from one socket. What has been dealt to a socket waits there while any process has it.
    """
    if sys.platform != "linux":  # others let many sockets listen, but deal to one of them alone
        return listen(taken.dup())
    # Only now: had it been set when the address was taken, two servers could have taken the same.
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return listen(_bound(taken.family, taken.getsockname(), socket.SO_REUSEPORT))


def _bound(family: int, address: tuple[str, int], *options: int) -> socket.socket:
    found = socket.socket(family)
    try:
        for option in (socket.SO_REUSEADDR, *options):
            found.setsockopt(socket.SOL_SOCKET, option, 1)
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        found.bind(address)
    except OSError:
        found.close()
        raise
    return found
