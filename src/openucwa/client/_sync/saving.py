# Made from _async/saving.py by `make synchronous`. Change that one.
"""Saving: a draft on its way to the server, merged with what others have changed meanwhile.

Source: UpdateAnOnlineMeeting.md; docs/decisions/0023-merging.md.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import NoReturn

from openucwa.client._sync.concurrency import sleep
from openucwa.client._sync.conflict import (
    MeetingConflict,
    MeetingDeleted,
    MeetingStore,
)
from openucwa.client._sync.folder import Folder
from openucwa.client._sync.latest import latest_change
from openucwa.client._sync.session import Session
from openucwa.client._sync.times import Times
from openucwa.client.backoff import backoff
from openucwa.client.change import Change, change_in
from openucwa.client.conflict import ChangesIgnored, MeetingBusy, MeetingNotMoved, OnConflict
from openucwa.client.draft import Draft
from openucwa.client.errors import (
    ClientError,
    Gone,
    MeetingNotFound,
    NotFound,
    PreconditionFailed,
)
from openucwa.client.meeting import Meeting
from openucwa.client.outcome import Outcome
from openucwa.client.resource import Resource
from openucwa.client.schedule import Schedule
from openucwa.wire import merge as merging
from openucwa.wire.members import SCHEDULE
from openucwa.wire.merge import Merge

PATIENCE = 60.0
"""Seconds for which one draft is merged and sent again while others keep changing the meeting."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_PREFER = {"Prefer": "return=representation"}


