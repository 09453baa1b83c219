"""The SIP URI of a meeting: `sip:organizer@domain;gruu;opaque=app:conf:focus:id:ID`.

It has a join URL, too, which is what people pass on: `https://meet.domain/organizer/ID`.
"""

import re
from urllib.parse import unquote

from openucwa.wire import sip

_CONFERENCE = re.compile(
    r"(?P<organizer>sips?:[^;]+);(?:[^;]*;)*opaque=app:conf:focus:id:(?P<id>[A-Z0-9]+)",
    re.IGNORECASE | re.ASCII,
)
_LONGEST = 512


def uri_of(organizer_uri: str, online_meeting_id: str) -> str:
    """Return the URI of a meeting."""
    return f"{organizer_uri};gruu;opaque=app:conf:focus:id:{online_meeting_id}"


def designated(address: str, meet_url: str) -> tuple[str, str] | None:
    """Return who organizes a meeting, and its id, by its URI or its join URL; None for neither.

    That is the address of the organizer, or the name in join URLs, which has no colon.
    """
    if not address.strip().lower().startswith(f"{meet_url.lower()}/"):
        return parsed(address)
    name, _, id = address.strip()[len(meet_url) + 1 : _LONGEST].rstrip("/").partition("/")
    return (name.lower(), id.upper()) if name and ":" not in name else None


def parsed(uri: str) -> tuple[str, str] | None:
    """Return the organizer's address and the id in a meeting's URI; None where it is none.

    Some encode it twice: once for the URI, and once more for the form.
    """
    found = _CONFERENCE.fullmatch(unquote(uri[:_LONGEST]).strip())
    if found is None:
        return None
    try:
        return sip.normalise(found["organizer"]), found["id"].upper()
    except ValueError:
        return None
