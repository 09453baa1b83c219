"""CalDAV servers (RFC 4791): Radicale, which keeps each event in a file, and Xandikos, in git."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from bench import servers
from bench.client import Client
from bench.document import SERIAL, Document
from bench.peers import granian
from bench.peers.environment import Environment
from bench.peers.peer import Peer
from bench.servers import Server

RADICALE = Environment("radicale", ["radicale", "granian"])
XANDIKOS = Environment("xandikos", ["xandikos"])
_USER = "dana"
# Each update is synced to the disk, which is the default. The user is named by a reverse proxy, as
# the manual has it: that spares Radicale the work of checking passwords.
_CONFIGURATION = """[auth]
type = http_x_remote_user
[storage]
filesystem_folder = {folder}/store
[logging]
level = warning
"""
_CALENDAR = b"""<C:mkcalendar xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:">
<D:set><D:prop><D:displayname>Meetings</D:displayname></D:prop></D:set></C:mkcalendar>"""
_EVENT = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//OpenUCWA//prove//EN
BEGIN:VEVENT
UID:weekly-%d
DTSTAMP:20261101T000000Z
DTSTART:20261102T100000Z
DTEND:20261102T110000Z
SUMMARY:{SERIAL}
DESCRIPTION:Weekly meeting
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@contextmanager
def radicale(folder: Path, documents: int) -> Iterator[Peer]:
    """Run it in `folder`, with so many events.

    Raises PeerFailed, ServerFailed and UnexpectedAnswer.
    """
    RADICALE.set_up()
    file = folder / "radicale.conf"
    file.write_text(_CONFIGURATION.format(folder=folder), encoding="utf-8")
    processes = os.cpu_count() or 1
    with granian.serving(
        RADICALE, "radicale:application", folder, {"RADICALE_CONFIG": str(file)}, processes
    ) as server:
        made = _events(server, f"/{_USER}/", {"X-Remote-User": _USER}, documents)
        setup = f"{granian.setup(processes)}; files, synced"
        yield Peer("Radicale", RADICALE.version(), setup, server, made)


@contextmanager
def xandikos(folder: Path, documents: int) -> Iterator[Peer]:
    """Run it in `folder`, with so many events.

    It runs as its manual has it: one process, its own HTTP server, users left to a reverse proxy.
    Raises PeerFailed, ServerFailed and UnexpectedAnswer.
    """
    XANDIKOS.set_up()
    principal = f"/{_USER}/"
    port = servers.free_port()
    command = [XANDIKOS.program("xandikos"), "serve", "--no-detect-systemd"]
    command += ["--directory", str(folder / "store"), "--autocreate"]
    command += ["--current-user-principal", principal, "--state-dir", str(folder / "state")]
    command += ["--listen-address", servers.HOST, "--port", str(port)]
    with servers.running(command, servers.variables(), port, folder) as server:
        made = _events(server, f"{principal}calendars/", {}, documents)
        setup = "its own server, 1 process; git repositories, not synced"
        yield Peer("Xandikos", XANDIKOS.version(), setup, server, made)


def _events(server: Server, home: str, headers: Mapping[str, str], count: int) -> list[Document]:
    """Make so many calendars below the path `home`, which ends in a slash, with an event in each.

    `headers` go with every request. Raises UnexpectedAnswer.
    """
    put = {**headers, "Accept": "text/calendar", "Content-Type": "text/calendar; charset=utf-8"}
    made = []
    with Client(server.root) as client:
        for number in range(count):
            path = f"{home}calendar{number}/"
            xml = {**headers, "Content-Type": "application/xml"}
            client.ask("MKCALENDAR", path, _CALENDAR, xml, expect=(201,))
            url = urljoin(server.root, f"{path}weekly.ics")
            document = Document(url, put, _EVENT % number)
            client.ask("PUT", url, document.update("Weekly meeting"), put, expect=(201,))
            made.append(document)
    return made
