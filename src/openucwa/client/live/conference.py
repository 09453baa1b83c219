"""The address of a meeting, as people pass it on: a join URL, or the SIP URI of the meeting."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

__all__ = ["Conference"]

_URI = re.compile(
    r"(?P<organizer>sips?:[^;]+);(?:[^;]*;)*opaque=app:conf:focus:id:(?P<key>[A-Z0-9]+)",
    re.IGNORECASE | re.ASCII,
)
_PATH = re.compile(
    r"(?:/(?P<domain>[\w-]+(?:\.[\w-]+)+))?(?:/meet)?/(?P<user>[^/]+)/(?P<key>[A-Z0-9]+)/?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Conference:
    """A meeting that can be joined: its SIP `uri`, and the `key` that guests show."""

    uri: str
    key: str

    @property
    def organizer(self) -> str:
        """The sign-in address of the organizer."""
        return self.uri.partition(";")[0].partition(":")[2]

    @classmethod
    def parse(cls, address: str) -> "Conference | None":
        """Read a SIP URI, or a join URL like `https://meet.contoso.com/dana/2X4T8BQ1`.

        A join URL names the organizer by the first part of her address, and her domain is that of
        the host without its first name, unless the path has it. None for anything else.
        """
        address = address.strip()
        if found := _URI.fullmatch(unquote(address)):
            return cls(unquote(address), found["key"].upper())
        try:
            url = urlsplit(address)
        except ValueError:
            return None
        host = url.hostname or ""
        found = _PATH.fullmatch(unquote(url.path))
        domain = found["domain"] or host.partition(".")[2] if found else ""
        if found is None or url.scheme not in ("http", "https") or not domain:
            return None
        key = found["key"].upper()
        return cls(f"sip:{found['user']}@{domain};gruu;opaque=app:conf:focus:id:{key}", key)
