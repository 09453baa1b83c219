"""Entity tags and the conditions that name them (RFC 9110, sections 8.8.3 and 13.1).

A tag of this server is a decimal number: unquoted in the body's `etag`, in quotes in the `ETag`
header.
"""

import re

import msgspec

MOST_TAGS = 64
"""Tags that one header may name."""

_ELEMENT = re.compile(
    r"""[ \t]*+
    (?:
        (?P<weak>W/)? "(?P<quoted>[\x21\x23-\x7e\x80-\xff]*)"
      | (?P<bare>[\x21\x23-\x2b\x2d-\x7e]+)            # as some clients send it: without its quotes
    )?                                               # an empty element counts for nothing
    [ \t]*(?:,|\Z)""",
    re.VERBOSE,
)


class Condition(msgspec.Struct, frozen=True):
    """The value of an `If-Match` or `If-None-Match` header: any version (`*`), or these tags."""

    any: bool
    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()

    def matches_strongly(self, tag: str) -> bool:
        """Return whether `tag` matches by strong comparison, as for If-Match."""
        return self.any or tag in self.strong

    def matches_weakly(self, tag: str) -> bool:
        """Return whether `tag` matches by weak comparison, as for If-None-Match."""
        return self.any or tag in self.strong or tag in self.weak


def parse_condition(header: str) -> Condition:
    """Read the value of `If-Match` or `If-None-Match`.

    Accepts `*`, quoted tags, weak tags, lists of them, and tags without quotes. Raises ValueError
    for anything else, and for more than MOST_TAGS.
    """
    if header.strip() == "*":
        return Condition(any=True)
    strong: list[str] = []
    weak: list[str] = []
    position = count = 0
    while position < len(header):
        found = _ELEMENT.match(header, position)
        count += 1
        if found is None or count > MOST_TAGS:
            raise ValueError(header)
        tag = found["bare"] if found["quoted"] is None else found["quoted"]
        if tag is not None:
            (weak if found["weak"] else strong).append(tag)
        position = found.end()
    return Condition(any=False, strong=tuple(strong), weak=tuple(weak))


def quoted(tag: str) -> str:
    """The tag as the `ETag` header carries it."""
    return f'"{tag}"'
