"""Changes: who has changed a meeting, when, and with which application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from openucwa.client.attributes import Attribute, TypedResource, moment, text, texts
from openucwa.client.resource import Resource
from openucwa.wire import sip

__all__ = ["Change"]

_PREFIX = "changed"


class Change(TypedResource):
    """A change of a meeting, as far as the server tells of it; what it does not tell is empty.

    `by` is the SIP URI of who made it, and `at` when. `application` is the user agent of the
    application that was used, which is how people tell their devices apart, and `on_behalf_of` the
    SIP URI of the organizer, if a delegate made it for her. `changed` names the properties that
    differ from the version before, or from the version that a refused draft was made from. Names
    and user agents are text of others.
    """

    by: Attribute[str] = Attribute("changedBy", text)
    at: Attribute[datetime | None] = Attribute("changedAt", moment)
    application: Attribute[str] = Attribute("changedWith", text)
    on_behalf_of: Attribute[str] = Attribute("changedOnBehalfOf", text)
    changed: Attribute[tuple[str, ...]] = Attribute("changedProperties", texts)

    @property
    def by_name(self) -> str:
        """The display name of who made it; the part of the address before the @ if need be."""
        return text(self.properties.get("changedByName")) or name_of(self.by)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(by={self.by!r}, at={self.at!r})"


def change_in(raw: Mapping[str, object]) -> Change:
    """Return what the JSON of a 412 or of an event tells of the latest change."""
    found = {name: value for name, value in raw.items() if name.startswith(_PREFIX)}
    return Change(Resource.parse(found))


def name_of(uri: str) -> str:
    """Return a name for an address: the part before the @."""
    try:
        address = sip.normalise(uri)
    except ValueError:
        return uri
    spelled = uri[uri.lower().find(":") + 1 :].strip()
    return spelled.partition("@")[0] or address
