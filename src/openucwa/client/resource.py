"""A resource as the server shows it: properties, links, and what it embeds (PayloadFormat.md)."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum

from openucwa.client.schedule import Schedule
from openucwa.wire import dates
from openucwa.wire.members import SCHEDULE, Kind, names

__all__ = ["Resource", "content_of_request", "encode", "quoted", "unquoted"]

_DATE = r"(?a)/Date\(-?\d{1,15}(?:[+-]\d{4})?\)/"
_PLAIN_DATE = r'"/Date\((-?\d+)\)/"'
_TEXTS = frozenset({*names(Kind.LINE, Kind.TEXT), "name", "title", "changedByName", "changedWith"})
"""The members with text of people, which is never a date, whatever it looks like."""
_DATES = frozenset({*names(Kind.TIME), "expires", "startTime", "endTime"})
"""The members that are dates even if a server writes them as ISO 8601."""
_STRUCTURE = frozenset({"_links", "_embedded", "rel", "etag", "href"})


class Resource:
    """One representation, as it was served. It does not change.

    `rel` says what it is; `href` is its address as the server wrote it, which may be relative;
    `etag` names its version, without quotes. `properties` has all others of its members, those
    that nobody knows, too; dates among them are aware datetimes. `raw` is the JSON as it came.

    >>> application.rel, application.link("batch") is not None, application.link("teleport")
    ('application', True, None)
    """

    __slots__ = ("_embedded", "_links", "etag", "href", "properties", "raw", "rel")

    def __init__(
        self,
        rel: str,
        href: str,
        *,
        etag: str | None = None,
        properties: Mapping[str, object] | None = None,
        links: Mapping[str, list[str]] | None = None,
        embedded: Mapping[str, "list[Resource]"] | None = None,
        raw: Mapping[str, object] | None = None,
    ) -> None:
        self.rel: str = rel
        self.href: str = href
        self.etag: str | None = etag
        self.properties: dict[str, object] = dict(properties or {})
        self.raw: Mapping[str, object] = raw or {}
        self._links: Mapping[str, list[str]] = links or {}
        self._embedded: Mapping[str, list[Resource]] = embedded or {}

    @classmethod
    def parse(
        cls,
        raw: Mapping[str, object],
        href: str | None = None,
        *,
        rel: str | None = None,
        etag: str | None = None,
    ) -> "Resource":
        """Read the JSON of a resource; anything in it that can't be understood is passed over.

        `href`, `rel` and `etag` (as in the header `ETag`) are from elsewhere, for a resource that
        does not say them itself.
        """
        links = _links(raw.get("_links"))
        tag = raw.get("etag")
        own = raw.get("rel")
        return cls(
            own if isinstance(own, str) else rel or "",
            next(iter(links.get("self", ())), href or ""),
            etag=unquoted(tag if isinstance(tag, str) else etag),
            properties={
                name: _decoded(name, value) for name, value in raw.items() if name not in _STRUCTURE
            },
            links=links,
            embedded=_embedded(raw.get("_embedded")),
            raw=raw,
        )

    def link(self, rel: str) -> str | None:
        """Return the address of the link `rel`, or None if the resource has no such link."""
        return next(iter(self._links.get(rel, ())), None)

    def links(self, rel: str) -> list[str]:
        """All addresses of a `rel` that may have several."""
        return list(self._links.get(rel, ()))

    @property
    def rels(self) -> list[str]:
        """The rels of the links, in served order, without `self`."""
        return [rel for rel in self._links if rel != "self"]

    def embedded(self, rel: str) -> "list[Resource]":
        """The resources of that `rel` which came along, in served order."""
        return list(self._embedded.get(rel, ()))

    def __repr__(self) -> str:
        return f"Resource({self.rel!r}, {self.href!r})"


def encode(properties: Mapping[str, object]) -> dict[str, object]:
    """Properties as JSON takes them: datetimes as `/Date(ms)/`, tuples as lists, sets sorted.

    Raises ValueError for a datetime without a time zone.
    """
    return {name: _encoded(value) for name, value in properties.items()}


def content_of_request(properties: Mapping[str, object]) -> bytes:
    """Properties as JSON. Dates have their slashes escaped, as servers write them."""
    # In ASCII, which has a form for half a surrogate pair, too.
    text = json.dumps(encode(properties))
    return re.sub(_PLAIN_DATE, r'"\\/Date(\1)\\/"', text).encode()


def _encoded(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone. Give it one, as in tzinfo=UTC.")
        try:
            return f"/Date({dates.milliseconds(value.astimezone(UTC))})/"
        except OverflowError:
            raise ValueError(
                f"{value} can't be converted to UTC: it is too early or too late."
            ) from None
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Schedule):
        return encode(value.served())
    if isinstance(value, Mapping):
        return encode(value)
    if isinstance(value, set | frozenset):
        return sorted(_encoded(one) for one in value)  # type: ignore[type-var] # texts or numbers
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_encoded(one) for one in value]
    return value


def _decoded(name: str, value: object) -> object:
    if isinstance(value, str) and (
        name in _DATES or (name not in _TEXTS and re.fullmatch(_DATE, value))
    ):
        try:
            return dates.parse(value)
        except ValueError:
            return value
    if name == SCHEDULE and isinstance(value, Mapping):
        return Schedule.read(value)
    if isinstance(value, list):
        return [_decoded(name, one) for one in value]
    return value


def _links(found: object) -> dict[str, list[str]]:
    """The addresses by rel. A link is an object, or an array of them."""
    if not isinstance(found, Mapping):
        return {}
    return {rel: hrefs for rel, link in found.items() if (hrefs := list(_hrefs(link)))}


def _hrefs(link: object) -> Iterable[str]:
    for one in link if isinstance(link, list) else [link]:
        href = one.get("href") if isinstance(one, Mapping) else None
        if isinstance(href, str):
            yield href


def _embedded(found: object) -> dict[str, list[Resource]]:
    if not isinstance(found, Mapping):
        return {}
    return {
        rel: [
            Resource.parse(one, rel=rel)
            for one in (inner if isinstance(inner, list) else [inner])
            if isinstance(one, Mapping)
        ]
        for rel, inner in found.items()
    }


def unquoted(tag: str | None) -> str | None:
    """An entity tag without quotes and weakness (RFC 9110, section 8.8.3)."""
    if tag is None:
        return None
    tag = tag.strip().removeprefix("W/")
    return tag[1:-1] if len(tag) > 1 and tag[0] == tag[-1] == '"' else tag


def quoted(tag: str) -> str:
    """An entity tag as a condition names it; `*` is any."""
    return tag if tag == "*" or tag.startswith(('"', "W/")) else f'"{tag}"'
