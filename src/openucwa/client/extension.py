"""Data that an application keeps with a meeting (onlineMeetingExtension_ref.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from openucwa.client.attributes import Attribute, TypedResource, member, text
from openucwa.wire.enums import OnlineMeetingExtensionType

__all__ = ["Extension"]

_OWN = frozenset({"id", "type"})
_PLAYED_BACK = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""The name of the member that PUT demands back is a GUID."""


class Extension(TypedResource):
    """An extension of a meeting in one version: key-value pairs under an id."""

    id: Attribute[str] = Attribute("id", text)
    """The id, unique within the meeting."""
    """By which it is known among those of its meeting."""
    type: Attribute[OnlineMeetingExtensionType | str] = Attribute(
        "type", member(OnlineMeetingExtensionType)
    )
    """The people for whom it is."""

    @property
    def members(self) -> Mapping[str, str]:
        """The members that the application stores: texts by name."""
        return {
            name: value
            for name, value in self.properties.items()
            if isinstance(value, str) and name not in _OWN and not _PLAYED_BACK.fullmatch(name)
        }

    @property
    def href(self) -> str:
        """The address in the application of its client."""
        return self.resource.href

    @property
    def etag(self) -> str | None:
        """The ETag of the version, if the server sends one."""
        return self.resource.etag

    def changed(
        self,
        changes: Mapping[str, str | None],
        type: OnlineMeetingExtensionType | str | None = None,
    ) -> dict[str, object]:
        """The properties of a PUT: all as it was served, with changes; None leaves one out."""
        wanted = {**self.properties, **changes}
        if type is not None:
            wanted["type"] = type
        return {name: value for name, value in wanted.items() if value is not None}
