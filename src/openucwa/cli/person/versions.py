"""Versions of a meeting that a change can be made from: seen, drafted, or kept by the server."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from openucwa.cli.failure import Clash, WrongInput
from openucwa.cli.person.draft import LocalDraft
from openucwa.cli.person.session import Session
from openucwa.wire import members
from openucwa.wire import merge as merging

if TYPE_CHECKING:
    from openucwa.client import Meeting


def read(text: str) -> "Meeting":
    """The version that was written down. Raises ValueError."""
    from openucwa.client import Meeting

    return Meeting.from_json(text)


def of_draft(kept: LocalDraft, current: "Meeting") -> "Meeting":
    """The version that a draft was made from, with the links that hold now."""
    return _moved(read(kept.base), current)


def seen(session: Session, current: "Meeting") -> "Meeting":
    """The version that the person saw last; the current one where that is not known."""
    text = session.shelf.seen(current.id)
    if text is None or current.etag is None:
        return current
    try:
        return _moved(read(text), current)
    except ValueError:
        return current


def _moved(earlier: "Meeting", current: "Meeting", lists: Sequence[str] = ()) -> "Meeting":
    """An earlier version at the address that the meeting has now.

    `lists` are taken from the current one.
    """
    from openucwa.client import Meeting
    from openucwa.client.resource import Resource

    raw = dict(earlier.resource.raw)
    for name in ("_links", "href", *lists):
        raw.pop(name, None)
        if name in current.resource.raw:
            raw[name] = current.resource.raw[name]
    return Meeting(Resource.parse(raw, current.href, rel=current.resource.rel, etag=earlier.etag))


def with_lists(base: "Meeting", current: "Meeting", lists: Sequence[str]) -> "Meeting":
    """The base, with those lists as they are now.

    To add somebody, or to remove her, means the list as it is, whatever was seen of it.
    """
    return _moved(base, current, lists) if lists and base.etag != current.etag else base


def of_tag(session: Session, current: "Meeting", tag: str) -> "Meeting":
    """The version with an ETag: what was seen, what is there, or what the server still has.

    Raises Clash where nobody knows it.
    """
    from openucwa.client import MeetingNotFound

    tag = version_tag(tag)
    for one in (current, seen(session, current)):
        if one.etag == tag:
            return one
    try:
        details = session.client.meetings.version(current, tag).details
    except MeetingNotFound:
        raise _unknown(current, tag) from None
    return _with_details(current, details, tag)


def version_tag(typed: str) -> str:
    """The ETag that --if-match was given, without quotes. Raises WrongInput.

    An empty one is a script's variable that was never set: it must not pass for no condition.
    """
    tag = typed.strip().removeprefix("W/").strip('"')
    if not tag:
        raise WrongInput("--if-match is empty. Give it a version, as meeting history shows it.")
    return tag


def _unknown(current: "Meeting", tag: str) -> Clash:
    return Clash(
        f"The meeting is now in version {current.etag}, and version {tag} is no longer "
        f"available. Use openucwa meeting show {current.id} to see the current version."
    )


def _with_details(meeting: "Meeting", details: Mapping[str, object], etag: str | None) -> "Meeting":
    """A meeting that says something else, as if it had been served like that."""
    from openucwa.client import Meeting
    from openucwa.client.resource import Resource, encode

    raw = {name: one for name, one in meeting.resource.raw.items() if name not in members.BY_NAME}
    raw |= encode(details) | ({"etag": etag} if etag else {})
    return Meeting(Resource.parse(raw, meeting.href))


def as_wanted(base: "Meeting", wanted: Mapping[str, object]) -> "Meeting":
    """The version as a draft has it, for options that build on what is there."""
    return _with_details(base, {**_details(base), **wanted}, base.etag) if wanted else base


def _details(meeting: "Meeting") -> dict[str, object]:
    return {name: one for name, one in meeting.properties.items() if name in members.BY_NAME}


def rebased(
    base: "Meeting", wanted: Mapping[str, object], current: "Meeting"
) -> "tuple[Meeting, Mapping[str, object]]":
    """Return the changes rebased onto the current version, if nothing clashes."""
    mine = {**base.properties, **wanted}
    merge = merging.merge(base.properties, mine, current.properties)
    if merge.conflicts:
        return base, wanted
    return current, {name: merge.merged.get(name) for name in merge.mine}
