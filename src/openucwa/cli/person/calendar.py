"""Calendar files (RFC 5545) that invite to a meeting, and that take the invitation back (RFC 5546).

The UID is the same for all files of a meeting. SEQUENCE grows with its versions, so that a later
file replaces what an earlier one has put into a calendar.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from openucwa.cli.person import fields, people
from openucwa.wire import zones

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress, vText

_SHORTENED = 12
"""Bits. A version's number is larger than the one before by up to 24 bits."""
_YEARS_OF_ZONE = 2
"""Years from that of a meeting for which a file says when the clocks are set."""
_LARGEST_SEQUENCE = 2**31 - 1  # RFC 5545, section 3.3.8
_LINE_END = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
"""Characters that end a line for RFC 5545, or for parsers that split lines as Python does."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Section 3.1 has no place for these; and those of C1, which it lets in, steer terminals."""
_IN_ADDRESSES = "@!$&'*+-./=^_`{|}~%"
"""Characters that a mailto URI takes unescaped (RFC 6068, section 2); % is escaped already."""


@dataclass(frozen=True)
class Organizer:
    """The organizer of an invitation. Replies go to `email`, or else to the SIP address.

    `sent_by` is the address of who sends it in her name (RFC 5545, section 3.2.18).
    """

    uri: str
    name: str | None = None
    email: str | None = None
    sent_by: str | None = None

    @property
    def display(self) -> str:
        """The name to show."""
        return self.name or people.name(self.uri)

    @property
    def mailto(self) -> str:
        """Her address, for calendars."""
        return _mailto(self.email or self.uri)


def request(
    meeting: Mapping[str, object],
    *,
    etag: str | None,
    organizer: Organizer,
    start: datetime,
    end: datetime,
    description: str,
    now: datetime,
    zone: str | None = None,
    moved: str | None = None,
) -> bytes:
    """The file that invites. `meeting` has the properties as UCWA names them.

    `zone` names the time zone in which the meeting takes place; without one, times are in UTC.
    `moved` is the ETag of its time, which counts as a version of the meeting does.
    """
    from icalendar import vUri

    event = _event(meeting, sequence(etag, moved), organizer, now)
    here = zones.zone(zone) if zone and zone != zones.UTC else UTC
    event.add("dtstart", start.astimezone(here))
    event.add("dtend", end.astimezone(here))
    event["description"] = _text(description)
    if join_url := _line(str(meeting.get("joinUrl") or "")):
        event["location"] = _text(join_url)
        event["url"] = vUri(join_url)
    for attendee in _attendees(meeting, organizer.uri):
        attendee.params["PARTSTAT"] = "NEEDS-ACTION"
        attendee.params["RSVP"] = "TRUE"
        event.add("attendee", attendee, encode=False)
    return _file("REQUEST", event)


def cancellation(
    meeting: Mapping[str, object],
    *,
    etag: str | None,
    organizer: Organizer,
    start: datetime | None,
    now: datetime,
    moved: str | None = None,
) -> bytes:
    """The file that takes a meeting off the calendars that an invitation has put it into.

    Its SEQUENCE is larger than that of the invitation to the last version, whose ETag is `etag`.
    """
    last = sequence(etag, moved)
    event = _event(meeting, min(last + 1, _LARGEST_SEQUENCE), organizer, now)
    event["status"] = _text("CANCELLED")
    if start is not None:  # may be left out (RFC 5546, section 3.2.5), but some calendars want it
        event.add("dtstart", start.astimezone(UTC))
    for attendee in _attendees(meeting, organizer.uri):
        event.add("attendee", attendee, encode=False)
    return _file("CANCEL", event)


def sequence(etag: str | None, moved: str | None = None) -> int:
    """A number that grows with the versions of a meeting, and of its time, made from their ETags.

    Ours grows, too, but by steps that no calendar can count for long; so they are shortened. Where
    two versions come to the same number, or the ETag is none, the later DTSTAMP decides.
    """
    tags = (int(tag) for tag in (etag, moved) if tag and re.fullmatch("[0-9]{1,18}", tag))
    return min(sum(tag >> _SHORTENED for tag in tags), _LARGEST_SEQUENCE)


def _event(
    meeting: Mapping[str, object], sequence: int, organizer: Organizer, now: datetime
) -> "Event":
    from icalendar import Event

    event = Event()
    id = str(meeting.get("onlineMeetingId"))
    event["uid"] = _text(f"{id}@{people.domain(organizer.uri) or 'openucwa'}")
    event.add("sequence", sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event["summary"] = _text(str(meeting.get("subject") or "Online meeting"))
    event["organizer"] = _address(organizer.mailto, organizer.display)
    if organizer.sent_by:
        event["organizer"].params["SENT-BY"] = _mailto(organizer.sent_by)
    return event


def _file(method: str, event: "Event") -> bytes:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//OpenUCWA//openucwa//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    if (start := event.get("dtstart")) is not None:
        first = start.dt.date().replace(month=1, day=1)
        calendar.add_missing_timezones(first, first.replace(year=first.year + _YEARS_OF_ZONE))
    content: bytes = calendar.to_ical()
    return content


def _text(value: str) -> "vText":
    """A TEXT (section 3.3.11). The library's own takes a backslash before an N for a line break."""
    from icalendar import vText

    class Text(vText):
        def to_ical(self) -> bytes:
            escaped = re.sub(r"([\\;,])", r"\\\1", _CONTROL.sub("", _LINE_END.sub("\n", self)))
            return escaped.replace("\n", r"\n").encode()

    return Text(value)


def _line(value: str) -> str:
    """Return the text on one line, for values without escapes."""
    return _CONTROL.sub("", _LINE_END.sub(" ", value)).strip()


def _address(mailto: str, name: str) -> "vCalAddress":
    """An address with a name. A parameter can't hold a quotation mark (section 3.2)."""
    from icalendar import vCalAddress

    address = vCalAddress(mailto)
    address.params["CN"] = _line(name).replace('"', "'")
    return address


def _attendees(meeting: Mapping[str, object], organizer: str) -> "list[vCalAddress]":
    """Attendees and leaders, each once, without the organizer."""
    listed = [*fields.people_of(meeting, "attendees"), *fields.people_of(meeting, "leaders")]
    found = {people.key(one): one for one in reversed(listed)}
    found.pop(people.key(organizer), None)
    addresses = [_address(_mailto(one), people.name(one)) for one in reversed(found.values())]
    for one in addresses:
        one.params["ROLE"] = "REQ-PARTICIPANT"
    return addresses


def _mailto(address: str) -> str:
    """An address of mail: calendars tell nobody else. It is the SIP address without its scheme."""
    plain = re.sub("^sips?:", "", address.partition(";")[0], flags=re.IGNORECASE)
    return f"mailto:{quote(_line(plain), safe=_IN_ADDRESSES)}"
