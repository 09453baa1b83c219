"""Event channels, as many as are wanted: users, each with an application of many instances."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench import servers
from bench.client import Client
from bench.servers import Installation, Server

PER_USER = 100
"""OpenUCWA's default for the requests of one user that wait for events."""
# The longest that clients may ask for, so that no request is answered for its time.
_TIMEOUT = 1800


@dataclass(frozen=True)
class Channel:
    """An event channel: where its next events are, and its user's token."""

    href: str
    token: str

    def request(self, server: Server) -> bytes:
        """The GET that waits for events."""
        return (
            f"GET {self.href}&timeout={_TIMEOUT} HTTP/1.1\r\n"
            f"Host: {servers.HOST}:{server.port}\r\n"
            f"Accept: application/json\r\nAuthorization: Bearer {self.token}\r\n\r\n"
        ).encode()


def add_people(installation: Installation, channels: int) -> list[str]:
    """Add users enough for so many channels; return their names."""
    names = [f"listener{n}@{servers.DOMAIN}" for n in range(-(-channels // PER_USER))]
    file = installation.data / "people.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(["sip", "name", "password"])
        rows.writerows([f"sip:{name}", name, servers.PASSWORD] for name in names)
    servers.run(installation, "user", "import", str(file))
    return names


def open_channels(root: str, names: list[str], count: int) -> list[Channel]:
    """Sign the users in and open `count` channels, `PER_USER` for each."""
    found: list[Channel] = []
    for name in names:
        with Client(root) as client:
            client.sign_in(name, servers.PASSWORD)
            wanted = min(PER_USER, count - len(found))
            found += of_client(client, wanted)
    return found


def of_client(client: Client, count: int) -> list[Channel]:
    """Channels of a client that has signed in, which have nothing to tell yet.

    That of its application's first instance has: of the user's standing meeting, for one.
    """
    return [Channel(client.add_instance(), client.token) for _ in range(count)]


@contextmanager
def server_for_channels(installation: Installation) -> Iterator[Server]:
    """Run OpenUCWA with room for `PER_USER` channels of a user."""
    with servers.openucwa_server(installation, applications_per_user=PER_USER + 1) as server:
        yield server
