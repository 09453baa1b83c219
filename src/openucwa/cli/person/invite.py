"""openucwa meeting invite; and the calendar file that goes out when a meeting is cancelled."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import streams
from openucwa.cli.failure import Failure, WrongInput
from openucwa.cli.person import (
    calendar,
    fields,
    invitation,
    options,
    screen,
    session,
    showing,
    times,
)
from openucwa.cli.person.calendar import Organizer
from openucwa.cli.person.invitation import DialIn, Span
from openucwa.cli.person.session import Session

if TYPE_CHECKING:
    from openucwa.client import Meeting

_USUAL = 60
"""Minutes that a meeting is taken to last."""


def command(
    id: options.Id,
    ics: Annotated[bool, typer.Option("--ics", help="Write an iCalendar file.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The file to write to.  [default: standard output]",
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="The start, for a meeting without a time.  [default: --minutes before it expires]",
        ),
    ] = None,
    minutes: Annotated[
        int | None,
        typer.Option(min=1, max=60 * 24 * 7, help="The duration in minutes.  [default: 60]"),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Write an invitation: as text, or with --ics as a calendar file to send or to import.

    Other servers than OpenUCWA do not store the start of a meeting. Give it with --start.
    """
    begins = times.read(start) if start else None
    with session.connected() as connected:
        meeting = session.find(connected, id)
        with screen.waiting("Fetching the details of the invitation"):
            dial_in = _dial_in(connected)
            organizer = _organizer(connected, meeting)
    planned = _planned(meeting, begins, minutes)
    if ics:
        span = planned or invitation.span(meeting.expires, begins, minutes or _USUAL)
        content = _file(meeting, organizer, dial_in, span).decode()
    else:
        span = planned or invitation.span(meeting.expires, begins, minutes)
        shown = f"{organizer.display} ({organizer.email or organizer.uri})"
        content = invitation.text(meeting.properties, dial_in, organizer=shown, span=span) + "\n"
    if planned is None:
        _warn(meeting, span, is_given=begins is not None)
    _write(content, output, "ics" if ics else "text", as_json=as_json)


def _planned(meeting: "Meeting", begins: datetime | None, minutes: int | None) -> Span | None:
    """The time that the meeting has. Raises WrongInput for options that say another one."""
    if meeting.starts is None or meeting.ends is None:
        return None
    if begins is not None or minutes is not None:
        raise WrongInput(
            "The meeting has a time, which the invitation has, too. Use openucwa meeting update "
            f"{meeting.id} --start to move it, and leave --start and --minutes out here."
        )
    return Span(meeting.starts, meeting.ends)


@contextmanager
def withdrawal(
    connected: Session, meeting: "Meeting", target: str | None, begins: datetime | None
) -> Iterator[dict[str, object]]:
    """Write the file that takes a meeting off calendars, once the block has cancelled it.

    `target` is a file, "-" for standard output, or None for no such file. What the command writes
    as JSON has the members that are yielded, too. Raises WrongInput before the block, and Failure
    after it.
    """
    if target is None:
        yield {}
        return
    if begins is None:
        begins = meeting.starts
    if begins is None and meeting.expires is not None:
        begins = times.after(meeting.expires, -_USUAL)
    content = calendar.cancellation(
        meeting.properties,
        etag=meeting.etag,
        organizer=_organizer(connected, meeting),
        start=begins,
        now=times.now(),
        moved=meeting.schedule_etag,
    )
    if target == "-":
        yield {"ics": content.decode()}
        return
    with _written(Path(target), content):
        yield {"file": target}


def when_withdrawn(start: str | None, target: str | None) -> datetime | None:
    """Return the start for the file that removes a meeting from calendars. Raises WrongInput."""
    if start is not None and target is None:
        raise WrongInput("--start needs a calendar file. Add --ics FILE.")
    return times.read(start) if start else None


def tell_of_withdrawal(meeting: "Meeting", target: str | None) -> None:
    """Say how others can be told, to a person who is about to cancel what is in their calendars."""
    if target is None and (meeting.attendees or meeting.leaders):
        screen.say(
            "It stays in the calendars of others. Use --ics FILE to write a calendar file that "
            "removes it."
        )


@contextmanager
def _written(path: Path, content: bytes) -> Iterator[None]:
    """Write a file after the block, which may do what can't be undone.

    Raises WrongInput before the block where the file can't be opened, and Failure after it.
    """
    is_new = not path.exists()
    try:
        file = path.open("ab")
    except OSError as error:
        raise WrongInput(f"{path} can't be written: {error.strerror}.") from None
    try:
        yield
    except BaseException:
        file.close()
        if is_new:
            path.unlink(missing_ok=True)
        raise
    try:
        with file:
            if path.is_file():
                file.truncate(0)
            file.write(content)
    except OSError as error:
        print_(content.decode())
        raise Failure(
            f"{path} can't be written: {error.strerror}. Its content is on standard output."
        ) from None


def _dial_in(connected: Session) -> DialIn | None:
    found = connected.client.meetings.dial_in()
    if found is None:
        return None
    numbers = [(one.name, one.number) for one in found.regions]
    return DialIn(numbers, found.external_directory or None)


def _organizer(connected: Session, meeting: "Meeting") -> Organizer:
    """The organizer; of a meeting of somebody else, the person herself sends the invitation."""
    me = connected.client.me()
    mail = next(iter(me.email_addresses), None)
    if not meeting.is_shared:
        return Organizer(meeting.organizer or me.uri, me.name, mail)
    return Organizer(
        meeting.organizer,
        meeting.organizer_name or None,
        meeting.organizer_email or None,
        sent_by=mail or me.uri,
    )


def _file(meeting: "Meeting", organizer: Organizer, dial_in: DialIn | None, span: Span) -> bytes:
    if span.start is None or span.end is None:
        raise WrongInput("The meeting never expires. Give its start with --start.")
    return calendar.request(
        meeting.properties,
        etag=meeting.etag,
        organizer=organizer,
        start=span.start,
        end=span.end,
        description=invitation.description(meeting.properties, dial_in),
        now=times.now(),
        zone=meeting.time_zone,
        moved=meeting.schedule_etag,
    )


def _warn(meeting: "Meeting", span: Span, *, is_given: bool) -> None:
    """Tell what the invitation says of the time that nobody has said, or that can't be right."""
    if not is_given and span.start and span.end:
        screen.warn(
            f"The invitation says {times.shown(span.start)} to {times.shown(span.end)}, when the "
            "meeting expires. Use --start and --minutes to change that."
        )
    elif not is_given:
        screen.warn("The invitation has no start time. Give one with --start.")
    elif meeting.expires and span.end and meeting.expires < span.end:
        screen.warn(
            f"The meeting expires at {times.shown(meeting.expires)}, before the end in this "
            "invitation; the server may remove it then. Use openucwa meeting update --expires to "
            "change that."
        )


def _write(content: str, output: Path | None, kind: str, *, as_json: bool) -> None:
    """Write an invitation to a file or to standard output. Raises WrongInput."""
    if output is not None:
        with _written(output, content.encode()):
            pass
        if as_json:
            showing.write_json({"file": str(output)})
        else:
            screen.say(f"Written to {output}.")
    elif as_json:
        showing.write_json({kind: content})
    else:
        is_shown = kind == "text" and streams.output_is_terminal()
        print_(fields.plain(content) if is_shown else content)


def print_(content: str) -> None:
    """Write a file to standard output as it is."""
    sys.stdout.buffer.write(content.encode())
    sys.stdout.flush()