class Saving:
    """The part of Meetings that saves a draft, merged while others change the meeting."""

    def __init__(
        self,
        meetings: MeetingStore,
        folder: Folder,
        session: Session,
        draft: Draft,
        on_conflict: OnConflict,
    ) -> None:
        self._meetings = meetings
        self._folder = folder
        self._session = session
        self._draft = draft
        self._on_conflict = on_conflict
        self._outcome = Outcome()
        self._times = Times(session)
        self._kept: tuple[merging.Kept, ...] = ()
        self._ignored: list[str] = []
        self._is_saved = False

    def save(self) -> Meeting:
        """Save the draft, unless there is nothing to save. Raises what `edit` does.

        The time of the meeting is saved last: it may postpone the meeting's expiry, which would
        be somebody else's change to what comes after it.
        """
        draft, outcome = self._draft, self._outcome
        changes = draft.changes()
        if not changes:
            return draft.base if draft.saved else draft.settle(draft.base, outcome)
        moves = SCHEDULE in changes
        if moves and draft.schedule:
            draft.schedule.check()
        current, wanted = draft.base, draft.properties
        # Without a tag the server can't tell whether it has changed since. And what clashes is to
        # be known before the first of two requests.
        if moves or current.etag is None:
            current = self._current()
            if moves:
                self._times.check(current)
                self._outcome.change = self._latest_change(current)
            wanted = self._merged(current)
        current = self._save_details(current, wanted)
        if moves:
            current = self._save_time(current)
        elif current.schedule != draft.base.schedule:
            self._keep([merging.Kept(SCHEDULE, draft.base.schedule, current.schedule)])
            outcome.change = outcome.change or self._latest_change(current)
        draft.settle(current, outcome)
        if self._ignored:
            raise ChangesIgnored(self._ignored, current)
        return current

    def _save_details(self, current: Meeting, wanted: Mapping[str, object]) -> Meeting:
        """Save all but the time. Returns the meeting as it is then."""
        outcome = self._outcome
        href = self._folder.href_of(current) or (self._current()).href
        is_moved = False
        ends = time.monotonic() + PATIENCE
        while merging.differing(_details(wanted), _details(current.properties)):
            if outcome.tries:
                self._pause(ends, current)
            outcome.tries += 1
            try:
                answer = self._session.send(
                    "PUT",
                    href,
                    _details(wanted),
                    if_match=current.etag,
                    repeatable=current.etag is not None,
                    headers=_PREFER,
                )
            except (NotFound, Gone):  # or it is elsewhere, where links don't outlive applications
                if is_moved:
                    raise
                current = self._current()
                href, may_be_done, is_moved = current.href, False, True
            except PreconditionFailed as refused:
                current = self._theirs(refused)
                may_be_done = refused.repeated
            else:
                saved = self._folder.answered(answer, href)
                self._ignored = _ignored(current.properties, wanted, saved.properties)
                self._is_saved = True
                return saved
            wanted = self._merged(current, may_be_done=may_be_done)
        return current

    def _save_time(self, current: Meeting) -> Meeting:
        """Save the time. Returns the meeting as it is then: its expiry may have been postponed.

        Raises MeetingNotMoved for what goes wrong when all else has been saved.
        """
        if self._is_saved:
            self._draft.settle_but_for_time(current)
            self._kept = self._outcome.changes
        try:
            return self._move(current)
        except (MeetingConflict, MeetingDeleted):
            raise
        except ClientError as error:
            if self._is_saved:
                raise MeetingNotMoved(self._draft, current, error) from error
            raise

    def _move(self, current: Meeting) -> Meeting:
        outcome = self._outcome
        tries, may_be_done, is_elsewhere = 0, False, False
        ends = time.monotonic() + PATIENCE
        while True:
            times = self._times.of(current)
            current = current.at(Schedule.read(times.properties))
            outcome.change = outcome.change or self._latest_change(current)
            wanted = self._merged(current, may_be_done=may_be_done).get(SCHEDULE)
            if wanted == current.schedule:
                return self._current() if tries else current
            if tries:
                self._pause(ends, current)
            tries += 1
            outcome.tries += 1
            try:
                self._times.replace(current, times, wanted)
            except (NotFound, Gone):
                if is_elsewhere:
                    raise
                may_be_done, is_elsewhere = False, True
            except PreconditionFailed as refused:
                self._outcome.change = change_in(refused.body)
                may_be_done = refused.repeated
            else:
                return self._folder.get(current)
            current = self._current()

    def _latest_change(self, current: Meeting) -> Change | None:
        """Return who changed the meeting, or its time, since the base; None if nobody tells."""
        base = self._draft.base
        href: str | None
        if current.schedule != base.schedule:
            href, tag = current.resource.link(SCHEDULE), base.schedule_etag
        elif current.etag != base.etag:
            href, tag = current.href, base.etag
        else:
            return None
        return latest_change(self._session, href, tag) if href else None

    def _keep(self, changes: Iterable[merging.Kept]) -> None:
        """Note changes of others that are kept, each property once."""
        noted = {one.name: one for one in (*self._outcome.changes, *changes)}
        self._outcome.changes = tuple(noted.values())

    def _pause(self, ends: float, current: Meeting) -> None:
        """Give way to those who change the meeting, too. Raises MeetingBusy if it never ends."""
        wait = backoff(self._outcome.tries - 1, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE)
        if time.monotonic() + wait > ends:
            raise MeetingBusy(self._draft, current, self._outcome.tries)
        sleep(wait)

    def _merge(self, theirs: Meeting) -> Merge:
        draft = self._draft
        return merging.merge(draft.base.properties, draft.properties, theirs.properties)

    def _merged(self, theirs: Meeting, *, may_be_done: bool = False) -> Mapping[str, object]:
        """Return the properties to save over the current version; note in the outcome what is kept.

        `may_be_done` tells that the current one may be of a try whose answer was lost. Raises a
        conflict.
        """
        base, mine = self._draft.base.properties, self._draft.properties
        merge = self._merge(theirs)
        is_done = merge.is_clean and not merge.mine and may_be_done
        if self._on_conflict == "fail":
            is_refused = not is_done and bool(merging.differing(base, theirs.properties))
        else:
            is_refused = self._on_conflict == "merge" and not merge.is_clean
        if is_refused and merging.differing(mine, theirs.properties):
            self._raise(theirs, merge)
        wanted = self._decided(theirs, merge)
        self._outcome.changes = self._kept
        self._keep(merging.kept(mine, wanted))
        if not self._outcome.changes:
            self._outcome.change = None
        return wanted

    def _decided(self, theirs: Meeting, merge: Merge) -> Mapping[str, object]:
        """The merged properties, with each clash decided."""
        draft = Draft(theirs, merge.merged)
        for name, conflict in merge.conflicts.items():
            draft.take(name, conflict.decided("mine" if self._on_conflict == "mine" else "theirs"))
        return draft.properties

    def _raise(self, theirs: Meeting, merge: Merge) -> NoReturn:
        raise MeetingConflict(
            self._meetings,
            self._draft,
            theirs,
            merge,
            self._outcome.change,
            all_but_time_is_saved=self._is_saved,
        )

    def _current(self) -> Meeting:
        """The meeting as it is now. Raises MeetingDeleted."""
        try:
            return self._folder.get(self._draft.base)
        except MeetingNotFound as gone:
            raise MeetingDeleted(self._meetings, self._draft) from gone

    def _theirs(self, refused: PreconditionFailed) -> Meeting:
        """The meeting as it is now, as far as a 412 tells by itself, with who changed it last."""
        body = Resource.parse(refused.body)
        self._outcome.change = change_in(refused.body)
        for told in body.embedded(self._draft.base.resource.rel):
            if told.etag is not None:
                return Meeting(told)
        return self._current()


def _details(properties: Mapping[str, object]) -> dict[str, object]:
    """The properties of the meeting itself, without its time."""
    return {name: value for name, value in properties.items() if name != SCHEDULE}


def _ignored(
    before: Mapping[str, object], sent: Mapping[str, object], after: Mapping[str, object]
) -> list[str]:
    """The names of what was to change, and is as it was: a server may spell a value otherwise."""
    changed = merging.differing(_details(before), _details(sent))
    done = merging.differing(before, after)
    return [name for name in changed if name not in done]
