"""Invitations: a meeting as a calendar entry (RFC 5545), with the ways to join it.

UCWA knows when a meeting expires and not when it starts; so the start comes from the person.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from openucwa.cli.person import fields, people

_SHORTENED = 12
"""Bits. A version's number is larger than the one before by up to 24 bits."""
_LARGEST_SEQUENCE = 2**31 - 1  # RFC 5545, section 3.3.8


@dataclass(frozen=True)
class DialIn:
    """The numbers that callers dial: each with its region."""

    numbers: Sequence[tuple[str, str]] = ()
    """Region and `tel:` URI."""
    directory: str | None = None
    """The page with all numbers."""


@dataclass(frozen=True)
class Organizer:
    """Who invites. `email` is where answers go; without it the SIP address stands for it."""

    uri: str
    name: str | None = None
    email: str | None = None


def ics(
    meeting: Mapping[str, object],
    *,
    sequence: int,
    organizer: Organizer,
    start: datetime,
    end: datetime,
    dial_in: DialIn | None,
    now: datetime,
) -> bytes:
    """The invitation as an iCalendar file. `meeting` has the properties as UCWA names them.

    The UID is the same for all versions of a meeting; `sequence` grows from one to the next, so
    that a later file replaces what an earlier one has put into a calendar.
    """
    from icalendar import Calendar, Event, vCalAddress, vText, vUri

    id = str(meeting.get("onlineMeetingId"))
    join_url = str(meeting.get("joinUrl") or "")
    event = Event()
    event.add("uid", f"{id}@{people.domain(organizer.uri) or 'openucwa'}")
    event.add("sequence", sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", start.astimezone(UTC))
    event.add("dtend", end.astimezone(UTC))
    event.add("summary", str(meeting.get("subject") or "Online meeting"))
    event.add("description", text(meeting, dial_in))
    if join_url:
        event.add("location", join_url)
        event.add("url", vUri(join_url))
    event["organizer"] = vCalAddress(
        f"mailto:{organizer.email}" if organizer.email else _mailto(organizer.uri)
    )
    event["organizer"].params["CN"] = vText(organizer.name or people.name(organizer.uri))
    for uri in _invited(meeting, organizer.uri):
        attendee = vCalAddress(_mailto(uri))
        attendee.params["CN"] = vText(people.name(uri))
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
        attendee.params["RSVP"] = vText("TRUE")
        event.add("attendee", attendee, encode=False)
    calendar = Calendar()
    calendar.add("prodid", "-//OpenUCWA//openucwa meeting invite//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def text(meeting: Mapping[str, object], dial_in: DialIn | None) -> str:
    """The invitation in words."""
    parts = [str(meeting.get("description") or "")]
    if meeting.get("joinUrl"):
        parts.append(f"Join the meeting: {meeting['joinUrl']}")
    conference_id = meeting.get("conferenceId")
    if conference_id and dial_in:
        numbers = [f"  {number(tel)} ({region})" for region, tel in dial_in.numbers]
        lines = ["Join by phone:", *numbers, f"  Conference ID: {conference_id}"]
        if dial_in.directory:
            lines.append(f"  More numbers: {dial_in.directory}")
        parts.append("\n".join(lines))
    return "\n\n".join(filter(None, parts))


def number(tel: str) -> str:
    """A `tel:` URI (RFC 3966) as people read it."""
    plain, _, extension = tel.removeprefix("tel:").partition(";ext=")
    return f"{plain} ext. {extension}" if extension else plain


def span(
    expires: datetime | None, start: datetime | None, minutes: int | None
) -> tuple[datetime, datetime] | None:
    """From when to when it is: what was asked for, or up to its expiry; None if nothing says."""
    if start is not None:
        return start, start + timedelta(minutes=minutes or 60)
    if expires is None:
        return None
    return expires - timedelta(minutes=minutes or 60), expires


def sequence(etag: str | None) -> int:
    """A number that grows with the versions of a meeting, made from its ETag.

    Ours grows, too, but by steps that no calendar can count for long; so they are shortened. Where
    two versions come to the same number, or the ETag is none, the later DTSTAMP decides.
    """
    found = int(etag) if etag and re.fullmatch("[0-9]{1,18}", etag) else 0
    return min(found >> _SHORTENED, _LARGEST_SEQUENCE)


def _invited(meeting: Mapping[str, object], organizer: str) -> list[str]:
    """Attendees and leaders, each once, without the organizer."""
    listed = [*fields.people_of(meeting, "attendees"), *fields.people_of(meeting, "leaders")]
    found = {people.key(one): one for one in reversed(listed)}
    found.pop(people.key(organizer), None)
    return list(reversed(found.values()))


def _mailto(uri: str) -> str:
    """An address of mail: calendars tell nobody else. It is the SIP address without its scheme."""
    return re.sub("^sips?:", "mailto:", uri.partition(";")[0], flags=re.IGNORECASE)
