"""Ports for servers that end and start again."""

import random
import socket
from contextlib import suppress

_PORTS = range(20_000, 32_000)
"""Below those that systems give to whoever connects.

One of those could be taken while its server is down: by anybody, and even by a client who calls it
and, by chance, is given the very port that it calls, and so is connected to itself.
"""


def lasting_port(host: str) -> int:
    """A port on which nothing listens, and which nobody takes without asking for it."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((host, port))
            return port
