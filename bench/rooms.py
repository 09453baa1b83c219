"""Clients of OpenUCWA who are in a meeting, while one of them sends messages to it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import channels, load, servers
from bench.channels import Channel
from bench.client import Client
from bench.following import Follower
from bench.http import UnexpectedAnswer
from bench.line import Line
from bench.servers import Installation, Server

SIZES = (2, 50, 250, 1000)
"""People in the meeting, the speaker among them."""
RATE = 15
"""Messages a second, under load."""
LOADED = 250
"""The size of the meeting that has this load."""


class Speaker:
    """The organizer of a meeting, who has so many others in it, and speaks."""

    def __init__(self, server: Server, hearing: list[Channel], send: str, token: str) -> None:
        self.name = f"{len(hearing) + 1} in a meeting"
        self.server = server
        self.listeners = [Follower(channel, server) for channel in hearing]
        self._send, self._token = send, token
        self._messages = 0

    async def change(self) -> tuple[int, int]:
        """Send a message on a new connection."""
        self._messages += 1
        text = load.SUBJECT_FORMAT % self._messages
        line = await Line.open(servers.HOST, self.server.port)
        began = time.perf_counter_ns()
        reply = await line.ask(
            f"POST {self._send} HTTP/1.1\r\nHost: {servers.HOST}:{self.server.port}\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(text)}\r\n\r\n".encode()
            + text
        )
        line.close()
        if reply.status != 201:
            raise UnexpectedAnswer(repr(reply.data[:500]))
        return self._messages, began


@contextmanager
def running(installation: Installation, size: int) -> Iterator[Speaker]:
    """Run a server with a meeting of so many people."""
    with servers.openucwa_server(installation) as server, Client(server.root) as organizer:
        meeting = organizer.ask("GET", organizer.create(organizer.sign_in(*servers.OWNER)))
        tokens = channels.add_tokens(installation, size - 1)
        uri = str(meeting.resource()["onlineMeetingUri"])
        messaging = _join(organizer, uri)
        others = [Client(organizer.root, token) for token in tokens]
        for one in others:
            one.register(organizer.applications)
            _join(one, uri)
        # Tabs that are opened now are not told of all who have come.
        tabs = [Channel(one.add_instance(), one.token) for one in others]
        for one in others:
            one.close()
        send = organizer.ask("GET", messaging).resource()["_links"]["sendMessage"]["href"]
        yield Speaker(server, tabs, send, organizer.token)


def _join(client: Client, uri: str) -> str:
    """Join a meeting and take its messages; return the address of messaging."""
    links = client.application["_embedded"]["communication"]["_links"]
    body = json.dumps({"onlineMeetingUri": uri}).encode()
    invitation = client.ask("POST", links["joinOnlineMeeting"]["href"], body, expect=(201,))
    conversation = client.ask("GET", invitation.resource()["_links"]["conversation"]["href"])
    href = str(conversation.resource()["_links"]["messaging"]["href"])
    messaging = client.ask("GET", href).resource()
    client.ask("POST", messaging["_links"]["addMessaging"]["href"], b"{}", expect=(201,))
    return href
