"""Clients of OpenUCWA that follow event channels, while one of them changes a meeting."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from bench import channels, servers
from bench.channels import Channel
from bench.client import Client
from bench.events import Changes
from bench.fanout import Listener
from bench.http import UnexpectedAnswer
from bench.line import Line, Reply
from bench.servers import Installation, Server

_NEXT = re.compile(rb'"next":\{"href":"([^"]+)"')


class Follower(Listener):
    """A client that follows its channel."""

    def __init__(self, channel: Channel, server: Server) -> None:
        super().__init__(server)
        self.channel = channel

    def request(self) -> bytes:
        """The GET that waits for the next events."""
        return self.channel.request(self.server)

    def told(self, reply: Reply) -> None:
        """Note where the next events are."""
        found = _NEXT.search(reply.data)
        if reply.status != 200 or found is None:
            raise UnexpectedAnswer(repr(reply.data[:500]))
        self.channel = Channel(found[1].decode(), self.channel.token)


class Followers:
    """Followers of the same meeting."""

    def __init__(self, name: str, run: Changes, hearing: list[Channel]) -> None:
        self.name = name
        self.server = run.there
        self.listeners = [Follower(channel, run.there) for channel in hearing]
        self._run = run

    async def change(self) -> tuple[int, int]:
        """Change the meeting on a new connection."""
        line = await Line.open(servers.HOST, self._run.here.port)
        began = time.perf_counter_ns()
        await self._run.put(line)
        line.close()
        return self._run.serial, began


def groups(
    installation: Installation, listeners: int, say: Callable[[str], None]
) -> Iterator[Followers]:
    """Yield so many tabs of an application, applications of one user, and users, each in turn."""
    say(f"{listeners} channels of each kind")
    with _server(installation, listeners) as server, Client(server.root) as client:
        target = client.target(client.create(client.sign_in(*servers.OWNER)))
        tokens = channels.add_tokens(installation, listeners)
        kinds = {
            "tabs of one application": channels.of_client(client, listeners),
            "applications of one user": channels.of_applications(client, listeners),
            "users": [channels.of_token(client, token) for token in tokens],
        }
    channels.let_follow(installation, len(tokens))
    with _server(installation, listeners) as server:
        run = Changes(server, server, target)
        for kind, hearing in kinds.items():
            yield Followers(f"{listeners} {kind}", run, hearing)


def _server(installation: Installation, listeners: int) -> AbstractContextManager[Server]:
    return servers.openucwa_server(
        installation,
        applications_per_user=2 * listeners + 2,
        pending_gets_per_user=listeners,
    )
