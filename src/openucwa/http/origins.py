"""Which web pages of other origins may use this server from a browser (Fetch Standard, CORS).

They send requests directly, or through the cross-domain frame (`frame.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from openucwa.http.request import Call

ANY = "*"

_PREFLIGHT_HOLDS = 7200
"""Seconds for which a browser may remember the answer to a preflight. None remembers longer."""

_EXPOSED = ", ".join(
    (
        "ETag",
        "Location",
        "WWW-Authenticate",
        "Retry-After",
        "Allow",
        "Preference-Applied",
        "X-Request-Id",
        "X-Ms-diagnostics",
        "X-MS-UcwaVersion",
        "X-MS-Server-Fqdn",
    )
)
"""The headers that a page may read besides those that are always open, such as Content-Type."""


@dataclass(frozen=True)
class Origins:
    """The allowed origins, as browsers spell them; `*` stands for any."""

    allowed: Sequence[str]

    def headers(self, origin: str) -> list[tuple[str, str]]:
        """The header lines of an answer to a page of `origin`: none unless it is allowed.

        Only origins that are listed may use the browser's cookies for this server. All that there
        are is the one for photos, which a page can't have set for its images otherwise.
        """
        if origin in self.allowed:
            granted = [
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Credentials", "true"),
            ]
        elif ANY in self.allowed:
            granted = [("Access-Control-Allow-Origin", ANY)]
        else:
            return []
        return [*granted, ("Access-Control-Expose-Headers", _EXPOSED)]

    def preflight(self, call: Call, methods: Sequence[str]) -> list[tuple[str, str]]:
        """The further lines of the answer to a preflight: what the page may send.

        Whom this server lets send requests, it lets send any header.
        """
        if not {call.header("origin"), ANY}.intersection(self.allowed):
            return []
        lines = [
            ("Access-Control-Allow-Methods", ", ".join(methods)),
            ("Access-Control-Max-Age", str(_PREFLIGHT_HOLDS)),
        ]
        if wanted := call.header("access-control-request-headers"):
            lines.append(("Access-Control-Allow-Headers", wanted))
        return lines


def is_preflight(call: Call) -> bool:
    """Return whether a request is a browser's preflight request."""
    return call.header("origin") is not None and (
        call.header("access-control-request-method") is not None
    )
