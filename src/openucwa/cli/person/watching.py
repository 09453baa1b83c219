"""Following what happens, as it happens."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from openucwa.cli.person import fields, others, screen, session, showing, times
from openucwa.cli.person.author import Author, author
from openucwa.cli.person.session import Session
from openucwa.wire import merge as merging
from openucwa.wire.members import SCHEDULE

if TYPE_CHECKING:
    from openucwa.client import Change, Event, Meeting


def watch(connected: Session, id: str, *, as_json: bool) -> None:
    """Tell each change of a meeting, until it is cancelled or Ctrl+C is pressed."""
    from openucwa.client import MeetingNotFound

    shown = session.find(connected, id)
    if as_json:
        showing.write_line({"type": "current", "meeting": showing.meeting_json(shown)})
    else:
        connected.saw(shown)
        showing.show(shown)
        screen.say("\nWaiting for changes. Press Ctrl+C to stop.")
    with suppress(KeyboardInterrupt):
        for event in connected.client.events():
            if not _concerns(event, shown):
                continue
            try:
                now = connected.client.meetings.get(shown)
            except MeetingNotFound:
                _tell_cancelled(shown, as_json=as_json)
                return
            changed = merging.differing(shown.properties, now.properties)
            if changed:
                change = None if SCHEDULE in changed else _change(event, now)
                other = author(connected, change or others.latest(connected, now, changed))
                _tell(shown, now, changed, other, as_json=as_json)
                if not as_json:
                    connected.saw(now)
            shown = now


def _concerns(event: "Event", meeting: "Meeting") -> bool:
    """Return whether an event may concern the meeting: it is about it, or events were missed."""
    return event.type == "resync" or _path(event.href) == _path(meeting.href)


def _path(href: str) -> str:
    return urlsplit(href).path.rstrip("/").lower()


def _change(event: "Event", meeting: "Meeting") -> "Change | None":
    """Return the author and time of the version, if the event tells of that very one."""
    is_it = event.meeting is not None and event.meeting.etag == meeting.etag
    return event.change if is_it else None


def _tell(
    before: "Meeting",
    now: "Meeting",
    changed: Sequence[str],
    other: Author,
    *,
    as_json: bool,
) -> None:
    if as_json:
        showing.write_line(
            {
                "type": "updated",
                "meeting": showing.meeting_json(now),
                "changed": list(changed),
                **other.as_json(),
            }
        )
        return
    at = times.short(other.at or times.now())
    screen.say(f"{at} {other.subject(with_device=True)} changed")
    showing.show_changes(before.properties, now.properties)


def _tell_cancelled(meeting: "Meeting", *, as_json: bool) -> None:
    if as_json:
        showing.write_line({"type": "deleted", "meeting": showing.meeting_json(meeting)})
    else:
        what = (
            "was cancelled, or is no longer shared with you"
            if meeting.is_shared
            else "was cancelled"
        )
        screen.say(f"{times.short(times.now())} The meeting {what}.")


def follow(connected: Session, *, goes_on: bool, as_json: bool) -> None:
    """Tell what happens: the next event, or all until Ctrl+C is pressed."""
    with suppress(KeyboardInterrupt):
        for event in connected.client.events():
            if as_json:
                showing.write_line(_as_json(event, author(connected, event.change)))
            else:
                screen.say(_as_text(event, author(connected, event.change)))
            if not goes_on:
                return


def _as_json(event: "Event", other: Author) -> dict[str, object]:
    found = event.resource
    return {
        "type": str(event.type),
        "rel": event.rel,
        "href": event.href,
        "sender": event.sender_rel,
        "in": event.within.rel if event.within else None,
        **other.as_json(),
        "resource": showing.as_json(found.properties, etag=found.etag) if found else None,
    }


def _as_text(event: "Event", other: Author) -> str:
    """Return the object of an event, the name of its change, and who made that."""
    found = event.resource.properties if event.resource else {}
    name = found.get("subject") or found.get("name") or ""
    id = found.get("onlineMeetingId") or event.href.rstrip("/").rpartition("/")[2]
    parts = (times.now().strftime("%H:%M:%S"), str(event.type), event.rel, str(id), str(name))
    by = f", by {other.name}{other.where}{other.whom}" if other.is_known else ""
    return fields.plain(" ".join(filter(None, parts))) + by
