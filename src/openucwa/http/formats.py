"""The formats of payloads: which one an answer has, and which one a body.

Sources: PayloadFormat.md; RFC 9110, section 12.5.1.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from openucwa.wire import json, xml
from openucwa.wire.channel import Package
from openucwa.wire.errors import UnsupportedMediaType
from openucwa.wire.metadata import Method
from openucwa.wire.representation import Representation


@dataclass(frozen=True, slots=True)
class Format:
    """A format of payloads. `is_text` tells that all values that are read are text."""

    content_type: str
    write: Callable[[Representation], bytes]
    write_error: Callable[..., bytes]
    write_package: Callable[[Package], bytes]
    write_metadata: Callable[[Sequence[Method]], bytes]
    read: Callable[[bytes], dict[str, object]]
    is_text: bool


FORMATS = {
    media_type: Format(
        content_type=f"{media_type}; charset=utf-8",
        write=language.write,
        write_error=language.write_error,
        write_package=language.write_package,
        write_metadata=language.write_metadata,
        read=language.read,
        is_text=language is xml,
    )
    for language in (json, xml)
    for media_type in language.MEDIA_TYPES
}
"""By media type. The first is served where all are wanted alike."""
JSON = FORMATS["application/json"]

_WORD = r"[\w!#$%&'*+.^`|~-]++"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_PARAMETERS = rf"(?:[ \t]*;(?![ \t]*q=)[ \t]*(?:{_WORD}(?:=(?:{_WORD}|{_QUOTED}))?+)?+)*+"
_RANGE = re.compile(
    rf"""[ \t]*+
    (?:
        (?P<range>{_WORD}/{_WORD})
        {_PARAMETERS}                   # charset and the like, which tell nothing here
        (?:[ \t]*;[ \t]*q=(?P<q>0(?:\.[0-9]{{0,3}})?|1(?:\.0{{0,3}})?){_PARAMETERS})?+
    )?+                                 # an empty element counts for nothing
    [ \t]*(?:,(?:[ \t]*+,)*+|\Z)""",
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)


_LONGEST_ACCEPT = 4096

_NO_WISH = (0.0, False, 0)


@lru_cache(maxsize=64)
def accepted(accept: str | None) -> Format:
    """The format that a client with this `Accept` wants most.

    Of types that it wants alike, one that it names goes before those that `*` stands for, and the
    one that it names first before others. It is JSON when the header is not there, is very long or
    can't be read, and when it lets nothing through that is spoken here: UCWA has no 406.
    """
    if accept is not None and len(accept) > _LONGEST_ACCEPT:
        return JSON
    try:
        ranges = _ranges(accept or "")
    except ValueError:
        return JSON
    return FORMATS[max(FORMATS, key=lambda media_type: _wish(media_type, ranges))]


def prefers(accept: str | None, media_type: str) -> bool:
    """Return True if a client wants a type more than the formats of payloads."""
    try:
        ranges = _ranges(accept or "") if len(accept or "") <= _LONGEST_ACCEPT else {}
    except ValueError:
        return False
    if media_type not in ranges:
        return False
    wishes = {one: _wish(one, ranges) for one in (media_type, *FORMATS)}
    return wishes[media_type] > _NO_WISH and max(wishes, key=lambda one: wishes[one]) == media_type


def _wish(media_type: str, ranges: dict[str, tuple[float, int]]) -> tuple[float, bool, int]:
    """Return the quality of a type, from the most specific range that it falls into."""
    if media_type in ranges:
        quality, position = ranges[media_type]
        return (quality, True, -position) if quality else _NO_WISH
    quality, _ = ranges.get("application/*") or ranges.get("*/*") or (0.0, 0)
    return quality, False, 0


def _ranges(accept: str) -> dict[str, tuple[float, int]]:
    """The quality and the position of each range. Raises ValueError for what can't be read."""
    ranges: dict[str, tuple[float, int]] = {}
    position = 0
    while position < len(accept):
        found = _RANGE.match(accept, position)
        if found is None:
            raise ValueError(accept)
        if found["range"]:
            ranges.setdefault(found["range"].lower(), (float(found["q"] or 1), position))
        position = found.end()
    return ranges


_ALIASES = {"text/xml": "application/xml"}
"""Types by which a body may be called, too (RFC 7303, section 9.2)."""
_CHARSET = re.compile(r""";[ \t]*charset[ \t]*=[ \t]*["']?([^"';, \t]+)""", re.IGNORECASE)


def sent(content_type: str | None, body: bytes) -> Format:
    """The format of a request's body; without a type it is JSON, and an empty body any.

    The charset of XML is what Content-Type says (RFC 7303, section 3); JSON is UTF-8 whatever it
    says (RFC 8259, section 11). Raises UnsupportedMediaType.
    """
    if not body or content_type is None:
        return JSON
    media_type = content_type.partition(";")[0].strip().lower()
    found = FORMATS.get(_ALIASES.get(media_type, media_type))
    if found is None:
        raise UnsupportedMediaType(
            f"The media type {media_type[:100]!r} of the body is not supported. "
            "Send application/json or application/xml."
        )
    if found.is_text and (charset := _CHARSET.search(content_type)):
        if charset[1].lower() not in xml.CHARSETS:
            raise UnsupportedMediaType(
                f"The charset {charset[1][:100]!r} of the body is not supported. Send it as UTF-8."
            )
        return replace(found, read=partial(xml.read, charset=charset[1].lower()))
    return found
