# Made from _async/scheduling.py by `make synchronous`. Change that one.
"""Scheduling: a meeting is made once, also where the answer is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openucwa.client._sync.folder import Folder, offered
from openucwa.client._sync.session import Session
from openucwa.client.conflict import ChangesIgnored
from openucwa.client.draft import Draft
from openucwa.client.errors import AnswerLost, ClientError, Refused, ServerFailed, Unavailable
from openucwa.client.failures import GATEWAY
from openucwa.client.meeting import Meeting
from openucwa.client.schedule import Schedule
from openucwa.wire import merge as merging
from openucwa.wire.members import SCHEDULE

_ROUNDS = 3
"""The number of tries to schedule a meeting whose answer was lost, and that is not there."""


class Scheduling:
    """The part of Meetings that schedules, once for each meeting even if an answer is lost."""

    def __init__(self, folder: Folder, session: Session) -> None:
        self._folder = folder
        self._session = session

    def schedule(self, properties: Mapping[str, object], organizer: str | None = None) -> Meeting:
        """Schedule a meeting that has those of the properties (by served name) that can be set.

        It is that of the `organizer` for whom the user acts, if one is named. Raises ChangesIgnored
        where it was scheduled without its time: that of another server; and NotOffered by a server
        without delegates.
        """
        wanted = {
            name: value
            for name, value in properties.items()
            if not merging.is_server_owned(name) and value is not None
        }
        planned = wanted.pop(SCHEDULE, None)
        if not isinstance(planned, Schedule):
            return self._schedule(wanted, organizer)
        planned.check()
        scheduled = self._schedule({**wanted, **planned.served()}, organizer)
        if scheduled.schedule is None:
            raise ChangesIgnored([SCHEDULE], scheduled)
        return scheduled

    def _schedule(self, wanted: Mapping[str, object], organizer: str | None) -> Meeting:
        dashboard = self._session.dashboard("onlineMeetings")
        if organizer is None:
            href = self._folder.href()
        else:
            href = offered(dashboard, "sharedOnlineMeetings")
            wanted = {**wanted, "organizer": organizer}
        if dashboard.properties.get("acceptsIdempotencyKey"):
            from uuid import uuid4  # here, since it is slow to import

            key = {"Idempotency-Key": f'"{uuid4()}"'}
            answer = self._session.send("POST", href, wanted, repeatable=True, headers=key)
            return self._folder.answered(answer)
        return self._carefully(href, wanted)

    def _carefully(self, href: str, wanted: Mapping[str, object]) -> Meeting:
        """Schedule where the server would take a repeated POST for a second meeting.

        Which meetings there are is known beforehand, so that a lost answer can be made up for.
        """
        before = {one.id for one in self._folder.list()}
        for _ in range(_ROUNDS):
            try:
                return self._folder.answered(self._session.send("POST", href, wanted))
            except (AnswerLost, ServerFailed, Unavailable) as lost:
                if isinstance(lost, Refused) and lost.status not in GATEWAY:
                    raise
                new = [one for one in self._looked_up(lost) if one.id not in before]
                alike = [one for one in new if _has(one, wanted)]
                if len(alike) == 1:
                    return alike[0]
                if new:
                    raise AnswerLost(
                        "The answer was lost, and the list has new meetings, one of which may be "
                        "this one. Check the list before you schedule it again."
                    ) from lost
                if isinstance(lost, Refused):  # behind the gateway it may still be under way
                    raise AnswerLost(
                        f"{lost} The meeting is not in the list, or not yet. Check the list "
                        "before you schedule it again."
                    ) from lost
        raise AnswerLost("The server does not answer. Check the list of meetings before you retry.")

    def _looked_up(self, lost: ClientError) -> Sequence[Meeting]:
        """All meetings, after an answer was lost. Raises `lost` if they can't be had either."""
        try:
            return self._folder.list()
        except ClientError:  # the network is down, and the server can not even be found
            raise lost from None


def _has(meeting: Meeting, wanted: Mapping[str, object]) -> bool:
    """Return whether a meeting is as wanted, as far as the server knows its properties."""
    found = meeting.properties
    sent = Draft(meeting, wanted).properties
    return not merging.differing(
        {name: found[name] for name in sent if name in found},
        {name: value for name, value in sent.items() if name in found},
    )
