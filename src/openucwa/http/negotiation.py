"""Which format a body has."""

import re

from openucwa.wire import json
from openucwa.wire.errors import UnsupportedMediaType

_REFUSED = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")


def read_members(body: bytes) -> dict[str, object]:
    """The members of a request's body; none when it is empty. Raises DeserializationFailure."""
    return json.read(body) if body.strip() else {}


def check_type(content_type: str | None, body: bytes) -> None:
    """Raise UnsupportedMediaType for a body in a format that is not spoken here.

    Without a type it is JSON.
    """
    if not body or content_type is None:
        return
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in json.MEDIA_TYPES:
        raise UnsupportedMediaType(
            f"The body's type {media_type[:100]!r} is not spoken here. Send application/json.",
        )


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether `Accept-Encoding` lets gzip through (RFC 9110, section 12.5.3).

    `*` stands for every coding that is not named.
    """
    accepts: dict[str, bool] = {}
    for coding in (accept_encoding or "").lower().split(","):
        name, _, quality = coding.partition(";")
        accepts[name.strip()] = not _REFUSED.fullmatch(quality)
    return accepts.get("gzip", accepts.get("*", False))


def prefers_representation(prefer: str | None) -> bool:
    """Whether `Prefer` asks for the representation (RFC 7240, section 4.2)."""
    preferences = (prefer or "").replace(" ", "").replace('"', "").lower().split(",")
    return any(one.partition(";")[0] == "return=representation" for one in preferences)
