"""The spelling of header names on the wire: some clients tell `ETag` from `etag`."""

from functools import lru_cache


class _Name(bytes):
    """A header name that is sent as it is spelled here.

    uvicorn sends names in the case to which `lower` brings them.
    """

    def lower(self) -> bytes:
        return self


class _Framing(_Name):
    """The name of a header that uvicorn itself looks for, in lower case."""

    __hash__ = bytes.__hash__

    def __eq__(self, other: object) -> bool:
        return bytes.lower(self) == other


_FRAMING = {"Content-Length", "Connection", "Transfer-Encoding"}


@lru_cache(maxsize=256)
def spelled(name: str) -> bytes:
    """The name of a response header for the ASGI server, to be sent in exactly this case."""
    return (_Framing if name in _FRAMING else _Name)(name.encode("latin-1"))
