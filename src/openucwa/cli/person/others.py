"""Changes by others that were kept when a change was saved."""

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openucwa.cli.person import fields, moves, people, period, screen, showing
from openucwa.cli.person.author import Author, Authors, author
from openucwa.cli.person.session import Session
from openucwa.wire import members
from openucwa.wire import merge as merging
from openucwa.wire.members import Kind

if TYPE_CHECKING:
    from openucwa.client import Change, Meeting

_LONGEST_ARGUMENT = 80


@dataclass(frozen=True)
class KeptChange:
    """A property that is otherwise than the person wanted it, and who has changed it."""

    name: str
    before: object
    after: object
    other: Author

    def as_json(self) -> dict[str, object]:
        values = {"before": self.before, "after": self.after}
        return {
            "name": self.name,
            **{one: showing.plain_json(value) for one, value in values.items()},
            **self.other.as_json(),
        }


def kept(
    session: Session,
    wanted: Mapping[str, object],
    saved: "Meeting",
    names: Collection[str],
    last: Author,
) -> list[KeptChange]:
    """Return in which of some properties a saved meeting differs from what was wanted.

    `last` is who is known to have changed it last. The server's history knows more, if it has one.
    """
    found = [one for one in merging.differing(wanted, saved.properties) if one in names]
    if not found:
        return []
    authors = _authors(session, saved)
    if members.SCHEDULE in found:  # which is no part of the meeting's versions
        authors[members.SCHEDULE] = author(session, latest(session, saved, [members.SCHEDULE]))
    return [
        KeptChange(name, wanted.get(name), saved.properties.get(name), authors.get(name, last))
        for name in fields.in_order(found)
    ]


def as_if_made_from(
    shown: Mapping[str, object], base: Mapping[str, object], wanted: Mapping[str, object]
) -> dict[str, object]:
    """Return what is wanted of `base` as a change of an earlier version, which was shown.

    Who was added to a list is in it then, and who was removed is not.
    """
    found = {**shown, **wanted}
    for name in wanted:
        field = members.BY_NAME.get(name)
        if field is not None and field.kind is Kind.PEOPLE:
            before, now, then = (_by_key(one, name) for one in (base, wanted, shown))
            added = {key: one for key, one in now.items() if key not in before}
            whole = {**then, **added}
            found[name] = tuple(
                one for key, one in whole.items() if key in now or key not in before
            )
    return found


def tell(meeting: "Meeting", changes: Sequence[KeptChange]) -> None:
    """Print each change with its values, who made it, and the command that undoes it."""
    for one in changes:
        if one.name == members.SCHEDULE:
            screen.say(f"  {moves.told(one.before, one.after, one.other)}")
            continue
        who = f", by {one.other.whole}" if one.other.is_known else ""
        difference = showing.difference(one.name, one.before, one.after)
        label = fields.label(one.name)
        if "\n" in difference:
            screen.say(f"  {label}{who}:{difference}")
        else:
            screen.say(f"  {label}: {difference}{who}")
    options = {one.name: _undoing(one) for one in changes}
    if undoing := [part for parts in options.values() for part in parts]:
        screen.whole(f"To undo it: openucwa meeting update {meeting.id} {shlex.join(undoing)}")
    if others := [fields.label(name) for name, parts in options.items() if not parts]:
        what = f"the change to {showing.listed(others)}" if undoing else "it"
        screen.say(
            f"To undo {what}: find the version with openucwa meeting history {meeting.id} and "
            "restore it with openucwa meeting restore."
        )


def _undoing(change: KeptChange) -> list[str]:
    """The options that make a property again what it was; none for what is no option."""
    field = members.BY_NAME.get(change.name)
    if field is None:
        return []
    if field.kind is Kind.SCHEDULE:
        return [*period.undoing(change.before)]
    if field.kind is Kind.PEOPLE:
        role = field.option.removesuffix("s")
        then, now = (
            _by_key({change.name: one}, change.name) for one in (change.before, change.after)
        )
        added = [f"--remove-{role}={one}" for key, one in now.items() if key not in then]
        return [f"--add-{role}={one}" for key, one in then.items() if key not in now] + added
    value = fields.shown(change.before) if field.kind is Kind.TIME else str(change.before or "")
    is_argument = value.isprintable() and len(value) <= _LONGEST_ARGUMENT
    return [f"--{field.option}={value}"] if is_argument else []


def latest(session: Session, meeting: "Meeting", changed: Collection[str]) -> "Change | None":
    """Return the latest change of those properties of a meeting, as far as the server tells."""
    from openucwa.client import ClientError

    try:
        if members.SCHEDULE in changed:  # which is no part of the meeting's versions
            return session.client.meetings.last_move(meeting)
        versions = session.client.meetings.history(meeting)
    except ClientError:
        return None
    return next((one for one in versions if one.etag == meeting.etag), None)


def _authors(session: Session, saved: "Meeting") -> dict[str, Author]:
    """Return the last author of each property before the version that was saved."""
    from openucwa.client import ClientError

    try:
        versions = session.client.meetings.history(saved)
    except ClientError:
        return {}
    authors = Authors(session, versions)
    found: dict[str, Author] = {}
    for version in versions:
        if version.etag != saved.etag:
            for name in version.changed:
                found.setdefault(name, authors.of(version))
    return found


def _by_key(properties: Mapping[str, object], name: str) -> dict[str, str]:
    return {people.key(one): one for one in fields.people_of(properties, name)}
