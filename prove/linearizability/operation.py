"""An operation of a client, and its answer: a line of the history."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """The kind of an operation."""

    CREATE = "create"
    PUT = "put"
    DELETE = "delete"
    READ = "read"


class Seen(msgspec.Struct, frozen=True, gc=False):
    """A version of something as an answer showed it: its ETag, and the mark of who wrote it."""

    key: str
    etag: str
    mark: str


class Operation(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An operation on what is named by `key`.

    A key is a path: `dana/4711` is a meeting of dana, `dana/4711/notes` an extension of it, which
    ends with it. A create names what it adds to, `within`, and has a key if it was answered. Times
    are in nanoseconds of one clock. `status` is None where no answer came, or one that leaves open
    what has happened.
    """

    client: str
    kind: Kind
    invoked: int
    key: str = ""
    within: str = ""
    mark: str = ""
    """The text that only this write puts into the content."""
    parent: str = ""
    """The ETag that was sent as If-Match; none, where nothing was demanded."""
    returned: int | None = None
    status: int | None = None
    etag: str = ""
    """The ETag of the version that an accepted write made."""
    saw: list[Seen] = []
    listed: list[str] = []
    """The keys below which there was nothing but what it saw."""

    @property
    def is_accepted(self) -> bool:
        """True if it is a write that was acknowledged."""
        return self.status in (200, 201, 204) and self.kind is not Kind.READ

    @property
    def is_unknown(self) -> bool:
        """True if it is a write that may have been carried out or not."""
        return self.status is None and self.kind is not Kind.READ

    @property
    def is_as_expected(self) -> bool:
        """True if its answer is one that is allowed, or if there was none."""
        if self.status == 404 and self.kind is Kind.CREATE:
            return is_part(self.within)
        return self.status is None or self.status in _EXPECTED[self.kind]


_EXPECTED = {
    Kind.CREATE: (200, 201),
    Kind.PUT: (200, 404, 412),
    Kind.DELETE: (204, 404, 412),
    Kind.READ: (200, 404),
}
"""404 is for what is not there, 412 for an ETag that is not current."""


def above(key: str) -> str:
    """The key of what something is a part of."""
    return key.rpartition("/")[0]


def is_part(key: str) -> bool:
    """Return whether a key names a part of something else: a user's name does not."""
    return "/" in key
