"""Calendars with an event in each, made at a CalDAV server (RFC 4791)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin

from bench.client import Client
from bench.document import SERIAL, Document
from bench.servers import Server

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


def events(server: Server, home: str, headers: Mapping[str, str], count: int) -> list[Document]:
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
