"""onlineMeetingShares: the people with whom a meeting is shared.

OpenUCWA has them and others need not (docs/extensions.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from openucwa.client._async.session import AsyncSession
from openucwa.client.errors import (
    AnswerLost,
    ClientError,
    Conflict,
    Gone,
    NotFound,
    NotOffered,
    PreconditionFailed,
)
from openucwa.client.meeting import Meeting
from openucwa.client.people import address_of
from openucwa.client.share import Share
from openucwa.wire import sip
from openucwa.wire.enums import ShareRole

_REL = "onlineMeetingShare"
_TRIES = 3


class AsyncShares:
    """The shares of meetings at the server."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, meeting: Meeting) -> Sequence[Share]:
        """Return the shares of a meeting. Raises NotOffered."""
        folder = await self._session.get(_folder_of(meeting))
        return [Share(one) for one in folder.embedded(_REL)]

    async def share(self, meeting: Meeting, person: str, role: ShareRole | str) -> Share:
        """Give a person a share, or another role in the one that she has.

        It is tried again while others change it. Raises the last refusal if that never ends;
        ValueError for what is no address or role, and NotOffered.
        """
        uri, role = address_of(person), ShareRole(role)
        href = _folder_of(meeting)
        last: ClientError = AnswerLost(
            "The server accepted the share and did not return it. List the people with whom the "
            "meeting is shared."
        )
        for _ in range(_TRIES):
            found = await self._one(meeting, uri)
            if found is not None and found.role == role:
                return found
            try:
                if found is None:
                    wanted = {"uri": uri, "role": role}
                    answer = await self._session.send("POST", href, wanted)
                else:
                    answer = await self._session.send(
                        "PUT",
                        found.href,
                        {**found.properties, "role": role},
                        if_match=found.etag,
                        repeatable=True,
                    )
            except (AnswerLost, Conflict, PreconditionFailed, NotFound, Gone) as error:
                last = error  # somebody else has changed it, or the answer was lost
                continue
            if answer.resource is not None:
                return Share(answer.resource)
        raise last

    async def remove(self, meeting: Meeting, person: str) -> None:
        """Take a share away. It is no error where there is none. Raises ValueError, NotOffered."""
        found = await self._one(meeting, address_of(person))
        if found is not None:
            with suppress(NotFound, Gone):
                await self._session.send("DELETE", found.href, repeatable=True)

    async def _one(self, meeting: Meeting, uri: str) -> Share | None:
        key = sip.key(uri)
        found = await self.of(meeting)
        return next((one for one in found if sip.key(one.uri) == key), None)


def _folder_of(meeting: Meeting) -> str:
    href = meeting.resource.link("onlineMeetingShares")
    if href is None:
        if meeting.is_shared:
            raise NotOffered(
                "Only the organizer of the meeting and the organizer's delegates can share it."
            )
        raise NotOffered("This server does not share meetings.")
    return href
