"""The report on each meeting: a table for people, JSON for programs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from openucwa.cli import tables
from openucwa.cli.moving.copying import Entry, Result
from openucwa.cli.moving.places import Place
from openucwa.cli.person import fields, screen, times

if TYPE_CHECKING:
    from openucwa.client import Meeting

_WORDS = {
    Result.COPIED: "copied",
    Result.TO_COPY: "to copy",
    Result.ALREADY_THERE: "already there",
    Result.CHANGED_AT_SOURCE: "changed at the source after it was copied",
    Result.CANCELLED_THERE: "cancelled there after it was copied: not copied again",
    Result.EXPIRED: "expired: not copied",
    Result.STANDING: "standing meeting: not copied",
    Result.FAILED: "failed",
}
_STYLES = {Result.COPIED: "green", Result.FAILED: "red", Result.TO_COPY: ""}


def show(here: Place, there: Place, entries: Sequence[Entry]) -> None:
    """Print the report for a person."""
    screen.say(fields.plain(f"From {here.name}\n  to {there.name}"))
    rows = ((_row(one), _STYLES.get(one.result, "dim")) for one in entries)
    tables.show(("there", "subject", "result"), rows, wrapping=("subject", "result"))
    notes = [line for one in entries for line in _notes(one)]
    if notes:
        screen.say("\n" + "\n".join(notes))
    moved = [line for one in entries for line in _addresses(one)]
    if moved:
        screen.say("\nNew addresses to send to the participants:\n" + "\n".join(moved))
    screen.say("\n" + _total(entries))


def _row(entry: Entry) -> Sequence[str]:
    return entry.copy.id if entry.copy else "-", _subject(entry), _WORDS[entry.result]


def _subject(entry: Entry) -> str:
    found = entry.source or entry.copy
    return fields.plain(found.subject if found else "") or entry.mark.origin.id


def _notes(entry: Entry) -> Iterator[str]:
    reasons = [entry.reason] if entry.reason else []
    for told in (*reasons, *entry.told):
        yield fields.plain(f"{_subject(entry)}: {told}")


def _addresses(entry: Entry) -> Iterator[str]:
    """The join URL and the conference id, before and now."""
    if entry.result is not Result.COPIED or entry.source is None or entry.copy is None:
        return
    yield fields.plain(f"  {_subject(entry)}")
    yield fields.plain(f"    {entry.source.join_url or '-'} → {entry.copy.join_url or '-'}")
    if entry.source.conference_id or entry.copy.conference_id:
        old, new = (one.conference_id or "-" for one in (entry.source, entry.copy))
        yield fields.plain(f"    conference id {old} → {new}")


def _total(entries: Sequence[Entry]) -> str:
    counts = Counter(one.result for one in entries)
    told = [f"{counts[result]} {_WORDS[result]}" for result in Result if counts[result]]
    return f"{', '.join(told)}." if told else "There are no meetings to copy."


def as_json(
    here: Place, there: Place, entries: Sequence[Entry], *, dry_run: bool
) -> dict[str, object]:
    """The report for programs."""
    counts = Counter(one.result for one in entries)
    return {
        "from": {"uri": here.uri, "rootUrl": here.client.root_url},
        "to": {"uri": there.uri, "rootUrl": there.client.root_url},
        "dryRun": dry_run,
        "counts": {result.value: counts[result] for result in Result},
        "meetings": [
            {
                "result": one.result.value,
                "source": _meeting(one.source) or {"id": one.mark.origin.id},
                "copy": _meeting(one.copy),
                "told": one.told,
                "reason": one.reason or None,
            }
            for one in entries
        ],
    }


def _meeting(meeting: "Meeting | None") -> dict[str, object] | None:
    if meeting is None:
        return None
    return {
        "id": meeting.id,
        "subject": meeting.subject,
        "expires": times.iso(meeting.expires) if meeting.expires else None,
        "joinUrl": meeting.join_url or None,
        "conferenceId": meeting.conference_id or None,
    }
