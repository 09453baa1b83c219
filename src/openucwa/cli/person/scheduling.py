"""Scheduling a meeting, without losing what was typed for it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from openucwa.cli import streams
from openucwa.cli.asking import ask
from openucwa.cli.failure import Stopped
from openucwa.cli.person import offer, screen, standard_input, trouble
from openucwa.cli.person.draft import NEW, Drafts, LocalDraft
from openucwa.cli.person.session import Session

if TYPE_CHECKING:
    from openucwa.client import Meeting


def schedule(
    session: Session,
    wanted: Mapping[str, object],
    *,
    asks: bool,
    types: bool,
    organizer: str | None = None,
) -> "Meeting":
    """Schedule what is wanted, and what a draft of a new meeting has that the person goes on with.

    With `types`, the description is read from standard input. `organizer` is for whom it is
    scheduled by a delegate. Raises Failure.
    """
    kept = _offered(session) if asks else None
    whole = {**(offer.corrected(kept) if kept else {}), **wanted}
    is_typed = types and streams.input_is_terminal()
    if kept is None and (asks or is_typed):
        kept = session.drafts.begin(NEW, "", whole)
    if kept is not None:
        kept.keep(whole)
    if types:
        whole["description"] = standard_input.description(kept if is_typed else None)
    return send(session, whole, kept, organizer)


def rehearsed(drafts: Drafts, wanted: Mapping[str, object], *, types: bool) -> dict[str, object]:
    """Return the meeting that would be scheduled. What was typed for it is kept in a draft."""
    if not types:
        return dict(wanted)
    kept = drafts.begin(NEW, "", wanted) if streams.input_is_terminal() else None
    whole = {**wanted, "description": standard_input.description(kept)}
    if kept is not None:
        kept.keep(whole)
    return whole


def send(
    session: Session,
    wanted: Mapping[str, object],
    kept: LocalDraft | None,
    organizer: str | None = None,
) -> "Meeting":
    """Schedule a meeting; the draft has it until the server does. Raises Failure."""
    from openucwa.client import ClientError

    if kept is not None:
        kept.keep(wanted)
    try:
        with screen.waiting("Scheduling"):
            meeting = session.client.meetings.schedule_like(wanted, organizer=organizer)
    except KeyboardInterrupt:
        stopped = Stopped(
            "Interrupted: the meeting may or may not have been scheduled.", decided=True
        )
        raise offer.again(kept, stopped) from None
    except ClientError as error:
        failure = trouble.failure(error, session.account.address)
        raise offer.again(kept, failure) from None
    if kept is not None:
        session.drafts.delete(kept)
    session.saw(meeting)
    return meeting


_ANSWERS = {
    "use it": "schedule the draft, with the options that you give now",
    "discard it": "delete the draft, and schedule only with the options that you give now",
    "leave it": "keep the draft for later, and schedule only with the options that you give now",
}


def _offered(session: Session) -> LocalDraft | None:
    """The draft of a new meeting that the person goes on with."""
    kept = offer.latest(session, NEW)
    if kept is None:
        return None
    screen.say(f"You have a draft of an unscheduled meeting ({offer.when(kept)}):")
    offer.show(kept)
    answer = ask("", _ANSWERS, otherwise="leave it")
    if answer == "leave it" or not session.drafts.take(kept):
        return None
    if answer == "discard it":
        session.drafts.delete(kept)
        return None
    return kept
