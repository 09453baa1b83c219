"""The SIP URI of a meeting: `sip:organizer@domain;gruu;opaque=app:conf:focus:id:ID`."""

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
