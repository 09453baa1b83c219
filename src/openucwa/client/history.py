"""Versions of a meeting: who wrote which, and when. A server may keep them, and need not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from openucwa.client.known import Known, Told, moment, text, texts
from openucwa.client.meeting import NAMES, Draft, Meeting
from openucwa.client.resource import Resource
from openucwa.wire import merge


class Version(Told):
    """A version that a meeting had, or has.

    `by` is the SIP URI of who wrote it, empty where the server doesn't know any more, `at` when;
    `changed` names the properties in which it differs from the version before. What it says is
    in `properties` only where it was got alone, not in a list.
    """

    by: Known[str] = Known("changedBy", text)
    at: Known[datetime | None] = Known("changedAt", moment)
    changed: Known[tuple[str, ...]] = Known("changedProperties", texts)

    @property
    def etag(self) -> str:
        """What names it."""
        return self.resource.etag or ""

    @property
    def details(self) -> Mapping[str, object]:
        """What the meeting was, by served name."""
        told = self.properties
        return {name: told[name] for name in NAMES.values() if name in told}

    def as_meeting(self, now: Meeting) -> Meeting:
        """The meeting as it was then, with what the server alone decides as it is now."""
        owned = {n: value for n, value in now.properties.items() if merge.is_server_owned(n)}
        then = Resource(
            now.resource.rel, now.href, etag=self.etag, properties={**owned, **self.details}
        )
        return Meeting(then)

    def restored(self, now: Meeting) -> Draft:
        """A draft that makes the meeting what it was; what this client does not know stays."""
        draft = Draft(now)
        for name in NAMES.values():
            draft.take(name, self.details.get(name))
        return draft
