"""The address of a meeting, as people pass it on: a join URL, or the SIP URI of the meeting."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from openucwa.wire import conference

__all__ = ["Conference"]

_PATH = re.compile(
    r"(?:/(?P<domain>[\w-]+(?:\.[\w-]+)+))?(?:/meet)?/(?P<user>[^/]+)/(?P<key>[A-Z0-9]+)/?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Conference:
    """A meeting that can be joined, and the `key` that guests show.

    `addresses` are those by which servers may know it, the most certain one first.
    """

    addresses: tuple[str, ...]
    key: str

    @property
    def organizer(self) -> str:
        """The sign-in address of the organizer, or one in the same domain."""
        return self.addresses[-1].partition(";")[0].partition(":")[2]

    @classmethod
    def parse(cls, address: str) -> "Conference | None":
        """Read a SIP URI, or a join URL like `https://meet.contoso.com/dana/2X4T8BQ1`.

        OpenUCWA takes join URLs as they are. For other servers it stands for a SIP URI: it names
        the organizer by the first part of her address, whose domain is that of the host without its
        first name, unless the path has it. None for anything else.
        """
        address = address.strip()
        if named := conference.parsed(address):
            return cls((unquote(address),), named[1])
        try:
            url = urlsplit(address)
        except ValueError:
            return None
        found = _PATH.fullmatch(unquote(url.path))
        host = url.hostname or ""
        domain = found["domain"] or host.partition(".")[2] if found else ""
        if found is None or url.scheme not in ("http", "https") or not domain:
            return None
        key = found["key"].upper()
        return cls((address, conference.uri_of(f"sip:{found['user']}@{domain}", key)), key)
