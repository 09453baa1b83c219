"""Presence: what a user tells others of herself (presence_ref.md, note_ref.md, location_ref.md)."""

from datetime import datetime

import msgspec

from openucwa.wire.enums import Availability, PreferredAvailability

OFF_WORK = "off-work"
"""The activity of who is off work, which is no availability."""


class Presence(msgspec.Struct, kw_only=True, frozen=True):
    """The presence of a user: the availability that she has chosen, her note, and where she is.

    `chosen` is None where she has chosen none, or has reset it.
    """

    chosen: PreferredAvailability | None = None
    chosen_at: datetime | None = None
    note: str = ""
    location: str = ""

    @property
    def availability(self) -> Availability:
        """The availability that is shown while she is available in some application."""
        if self.chosen is None:
            return Availability.ONLINE
        if self.chosen is PreferredAvailability.OFFWORK:
            return Availability.AWAY
        return Availability(self.chosen.value)

    @property
    def activity(self) -> str | None:
        """A token for what she does, beside being available or not."""
        return OFF_WORK if self.chosen is PreferredAvailability.OFFWORK else None
