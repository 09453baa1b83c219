# Made from _async/conflict.py by `make synchronous`. Change that one.
"""Conflicts of a meeting that is saved, with the ways to resolve them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from openucwa.client.change import Change
from openucwa.client.conflict import MeetingChanged, MeetingGone
from openucwa.client.draft import Draft
from openucwa.client.errors import ClientError
from openucwa.client.meeting import Meeting
from openucwa.wire.merge import Merge, Side


class MeetingStore(Protocol):
    """The part of the meetings of a client that conflicts need."""

    def save(self, draft: Draft, /) -> Meeting: ...
    def schedule_like(self, properties: Mapping[str, object], /) -> Meeting: ...


class _Held(ClientError):
    """The meetings of a client, which an error leaves behind when it goes to another process."""

    _meetings: MeetingStore | None

    def _client(self) -> MeetingStore:
        if self._meetings is None:
            raise RuntimeError(
                "This error comes from another process, or is a copy, and has no client to save "
                "with. Its attributes have all versions: use a client of this process."
            )
        return self._meetings

    def __reduce__(self) -> tuple[Any, ...]:
        make, arguments, state = super().__reduce__()
        return make, arguments, {**state, "_meetings": None}


class MeetingConflict(_Held, MeetingChanged):
    """Somebody else has changed the meeting; `resolve` decides what clashes, and saves it."""

    def __init__(
        self,
        meetings: MeetingStore,
        draft: Draft,
        theirs: Meeting,
        merge: Merge,
        change: Change | None = None,
        *,
        all_but_time_is_saved: bool = False,
    ) -> None:
        super().__init__(draft, theirs, merge, change, all_but_time_is_saved=all_but_time_is_saved)
        self._meetings = meetings

    def resolve(
        self,
        default: Side | None = None,
        *,
        values: Mapping[str, object] | None = None,
        **choices: Side,
    ) -> Meeting:
        """Save the merged meeting, with `mine` or `theirs` for each property that clashes.

        `resolve(subject="theirs")` names each; `resolve("mine")` decides those that are not named.
        `values` gives a property another value than the two. Raises ValueError for a conflict that
        is left open, and a new conflict when the meeting has changed again meanwhile.

        >>> try:
        ...     saved = meetings.update(weekly, subject="Mine")
        ... except MeetingConflict as conflict:
        ...     saved = conflict.resolve(subject="theirs")
        >>> saved.subject
        'Theirs'
        """
        return self._client().save(self.resolved(default, choices, values or {}))


class MeetingDeleted(_Held, MeetingGone):
    """The meeting was deleted while it was edited; `schedule_anew` makes another of the draft."""

    def __init__(self, meetings: MeetingStore, draft: Draft) -> None:
        super().__init__(draft)
        self._meetings = meetings

    def schedule_anew(self) -> Meeting:
        """Schedule another meeting that is what the draft wanted. It has another id."""
        return self._client().schedule_like(self.mine)
