"""A conflict: somebody has changed, or deleted, the meeting that is saved.

`MeetingConflict` and `AsyncMeetingConflict`, which can be resolved, and `MeetingDeleted` and
`AsyncMeetingDeleted`, which can be scheduled anew, stand on these; see `edit` of the meetings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from openucwa.client.change import Change
from openucwa.client.draft import Draft
from openucwa.client.errors import ClientError
from openucwa.client.meeting import Meeting, served_name
from openucwa.client.resource import Resource
from openucwa.wire.merge import Conflict, Merge, Side

OnConflict: TypeAlias = Literal["merge", "fail", "mine", "theirs"]
"""The way to resolve clashing changes: `merge` and `fail` raise a conflict, `mine` and `theirs`
decide each clash that way. `fail` raises also where nothing clashes."""


class MeetingChanged(ClientError):
    """Somebody else has changed the meeting, so it was not saved. Nothing is lost.

    `base` is the meeting that the draft was made from, `theirs` as it is now, `mine` all that the
    draft wants, `conflicts` what clashes by served name, each with its `base`, `theirs` and `mine`,
    and `merged` all that does not, with theirs where something does. `change` is the latest change,
    as far as the server tells of it. If `all_but_time_is_saved`, what is left is the time of the
    meeting, which is saved after all else.
    """

    def __init__(
        self,
        draft: Draft,
        theirs: Meeting,
        merge: Merge,
        change: Change | None = None,
        *,
        all_but_time_is_saved: bool = False,
    ) -> None:
        self.base: Meeting = draft.base
        self.mine: Mapping[str, object] = draft.properties
        self.theirs: Meeting = theirs
        self.merged: Mapping[str, object] = merge.merged
        self.conflicts: Mapping[str, Conflict] = merge.conflicts
        self.change: Change = change or Change(Resource.parse({}))
        self.all_but_time_is_saved: bool = all_but_time_is_saved
        super().__init__(self._told(merge))

    @property
    def changed_by(self) -> str | None:
        """The SIP URI of who made the latest change; None where the server does not tell."""
        return self.change.by or None

    @property
    def changed_at(self) -> datetime | None:
        """The time of the latest change; None where the server does not tell."""
        return self.change.at

    @property
    def conflicting(self) -> list[str]:
        """The served names of what clashes."""
        return list(self.conflicts)

    def resolved(
        self, default: Side | None, choices: Mapping[str, Side], values: Mapping[str, object]
    ) -> Draft:
        """A draft made from theirs, with what was chosen for each conflict.

        Raises ValueError for a conflict that nothing was chosen for, and for a choice where nothing
        clashes.
        """
        sides = {served_name(name): side for name, side in choices.items()}
        given = {served_name(name): value for name, value in values.items()}
        for name in sides:
            if name not in self.conflicts:
                raise ValueError(f"{name} is not in conflict. The conflicts are: {self._names()}.")
        draft = Draft(self.theirs, self.merged)
        for name, conflict in self.conflicts.items():
            side = sides.get(name, default)
            if name in given:
                continue
            if side is None:
                raise ValueError(
                    f"The conflict of {name} is not resolved. Choose 'mine' or 'theirs'."
                )
            if side not in ("mine", "theirs"):
                raise ValueError(f"{name} can be 'mine' or 'theirs', not {side!r}. Give values=….")
            draft.take(name, conflict.decided(side))
        for name, value in given.items():
            draft[name] = value
        return draft

    def _names(self) -> str:
        return ", ".join(self.conflicts) or "nothing"

    def _told(self, merge: Merge) -> str:
        who = self.change.by_name or "Somebody else"
        what = ", ".join(merge.conflicts)
        if self.all_but_time_is_saved:
            return f"{who} has moved the meeting in the meantime. All but your time was saved."
        if not what:
            return f"{who} has changed the meeting in the meantime; your changes were not saved."
        return f"{who} has changed the meeting in the meantime. Your changes conflict in: {what}."


class ChangesIgnored(ClientError):
    """The server has saved the meeting, and passed over some of what was to change.

    `ignored` has the served names of that, `saved` is the meeting as it is now. A change is ignored
    when the property is as it was before in the server's answer, or not there.
    """

    def __init__(self, ignored: Sequence[str], saved: Meeting) -> None:
        self.ignored: tuple[str, ...] = tuple(ignored)
        self.saved: Meeting = saved
        super().__init__(
            f"The server has saved the meeting {(saved.subject or saved.id)!r}, but not your "
            f"{', '.join(self.ignored)}. It does not support that, or does not allow it."
        )


class MeetingNotMoved(ClientError):
    """The meeting was saved, but not its time, which is a resource of its own beside it.

    Nothing is lost: `draft` has the change of the time alone, and can be saved again. `saved` is
    the meeting as it is now; the cause of this error is why.
    """

    def __init__(self, draft: Draft, saved: Meeting, cause: ClientError) -> None:
        self.draft: Draft = draft
        self.saved: Meeting = saved
        super().__init__(
            f"The meeting {(saved.subject or saved.id)!r} was saved, but not its time. {cause}"
        )


class MeetingBusy(ClientError):
    """Others kept changing the meeting, so that it was not saved, though nothing clashes.

    Nothing is lost: `draft` is as it was, and can be saved later. `base` is the meeting that it was
    made from, `mine` all that it wants, and `theirs` the meeting as it was at last.
    """

    def __init__(self, draft: Draft, theirs: Meeting, tries: int) -> None:
        self.draft: Draft = draft
        self.base: Meeting = draft.base
        self.mine: Mapping[str, object] = draft.properties
        self.theirs: Meeting = theirs
        super().__init__(
            f"The meeting {(theirs.subject or theirs.id)!r} was changed by others before each of "
            f"{tries} tries to save it, without a conflict. Save it again later."
        )


class MeetingGone(ClientError):
    """The meeting was deleted while it was edited. It is not made again unless that is wanted.

    One of somebody else may as well be shared with the user no more.

    `base` is the meeting that the draft was made from, `mine` all that the draft wants.
    """

    def __init__(self, draft: Draft) -> None:
        self.base: Meeting = draft.base
        self.mine: Mapping[str, object] = draft.properties
        name = repr(draft.base.subject or draft.base.id)
        if draft.base.is_shared:
            text = f"The meeting {name} is no longer shared with you, or was cancelled meanwhile."
        else:
            text = (
                f"The meeting {name} was deleted in the meantime. Schedule it again to keep your "
                "changes."
            )
        super().__init__(text)
