"""Changes of entities, for those who are told of them: who made one, when, and of what."""

from datetime import datetime

import msgspec


class Change(msgspec.Struct, kw_only=True, rename="camel"):
    """A change of an entity, by the names under which it is served."""

    changed_by: str | None
    """The SIP address of who wrote it."""
    changed_by_name: str | None
    """The display name of who wrote it."""
    changed_with: str | None
    """The user agent of the application that wrote it."""
    changed_on_behalf_of: str | None
    """The SIP address of the organizer, if a delegate wrote it for her."""
    changed_at: datetime
    """The time at which it was written."""
    changed_properties: tuple[str, ...] | None
    """The properties that differ from the previous version."""
