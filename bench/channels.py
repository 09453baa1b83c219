"""Event channels, as many as are wanted: users, each with an application of many instances."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench import fill, servers
from bench.client import Client
from bench.servers import Installation, Server
from openucwa.domain.facts import of_meetings
from openucwa.http.authentication import hash_of

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
            f"GET {self.href}&extended=true&timeout={_TIMEOUT} HTTP/1.1\r\n"
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


def of_applications(client: Client, count: int) -> list[Channel]:
    """Channels of so many applications of the user of a client."""
    return [Channel(client.add_application(), client.token) for _ in range(count)]


def add_tokens(installation: Installation, count: int) -> list[str]:
    """Add so many users, each with a token; return the tokens."""
    names = [f"member{n}@{servers.DOMAIN}" for n in range(count)]
    tokens = [f"cwt={secrets.token_urlsafe(32)}" for _ in names]
    with fill.opened(installation) as tables:
        (user,) = tables.read("SELECT * FROM users WHERE sip_key LIKE 'sip:bench@%'")
        (token,) = tables.read("SELECT * FROM tokens")
        rows = [
            user
            | {
                "id": fill.FIRST_USER + number,
                "sip_key": f"sip:{name}",
                "join_name": f"member{number}",
                "profile": user["profile"].replace(servers.USERNAME, name),
            }
            for number, name in enumerate(names)
        ]
        tables.write("users", list(user), (tuple(row.values()) for row in rows))
        tables.write(
            "tokens",
            list(token),
            (
                tuple({**token, "hash": hash_of(own), "user_id": fill.FIRST_USER + number}.values())
                for number, own in enumerate(tokens)
            ),
        )
    return tokens


def of_token(client: Client, token: str) -> Channel:
    """The channel of an application of the user whose token it is."""
    with Client(client.root, token) as other:
        other.applications = client.applications
        return Channel(other.add_application(), token)


def let_follow(installation: Installation, count: int) -> None:
    """Make the users of `add_tokens` delegates of the first one, which their channels follow.

    They are more than a user may have: the benchmark is of what comes of a change.
    """
    with fill.opened(installation) as tables:
        channels = tables.read("SELECT user_id, application_id, instance_id, since FROM channels")
        found = [one for one in channels if one["user_id"] >= fill.FIRST_USER]
        assert len(found) == count
        tables.write(
            "follows",
            ["user_id", "application_id", "instance_id", "since", "topic", "part"],
            ((*row.values(), of_meetings(1), "") for row in found),
        )
        delegates = {row["user_id"] for row in found}
        tables.write("delegates", ["organizer_id", "delegate_id"], ((1, id) for id in delegates))


@contextmanager
def server_for_channels(installation: Installation) -> Iterator[Server]:
    """Run OpenUCWA with room for `PER_USER` channels of a user."""
    with servers.openucwa_server(installation, applications_per_user=PER_USER + 1) as server:
        yield server
