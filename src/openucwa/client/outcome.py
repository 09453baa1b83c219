"""The result of saving a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from openucwa.client.change import Change
from openucwa.wire import merge


@dataclass
class Outcome:
    """The result of saving a draft.

    `kept` names the properties that are otherwise than the draft has them, because others had
    changed them meanwhile. `changes` has their values: `before` with the draft's changes alone,
    `after` as saved, and for a list of people whom others have `added` or `removed`. `change` is
    the latest of these changes, as far as the server tells of it. `tries` counts the PUTs.
    """

    changes: tuple[merge.Kept, ...] = ()
    change: Change | None = None
    tries: int = 0

    @property
    def by(self) -> str | None:
        """The SIP URI of who made that change; None where the server does not tell."""
        return (self.change.by or None) if self.change else None

    @property
    def at(self) -> datetime | None:
        """The time of that change; None where the server does not tell."""
        return self.change.at if self.change else None

    @property
    def kept(self) -> tuple[str, ...]:
        """The served names of the properties that others had changed."""
        return tuple(one.name for one in self.changes)
