"""Copying: what is to be done with each meeting, and doing it so that it can be taken up again.

A meeting is scheduled with a tag in its description, gets its marker and its extensions, and loses
the tag. Whatever ends that, the next run sees by the tag what is left to do.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from openucwa.cli.moving import marks, wanted
from openucwa.cli.moving.marks import Mark, Origin
from openucwa.cli.moving.places import Place, content_of
from openucwa.cli.moving.remembered import Remembered
from openucwa.cli.moving.wanted import CopyProperties, Rules
from openucwa.cli.person import fields, people, trouble
from openucwa.wire import members, merge

if TYPE_CHECKING:
    from openucwa.client import Meeting, Resource

_TRIES = 4


class Result(StrEnum):
    """The result for one meeting."""

    COPIED = "copied"
    TO_COPY = "toCopy"
    ALREADY_THERE = "alreadyThere"
    CHANGED_AT_SOURCE = "changedAtSource"
    CANCELLED_THERE = "cancelledThere"
    EXPIRED = "expired"
    STANDING = "standing"
    FAILED = "failed"


@dataclass
class Entry:
    """A meeting of the source, its copy as far as there is one, and what is told of both.

    `source` is None where it has been cancelled, and what is left is to finish its copy. `spare`
    are copies that nobody needs: they came of an answer that was lost.
    """

    mark: Mark
    result: Result
    source: "Meeting | None" = None
    copy: "Meeting | None" = None
    wanted: CopyProperties | None = None
    told: list[str] = field(default_factory=list)
    reason: str = ""
    spare: "list[Meeting]" = field(default_factory=list)


@dataclass(frozen=True)
class Copy:
    """A meeting at the destination, and what it says of where it comes from."""

    meeting: "Meeting"
    marks: Sequence[Mark]
    is_begun: bool
    """True if the run that made it did not finish."""


class Move:
    """One person's meetings, from one place to another.

    With `include_expired`, those that are over are copied as well; with `again`, those whose copies
    have been cancelled.
    """

    def __init__(
        self,
        here: Place,
        there: Place,
        rules: Rules,
        remembered: Remembered,
        *,
        now: datetime,
        include_expired: bool = False,
        again: bool = False,
    ) -> None:
        self._here = here
        self._there = there
        self._rules = rules
        self._remembered = remembered
        self._now = now
        self._include_expired = include_expired
        self._again = again
        self._extensions: dict[Origin, Sequence[Resource]] = {}

    # What is to be done

    def plan(self) -> list[Entry]:
        """Return the work that is left and that is done already. Changes nothing."""
        there = self._there.meetings()
        copies = self._copies(there)
        by_origin = _by_origin(copies)
        sources = self._here.meetings()
        entries = [self._entry(one, there, by_origin) for one in sources]
        return entries + list(self._orphans(copies, {one.mark.origin for one in entries}))

    def _copies(self, meetings: "Sequence[Meeting]") -> list[Copy]:
        are_embedded = self._there.embeds_extensions(meetings)
        found = []
        for one in meetings:
            if one.is_standing:
                continue
            told = marks.marks_in(
                one.resource.embedded("onlineMeetingExtension")
                if are_embedded
                else self._there.extensions(one)
            )
            tag = marks.tag_in(one.description)
            is_begun = tag is not None and self._there.keeps_extensions(one)
            found.append(Copy(one, [*told, *([tag] if tag else [])], is_begun))
        return found

    def _entry(
        self,
        source: "Meeting",
        there: "Sequence[Meeting]",
        copies: Mapping[Origin, Sequence[Copy]],
    ) -> Entry:
        mark = marks.mark_of(source, self._here.uri)
        if source.is_standing:
            return Entry(mark, Result.STANDING, source, told=_standing(source, there))
        found = self._known(source, mark, there, copies)
        if found:
            return self._recognised(source, mark, found)
        end = max((one for one in (source.expires, source.ends) if one), default=None)
        if end and end < self._now and not self._include_expired:
            return Entry(mark, Result.EXPIRED, source)
        if self._remembered.copy_of(mark.origin) and not self._again:
            return Entry(mark, Result.CANCELLED_THERE, source)
        what = wanted.wanted(source, self._rules, now=self._now)
        return Entry(mark, Result.TO_COPY, source, wanted=what, told=what.told)

    def _known(
        self,
        source: "Meeting",
        mark: Mark,
        there: "Sequence[Meeting]",
        copies: Mapping[Origin, Sequence[Copy]],
    ) -> Sequence[Copy]:
        """The copies of a meeting, those that are finished first.

        It may be a copy itself: of one that is at the destination, or that was copied there, too.
        """
        if found := copies.get(mark.origin):
            return found
        own = {marks.origin_of(one, self._there.uri): one for one in there if not one.is_standing}
        same = own.get(mark.origin)
        if same is not None and same.join_url == source.join_url:
            return [Copy(same, [mark], is_begun=False)]
        remembered = self._remembered.copy_of(mark.origin)
        for one in there:
            if remembered and one.id == remembered:
                return [Copy(one, [], is_begun=False)]
        for earlier in marks.marks_in(self._extensions_of(source, mark.origin)):
            if earlier.origin in own:
                return [Copy(own[earlier.origin], [], is_begun=False)]
            if found := copies.get(earlier.origin):
                return [Copy(one.meeting, [], is_begun=False) for one in found]
        return []

    def _recognised(self, source: "Meeting", mark: Mark, found: Sequence[Copy]) -> Entry:
        first, *others = sorted(found, key=lambda one: one.is_begun)
        entry = Entry(mark, Result.ALREADY_THERE, source, first.meeting)
        self._look_at(entry, others)
        told = {one.digest for one in first.marks if one.origin == mark.origin}
        what = wanted.wanted(source, self._rules, now=self._now)
        if first.is_begun:
            entry.result, entry.wanted = Result.TO_COPY, what
            entry.mark = next(one for one in first.marks if one.origin == mark.origin)
            entry.told += ["completed a copy that an earlier run had started", *what.told]
        elif told and mark.digest not in told:
            entry.result = Result.CHANGED_AT_SOURCE
            names = wanted.differing(what.properties, first.meeting.properties, self._there.uri)
            known = [one for one in fields.in_order(names) if one in members.BY_NAME]
            differing = ", ".join(map(fields.label, known))
            entry.told.append(
                f"the copy was not changed; it differs in {differing}"
                if differing
                else "the copy already has this change"
            )
        return entry

    def _look_at(self, entry: Entry, others: Iterable[Copy]) -> None:
        """Copies beside the first one: they come of answers that came after all."""
        assert entry.copy is not None
        digest = marks.digest(entry.copy.properties)
        for other in others:
            if other.is_begun and marks.digest(other.meeting.properties) == digest:
                entry.spare.append(other.meeting)
                entry.told.append(f"{other.meeting.id}, a duplicate, is cancelled")
            else:
                entry.told.append(
                    f"{other.meeting.id} is also a copy of it: compare them, and cancel one"
                )

    def _orphans(self, copies: Iterable[Copy], known: set[Origin]) -> Iterable[Entry]:
        """Copies that were begun, of meetings that have been cancelled at the source since."""
        owner = marks.organizer(self._here.uri)
        for one in copies:
            for mark in one.marks:
                if one.is_begun and mark.origin not in known and mark.origin.organizer == owner:
                    known.add(mark.origin)
                    told = ["it was cancelled at the source after it was copied"]
                    yield Entry(mark, Result.TO_COPY, copy=one.meeting, told=told)

    def _extensions_of(self, source: "Meeting", origin: Origin) -> "Sequence[Resource]":
        if origin not in self._extensions:
            self._extensions[origin] = self._here.extensions(source)
        return self._extensions[origin]

    # Doing it

    def carry_out(self, entry: Entry) -> None:
        """Copy a meeting that is to be copied, or finish its copy; remember one that is there.

        Where the destination refuses it, the entry tells why. Raises ClientError when it is no use
        to go on with others, and Failure.
        """
        from openucwa.client import Gone, NotFound, Refused, ServerFailed, TooMany, Unavailable

        try:
            for one in entry.spare:
                self._there.cancel(one)
            if entry.result is Result.TO_COPY:
                entry.copy = self._copied(entry)
                entry.result = Result.COPIED
        except (NotFound, Gone):
            entry.result = Result.FAILED
            entry.reason = "It was cancelled at the destination while it was being copied."
        except (Unavailable, ServerFailed):
            raise
        except Refused as refused:
            if isinstance(refused, TooMany) and refused.retry_after is not None:
                raise
            entry.result, entry.reason = Result.FAILED, str(trouble.failure(refused))
        if entry.copy is not None and entry.result in (
            Result.COPIED,
            Result.ALREADY_THERE,
            Result.CHANGED_AT_SOURCE,
        ):
            self._remembered.add(entry.mark.origin, entry.copy.id)

    def _copied(self, entry: Entry) -> "Meeting":
        is_new = entry.copy is None
        entry.copy = entry.copy or self._scheduled(entry)
        if entry.source is not None:
            self._add_shares(entry, entry.source, entry.copy)
        if not self._there.keeps_extensions(entry.copy):
            entry.told.append(
                "the server does not support extensions: the last line of the description names "
                "the source"
            )
            return entry.copy
        self._add_extensions(entry, entry.copy, is_new=is_new)
        return self._finished(entry, entry.copy)

    def _scheduled(self, entry: Entry) -> "Meeting":
        """The copy, with a tag. What the destination refuses is left out, if it can be."""
        from openucwa.client import BadInput

        what = entry.wanted
        assert what is not None
        while True:
            description = marks.tagged(str(what.properties.get("description", "")), entry.mark)
            properties = {**what.properties, "description": description}
            try:
                found = self._there.schedule(properties, entry.mark)
            except BadInput as refused:
                if not wanted.without_refused(what, refused.parameters):
                    raise
            else:
                entry.told += wanted.lost(what.properties, found.properties, self._there.uri)
                return found

    def _add_extensions(self, entry: Entry, copy: "Meeting", *, is_new: bool) -> None:
        """The marker, and what applications keep with the meeting at the source."""
        from openucwa.client import BadInput

        there = [] if is_new else self._there.extensions(copy)
        if entry.mark.origin not in {one.origin for one in marks.marks_in(there)}:
            self._there.add_extension(copy, marks.marker(entry.mark))
        if entry.source is None:
            return
        known = {str(one.properties.get("id")) for one in there}
        contents = [_without_id(content_of(one)) for one in there]
        for one in self._extensions_of(entry.source, entry.mark.origin):
            content = content_of(one)
            if str(content.get("id")) in known or _without_id(content) in contents:
                continue
            try:
                self._there.add_extension(copy, content)
            except BadInput as refused:
                why = trouble.failure(refused)
                entry.told.append(f"extension {content.get('id')} was refused there: {why}")

    def _add_shares(self, entry: Entry, source: "Meeting", copy: "Meeting") -> None:
        """Share the copy with those with whom the meeting is shared, as far as that can be."""
        from openucwa.client import BadInput, Forbidden, NotOffered

        shares = self._here.shares(source)
        known = {people.key(one.uri) for one in self._there.shares(copy)} if shares else set()
        for share in shares:
            uri = wanted.moved_address(share.uri, self._rules)
            if people.key(uri) in known:
                continue
            try:
                self._there.share(copy, uri, share.role)
            except NotOffered:
                shared = people.names(one.uri for one in shares)
                entry.told.append(f"it is shared with {shared}, which the server there can't do")
                break
            except (BadInput, Forbidden) as refused:
                why = trouble.failure(refused)
                entry.told.append(f"it is not shared with {people.name(uri)} there: {why}")

    def _finished(self, entry: Entry, copy: "Meeting") -> "Meeting":
        """The copy without its tag. What others change in it meanwhile stays."""
        from openucwa.client import PreconditionFailed

        description = str(entry.wanted.properties.get("description", "")) if entry.wanted else ""
        for left in reversed(range(_TRIES)):
            text = marks.finished(copy.description, description, entry.mark)
            if text == copy.description:
                break
            try:
                return self._there.replace(copy, {**copy.properties, "description": text})
            except PreconditionFailed:
                if not left:
                    raise
                copy = self._there.again(copy)
        return copy


def _by_origin(copies: Iterable[Copy]) -> Mapping[Origin, Sequence[Copy]]:
    found: dict[Origin, list[Copy]] = defaultdict(list)
    for copy in copies:
        for origin in {one.origin: None for one in copy.marks}:
            found[origin].append(copy)
    return dict(found)


def _standing(source: "Meeting", there: "Sequence[Meeting]") -> list[str]:
    """Return the note on the standing meeting, which is not copied: the destination has its own."""
    for one in there:
        if one.is_standing:
            names = merge.differing(source.properties, one.properties)
            named = ", ".join(map(fields.label, fields.in_order(names)))
            if not named:
                return [f"your standing meeting there is {one.id}, with the same settings"]
            return [f"your standing meeting there is {one.id}; it differs in {named}"]
    return ["you have no standing meeting there"]


def _without_id(content: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in content.items() if name != "id"}
