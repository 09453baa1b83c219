"""The spelling of header names on the wire: some clients tell `ETag` from `etag`."""

from functools import lru_cache


class _Name(bytes):
    """A header name that uvicorn sends as it is spelled here.

    uvicorn sends names in the case to which `lower` brings them, and compares them in lower case.
    """

    __hash__ = bytes.__hash__

    def __eq__(self, other: object) -> bool:
        return super().lower() == other

    def lower(self) -> bytes:
        return self


@lru_cache(maxsize=256)
def spelled(name: str) -> bytes:
    """The name of a response header for the ASGI server, to be sent in exactly this case."""
    return _Name(name.encode("latin-1"))
