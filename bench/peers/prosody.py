"""Prosody, an XMPP server: occupants of a room are told of each message, over BOSH (XEP-0124).

A client of BOSH keeps a request pending, as one of OpenUCWA's event channel does.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import quoteattr

from bench import load, servers
from bench.fanout import Listener
from bench.http import Connection, UnexpectedAnswer
from bench.line import Line, Reply
from bench.peers.environment import Program
from bench.servers import Server

PROGRAM = Program("prosody", "prosody")
HEADERS = {"Host": "localhost", "Content-Type": "text/xml; charset=utf-8"}
# Signing in needs no password. The rooms tell nobody who comes and goes, as that is not measured.
_CONFIGURATION = """\
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}"
certificates = "{folder}"
log = {{ warn = "*console" }}
modules_enabled = {{ "saslauth", "bosh" }}
modules_disabled = {{ "c2s", "s2s", "offline", "posix" }}
authentication = "anonymous"
http_interfaces = {{ "127.0.0.1" }}
http_ports = {{ {port} }}
https_ports = {{}}
consider_bosh_secure = true
c2s_require_encryption = false
bosh_max_inactivity = 3600
VirtualHost "localhost"
Component "rooms.localhost" "muc"
    muc_room_locking = false
    muc_room_default_presence_broadcast = {{
        visitor = false, participant = false, moderator = false
    }}
"""
_ROOM = "meeting@rooms.localhost"
_BOSH = "http://jabber.org/protocol/httpbind"
_OPENING = "to='localhost' wait='60' hold='1' ver='1.6' xmpp:version='1.0'"
_SIGN_IN = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"
_BIND = (
    "<iq xmlns='jabber:client' type='set' id='bind'>"
    "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
)
_JOIN = (
    f"<presence xmlns='jabber:client' to='{_ROOM}/{{nick}}'>"
    "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>"
)
_MESSAGE = (
    f"<message xmlns='jabber:client' type='groupchat' to='{_ROOM}'>"
    "<body>{subject}</body></message>"
)


class Occupant(Listener):
    """A client in the room, with a session of its own."""

    def __init__(self, server: Server, nick: str) -> None:
        super().__init__(server)
        self._rid, self._sid = 0, ""
        with Connection(server.root) as connection:
            opened = self._step(connection, "", _OPENING)
            found = re.search(r"\bsid='([^']+)'", opened)
            if found is None:
                raise UnexpectedAnswer(opened[:500])
            self._sid = found[1]
            for stanza, attributes, expected in (
                (_SIGN_IN, "", "<success"),
                ("", "xmpp:restart='true'", "<bind"),
                (_BIND, "", "<jid>"),
                (_JOIN.format(nick=nick), "", "code='110'"),  # its own presence
            ):
                answer = self._step(connection, stanza, attributes)
                if expected not in answer:
                    raise UnexpectedAnswer(answer[:500])

    def request(self) -> bytes:
        """The request that waits for stanzas."""
        return self.sending("")

    def told(self, reply: Reply) -> None:
        """Check that the session goes on."""
        if reply.status != 200 or b"type='terminate'" in reply.data:
            raise UnexpectedAnswer(repr(reply.data[:500]))

    def sending(self, stanza: str) -> bytes:
        """The request that sends a stanza."""
        content = self._body(stanza)
        headers = HEADERS | {"Content-Length": str(len(content))}
        lines = ["POST /http-bind HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items()), "", ""]
        return "\r\n".join(lines).encode() + content

    def _step(self, connection: Connection, stanza: str, attributes: str) -> str:
        connection.send("POST", "/http-bind", HEADERS, self._body(stanza, attributes))
        return connection.answer().body.decode()

    def _body(self, stanza: str, attributes: str = "") -> bytes:
        self._rid += 1
        session = f"sid={quoteattr(self._sid)}" if self._sid else ""
        return (
            f"<body xmlns='{_BOSH}' xmlns:xmpp='urn:xmpp:xbosh' rid='{self._rid}' {session}"
            f" {attributes}>{stanza}</body>"
        ).encode()


class Room:
    """A room with so many occupants who hear, and one more who speaks."""

    def __init__(self, server: Server, listeners: int) -> None:
        self.name = f"Prosody, {listeners} in a room"
        self.server = server
        self.listeners = [Occupant(server, f"listener{number}") for number in range(listeners)]
        self._speaker = Occupant(server, "speaker")
        self.changes = 0

    async def change(self) -> tuple[int, int]:
        """Send a message on a new connection; its answer shows the message to the speaker."""
        self.changes += 1
        subject = (load.SUBJECT_FORMAT % self.changes).decode()
        request = self._speaker.sending(_MESSAGE.format(subject=subject))
        line = await Line.open(servers.HOST, self.server.port)
        began = time.perf_counter_ns()
        reply = await line.ask(request)
        line.close()
        if subject.encode() not in reply.data:
            raise UnexpectedAnswer(repr(reply.data[:500]))
        return self.changes, began


@contextmanager
def running(folder: Path, listeners: int) -> Iterator[Room]:
    """Run it in `folder`, with a room of so many listeners.

    Raises PeerFailed, ServerFailed and UnexpectedAnswer.
    """
    PROGRAM.set_up()
    port = servers.free_port()
    file = folder / "prosody.cfg.lua"
    file.write_text(_CONFIGURATION.format(folder=folder, port=port), encoding="utf-8")
    command = [PROGRAM.path, "-F", "--config", str(file)]
    with servers.running(command, servers.variables(), port, folder) as server:
        yield Room(server, listeners)


def version() -> str:
    """Return the version that is installed; `prosody --version` would start a server."""
    done = subprocess.run(
        ["prosodyctl", "about"],
        check=False,
        capture_output=True,
        text=True,
    )
    found = re.search(r"Prosody (\S+)", done.stdout)
    return found[1] if found else ""
