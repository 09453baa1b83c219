# Made from _async/folder.py by `make synchronous`. Change that one.
"""myOnlineMeetings: the meetings at the server, and where this client has found them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from openucwa.client._sync.session import Session
from openucwa.client.answer import Answer
from openucwa.client.errors import (
    AnswerLost,
    ConnectionFailed,
    Gone,
    MeetingNotFound,
    NotFound,
    NotOffered,
)
from openucwa.client.meeting import Meeting
from openucwa.client.resource import Resource

_RELS = ("myAssignedOnlineMeeting", "myOnlineMeeting")
_SHARED = ("sharedOnlineMeeting",)


class Folder:
    """The meetings of the client's user. A meeting is named by its id, or given as it was got."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._hrefs: dict[str, str] = {}

    def href(self) -> str:
        """Return the address of myOnlineMeetings. Raises NotOffered."""
        return offered(self._session.dashboard("onlineMeetings"), "myOnlineMeetings")

    def list(self) -> Sequence[Meeting]:
        """All meetings, in one or two requests."""
        return self._listed(self.href(), _RELS)

    def shared(self) -> Sequence[Meeting]:
        """All meetings of others that are shared with the user; none where a server shares none."""
        href = self.shared_href()
        return self._listed(href, _SHARED) if href else []

    def shared_href(self) -> str | None:
        """Return the address of sharedOnlineMeetings, None where a server shares none."""
        return (self._session.dashboard("onlineMeetings")).link("sharedOnlineMeetings")

    def _listed(self, href: str, rels: Sequence[str]) -> Sequence[Meeting]:
        folder = self._session.get(href)
        found = [Meeting(one) for rel in rels for one in folder.embedded(rel)]
        found += self._linked(folder, rels, {one.href for one in found})
        for one in found:
            self._note(one)
        return found

    def _linked(self, folder: Resource, rels: Sequence[str], known: set[str]) -> Sequence[Meeting]:
        """The meetings that a server links to, but does not embed."""
        hrefs = [href for rel in rels for href in folder.links(rel) if href not in known]
        if not hrefs:
            return []
        from openucwa.client._sync.batch import Batch  # seldom needed, and not light

        with Batch(self._session) as batch:
            parts = [batch.get(href) for href in hrefs]
        found = []
        for part in parts:
            with suppress(NotFound, Gone):  # cancelled meanwhile
                found.append(Meeting(part.result()))
        return found

    def get(self, meeting: str | Meeting) -> Meeting:
        """A meeting as it is now. Raises MeetingNotFound."""
        id = meeting.id if isinstance(meeting, Meeting) else meeting
        if href := self._hrefs.get(id.upper()):
            try:
                return self._get(href, id)
            except MeetingNotFound:
                self._hrefs.pop(id.upper(), None)
        for listed in (self.list, self.shared):
            for found in listed():
                if id and id.upper() == found.id.upper():
                    return found
        raise _not_found(id)

    def _get(self, href: str, name: str) -> Meeting:
        try:
            return self._note(Meeting(self._session.get(href)))
        except (NotFound, Gone) as gone:
            raise _not_found(name) from gone

    def _note(self, meeting: Meeting) -> Meeting:
        """Remember where a meeting is in this client's application."""
        if meeting.id:
            self._hrefs[meeting.id.upper()] = meeting.href
        return meeting

    def forget(self, meeting: Meeting) -> None:
        """Forget a meeting that is no longer there."""
        self._hrefs.pop(meeting.id.upper(), None)

    def href_of(self, meeting: Meeting) -> str | None:
        """Return the address of a meeting in this client's application, if it was seen there."""
        return self._hrefs.get(meeting.id.upper())

    def answered(self, answer: Answer, href: str | None = None) -> Meeting:
        """The meeting that an answer shows, or leads to: what was asked for is done.

        Raises AnswerLost if it can't be had.
        """
        if answer.resource is not None and answer.resource.rel in (*_RELS, *_SHARED):
            return self._note(Meeting(answer.resource))
        found_at = answer.headers.get("Location") or href
        if found_at is None:
            raise AnswerLost("The server has scheduled the meeting without returning its address.")
        try:
            return self._get(found_at, found_at)
        except ConnectionFailed as error:
            raise AnswerLost(
                f"The request was executed, but its result can't be fetched. {error}"
            ) from error


def offered(resource: Resource, rel: str) -> str:
    """Return the address of a link. Raises NotOffered."""
    href = resource.link(rel)
    if href is None:
        raise NotOffered(f"The server offers no {rel} to this user.")
    return href


def _not_found(name: str) -> MeetingNotFound:
    return MeetingNotFound(
        f"You have no meeting {name}, and none is shared with you. List the meetings for their ids."
    )
