"""Versions of a meeting: who wrote which, and when. A server may keep them, and need not."""

from __future__ import annotations

from collections.abc import Mapping

from openucwa.client.change import Change
from openucwa.client.draft import Draft
from openucwa.client.meeting import OWN, Meeting
from openucwa.client.resource import Resource, encode


class Version(Change):
    """A version that a meeting had, or has: the change that made it, and what it says.

    What it says is in `properties` only where it was got alone, not in a list.
    """

    @property
    def etag(self) -> str:
        """The ETag of the version."""
        return self.resource.etag or ""

    @property
    def details(self) -> Mapping[str, object]:
        """The properties of the meeting, by served name."""
        told = self.properties
        return {name: told[name] for name in OWN if name in told}

    def as_meeting(self, now: Meeting) -> Meeting:
        """The meeting as it was then; what the version does not tell is as it is now.

        Raises ValueError for a version of a list, which tells nothing of that.
        """
        then = {**dict.fromkeys(OWN), **encode(self._whole()), "etag": self.etag}
        raw = {**now.resource.raw, **then}
        return Meeting(Resource.parse(raw, href=now.href, rel=now.resource.rel))

    def restored(self, now: Meeting) -> Draft:
        """A draft that makes the meeting what it was; what this client does not know stays.

        Raises ValueError for a version of a list, which tells nothing of that.
        """
        whole = self._whole()
        draft = Draft(now)
        for name in OWN:
            draft.take(name, whole.get(name))
        return draft

    def _whole(self) -> Mapping[str, object]:
        if not self.details:
            raise ValueError(
                "A version in a list has no details of the meeting. Fetch that version alone."
            )
        return self.details
