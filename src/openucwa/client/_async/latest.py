"""The latest change of a resource, as the server tells whoever names a version that is not current.

OpenUCWA tells it and others need not (docs/extensions.md).
"""

from __future__ import annotations

from openucwa.client._async.session import AsyncSession
from openucwa.client.change import Change, change_in
from openucwa.client.errors import ClientError, PreconditionFailed

_NO_VERSION = "0"
"""An ETag that no version has."""


async def latest_change(session: AsyncSession, href: str, seen: str | None = None) -> Change | None:
    """Return the latest change of a resource since a version; None if nobody tells.

    A GET of a version that is not current is refused as a PUT is, and the refusal tells as much.
    """
    try:
        await session.send(
            "GET",
            href,
            if_match=seen or _NO_VERSION,
            headers={"Prefer": "return=representation"},
        )
    except PreconditionFailed as refused:
        return change_in(refused.body)
    except ClientError:
        pass
    return None
