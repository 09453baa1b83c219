"""Preferences of a client besides the format."""

import re

_REFUSED = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Return whether `Accept-Encoding` allows gzip (RFC 9110, section 12.5.3).

    `*` stands for every coding that is not named.
    """
    accepts: dict[str, bool] = {}
    for coding in (accept_encoding or "").lower().split(","):
        name, _, quality = coding.partition(";")
        accepts[name.strip()] = not _REFUSED.fullmatch(quality)
    return accepts.get("gzip", accepts.get("*", False))


def prefers_representation(prefer: str | None) -> bool:
    """Return whether `Prefer` asks for the representation (RFC 7240, section 4.2)."""
    preferences = (prefer or "").replace(" ", "").replace('"', "").lower().split(",")
    return any(one.partition(";")[0] == "return=representation" for one in preferences)
