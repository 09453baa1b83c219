# Made from _async/availability.py by `make synchronous`. Change that one.
"""Being available: others see and reach the user in the client's application (MeDashboard.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from openucwa.client._sync.folder import offered
from openucwa.client._sync.session import Session
from openucwa.client.errors import Conflict, NotOffered
from openucwa.client.resource import Resource


def make_available(
    session: Session, sign_in_as: str | None, modalities: Iterable[str], formats: Iterable[str]
) -> None:
    """Make the user available, unless she is already."""
    me = _me(session)
    href = me.link("makeMeAvailable")
    if href is None:
        if me.link("reportMyActivity") is None:
            raise NotOffered("This server can't make this user available.")
        return
    given: Mapping[str, object] = {
        "signInAs": sign_in_as,
        "supportedModalities": list(modalities),
        "supportedMessageFormats": list(formats),
    }
    with suppress(Conflict):  # by a try whose answer was lost, or by another instance
        session.send("POST", href, given, repeatable=True)


def report_activity(session: Session) -> None:
    """Tell that the user is active just now."""
    href = offered(_me(session), "reportMyActivity")
    session.send("POST", href, repeatable=True)


def _me(session: Session) -> Resource:
    """Return me as it is now: the application has it as it was when it was made."""
    href = (session.dashboard("me")).href
    return session.get(href)
