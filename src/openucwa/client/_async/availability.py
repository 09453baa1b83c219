"""Being available: others see and reach the user in the client's application (MeDashboard.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from openucwa.client._async.folder import offered
from openucwa.client._async.session import AsyncSession
from openucwa.client.errors import Conflict, NotOffered
from openucwa.client.resource import Resource


async def make_available(
    session: AsyncSession, sign_in_as: str | None, modalities: Iterable[str], formats: Iterable[str]
) -> None:
    """Make the user available, unless she is already."""
    me = await _me(session)
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
        await session.send("POST", href, given, repeatable=True)


async def report_activity(session: AsyncSession) -> None:
    """Tell that the user is active just now."""
    href = offered(await _me(session), "reportMyActivity")
    await session.send("POST", href, repeatable=True)


async def _me(session: AsyncSession) -> Resource:
    """Return me as it is now: the application has it as it was when it was made."""
    href = (await session.dashboard("me")).href
    return await session.get(href)
