"""The meetings that a user organizes: listed, scheduled, edited without losing anything, cancelled.

Sources: ScheduleAnOnlineMeeting.md, UpdateAnOnlineMeeting.md, OnlineMeetingsDashboard.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from typing import NoReturn
from uuid import uuid4

from openucwa.client._async.conflict import AsyncMeetingConflict, AsyncMeetingDeleted
from openucwa.client._async.session import AsyncSession
from openucwa.client.answer import Answer
from openucwa.client.conflict import OnConflict
from openucwa.client.errors import (
    AnswerLost,
    Gone,
    MeetingNotFound,
    NotFound,
    NotOffered,
    PreconditionFailed,
)
from openucwa.client.history import Version
from openucwa.client.meeting import Draft, Meeting, Outcome
from openucwa.client.planning import Defaults, DialIn, Eligible, InvitationTexts, Policies
from openucwa.client.resource import Resource
from openucwa.wire import merge as merging
from openucwa.wire.merge import Merge

_RELS = ("myAssignedOnlineMeeting", "myOnlineMeeting")
_MOST_TRIES = 4
"""PUTs for one draft: the first, and after each of three 412s another."""
_PREFER = {"Prefer": "return=representation"}
_ROUNDS = 3
"""How often a meeting is scheduled again whose answer was lost, and that is not there."""


class AsyncMeetings:
    """The meetings of the client's user. A meeting is named by its id, or given as it was got."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._hrefs: dict[str, str] = {}

    # Reading

    async def list(self) -> Sequence[Meeting]:
        """All meetings, the standing one among them if there is one. Takes one or two requests."""
        folder = await self._session.get(await self._folder())
        found = [Meeting(one) for rel in _RELS for one in folder.embedded(rel)]
        found += await self._linked(folder, {one.href for one in found})
        self._hrefs.update((one.id.upper(), one.href) for one in found)
        return found

    async def _linked(self, folder: Resource, known: set[str]) -> Sequence[Meeting]:
        """The meetings that a server links to, but does not embed."""
        hrefs = [href for rel in _RELS for href in folder.links(rel) if href not in known]
        if not hrefs:
            return []
        found = []
        for href in hrefs:
            try:
                found.append(Meeting(await self._session.get(href)))
            except (NotFound, Gone):  # cancelled meanwhile
                continue
        return found

    async def get(self, meeting: str | Meeting) -> Meeting:
        """A meeting as it is now. Raises MeetingNotFound."""
        id = meeting.id if isinstance(meeting, Meeting) else meeting
        if href := self._hrefs.get(id.upper()):
            try:
                return await self._get(href, id)
            except MeetingNotFound:
                del self._hrefs[id.upper()]
        for found in await self.list():
            if id.upper() == found.id.upper():
                return found
        raise _not_found(id)

    async def _href(self, meeting: Meeting) -> str:
        """Where the meeting is in this client's application; it may come from another one."""
        if meeting.id.upper() not in self._hrefs:
            await self.get(meeting)
        return self._hrefs[meeting.id.upper()]

    async def _get(self, href: str, name: str) -> Meeting:
        try:
            found = Meeting(await self._session.get(href))
        except (NotFound, Gone) as gone:
            raise _not_found(name) from gone
        self._hrefs[found.id.upper()] = found.href
        return found

    # Scheduling and cancelling

    async def schedule(
        self,
        *,
        subject: str | None = None,
        description: str | None = None,
        attendees: Iterable[str] = (),
        leaders: Iterable[str] = (),
        expires: datetime | None = None,
        **more: object,
    ) -> Meeting:
        """Schedule a meeting. What is left out, the server decides.

        `more` are other attributes of a meeting (`access_level=AccessLevel.EVERYONE`), or served
        names that this client does not know. When the answer is lost it finds out whether the
        meeting was scheduled: it never schedules two. Raises ValueError for what is no address or
        a time without a zone, BadInput for what the server does not take.
        """
        draft = Draft(Meeting(Resource.parse({"rel": "myOnlineMeeting"}, href="")))
        given = {"subject": subject, "description": description, "expires": expires}
        draft.change(**{name: value for name, value in given.items() if value is not None}, **more)
        draft.change(attendees=attendees, leaders=leaders)
        return await self.schedule_like(draft.properties)

    async def schedule_like(self, properties: Mapping[str, object]) -> Meeting:
        """Schedule a meeting that has those of the properties (by served name) that can be set."""
        wanted = {
            name: value
            for name, value in properties.items()
            if not merging.is_server_owned(name) and value is not None
        }
        dashboard = await self._session.dashboard("onlineMeetings")
        href = await self._folder()
        if dashboard.properties.get("acceptsIdempotencyKey"):
            key = {"Idempotency-Key": f'"{uuid4()}"'}
            answer = await self._session.send("POST", href, wanted, repeatable=True, headers=key)
            return await self._answered(answer, href)
        return await self._schedule_carefully(href, wanted)

    async def _schedule_carefully(self, href: str, wanted: Mapping[str, object]) -> Meeting:
        """Schedule where the server would take a repeated POST for a second meeting.

        Which meetings there are is known beforehand, so that a lost answer can be made up for.
        """
        before = {one.href for one in await self.list()}
        for _ in range(_ROUNDS):
            try:
                answer = await self._session.send("POST", href, wanted)
            except AnswerLost as lost:
                new = [one for one in await self.list() if one.href not in before]
                alike = [one for one in new if _has(one, wanted)]
                if len(alike) > 1:
                    raise AnswerLost(
                        "The answer was lost, and meanwhile several such meetings were scheduled. "
                        "Look at the list before you schedule it again."
                    ) from lost
                if alike:
                    return alike[0]
            else:
                return await self._answered(answer, href)
        raise AnswerLost("The server does not answer. Look at the list before you try again.")

    async def cancel(self, meeting: str | Meeting, *, if_match: str | None = None) -> None:
        """Cancel a meeting; with `if_match` only in the version of that ETag.

        Raises MeetingNotFound when it is not there, PreconditionFailed when it is in another one.
        """
        found = await self.get(meeting)
        with suppress(NotFound, Gone):  # by somebody else, or by a try whose answer was lost
            await self._session.send("DELETE", found.href, if_match=if_match, repeatable=True)
        self._hrefs.pop(found.id.upper(), None)

    # Editing

    def draft(self, meeting: Meeting) -> Draft:
        """A draft made from a meeting as it was got, to be saved later."""
        return Draft(meeting)

    def edit(
        self,
        meeting: str | Meeting,
        *,
        on_conflict: OnConflict = "merge",
        if_match: str | None = None,
    ) -> AbstractAsyncContextManager[Draft]:
        """Change a meeting in a block, which saves it at its end unless it raises.

        Where somebody else has changed the meeting meanwhile, both changes are merged. What clashes
        raises a conflict with the three versions, which can be resolved, unless `on_conflict` is
        "mine" or "theirs", which decide each clash; "fail" raises whatever was changed. With
        `if_match`, changes are made to the version of that ETag. Raises MeetingDeleted when the
        meeting was deleted meanwhile, MeetingNotFound when it was not there.
        """
        return self._edit(meeting, on_conflict, if_match)

    @asynccontextmanager
    async def _edit(
        self, meeting: str | Meeting, on_conflict: OnConflict, if_match: str | None
    ) -> AsyncIterator[Draft]:
        draft = Draft(await self._base(meeting, if_match))
        yield draft
        await self.save(draft, on_conflict=on_conflict)

    async def update(
        self,
        meeting: str | Meeting,
        *,
        on_conflict: OnConflict = "merge",
        if_match: str | None = None,
        **changes: object,
    ) -> Meeting:
        """Change attributes of a meeting, as `edit` does: `update(id, subject="Q3 review")`."""
        draft = Draft(await self._base(meeting, if_match))
        draft.change(**changes)
        return await self.save(draft, on_conflict=on_conflict)

    async def _base(self, meeting: str | Meeting, if_match: str | None) -> Meeting:
        """The version that changes are made to."""
        if isinstance(meeting, Meeting) and if_match in (None, meeting.etag):
            return meeting
        found = await self.get(meeting)
        if if_match in (None, "*", found.etag):
            return found
        return (await self.version(found, str(if_match))).as_meeting(found)

    async def save(self, draft: Draft, *, on_conflict: OnConflict = "merge") -> Meeting:
        """Save a draft, as `edit` does. A draft without changes is not sent."""
        outcome = Outcome()
        current = draft.base
        wanted: Mapping[str, object] = draft.properties
        if not draft.changes():
            return _saved(draft, current, outcome)
        try:
            href = await self._href(current)
        except MeetingNotFound as gone:
            raise AsyncMeetingDeleted(self, draft) from gone
        for _ in range(_MOST_TRIES):
            outcome.tries += 1
            try:
                answer = await self._session.send(
                    "PUT",
                    href,
                    wanted,
                    if_match=current.etag,
                    repeatable=current.etag is not None,
                    headers=_PREFER,
                )
            except (NotFound, Gone) as gone:
                raise AsyncMeetingDeleted(self, draft) from gone
            except PreconditionFailed as refused:
                current, outcome.by, outcome.at = await self._theirs(draft, href, refused)
            else:
                saved = await self._answered(answer, href)
                return _saved(draft, saved, outcome)
            merge = merging.merge(draft.base.properties, draft.properties, current.properties)
            if not merging.differing(draft.properties, current.properties):
                return _saved(draft, current, outcome)  # what was taken for lost had been done
            if on_conflict == "fail" or (merge.conflicts and on_conflict == "merge"):
                self._raise(draft, current, merge, outcome)
            wanted = _decided(current, merge, on_conflict)
            outcome.kept = tuple(merging.differing(draft.properties, wanted))
            if not merging.differing(wanted, current.properties):
                return _saved(draft, current, outcome)
        merge = merging.merge(draft.base.properties, draft.properties, current.properties)
        self._raise(draft, current, merge, outcome)

    def _raise(self, draft: Draft, theirs: Meeting, merge: Merge, outcome: Outcome) -> NoReturn:
        raise AsyncMeetingConflict(self, draft, theirs, merge, outcome.by, outcome.at)

    async def _theirs(
        self, draft: Draft, href: str, refused: PreconditionFailed
    ) -> tuple[Meeting, str | None, datetime | None]:
        """The meeting as it is now, who changed it last and when: what a 412 itself may tell."""
        body = Resource.parse(refused.body)
        if told := body.embedded(draft.base.resource.rel):
            by, at = body.properties.get("changedBy"), body.properties.get("changedAt")
            return (
                Meeting(told[0]),
                by if isinstance(by, str) else None,
                at if isinstance(at, datetime) else None,
            )
        try:
            return await self._get(href, draft.base.id), None, None
        except MeetingNotFound as gone:
            raise AsyncMeetingDeleted(self, draft) from gone

    async def _answered(self, answer: Answer, href: str) -> Meeting:
        """The meeting that an answer shows, or leads to."""
        if answer.resource is not None and answer.resource.rel in _RELS:
            found = Meeting(answer.resource)
            self._hrefs[found.id.upper()] = found.href
            return found
        found_at = answer.headers.get("Location") or href
        return await self._get(found_at, found_at)

    # History

    async def history(self, meeting: str | Meeting) -> Sequence[Version]:
        """The versions of a meeting that the server keeps, the newest first.

        Raises MeetingNotFound, and NotOffered by a server that keeps none.
        """
        return await self._history(await self.get(meeting))

    async def version(self, meeting: str | Meeting, etag: str) -> Version:
        """One version of a meeting, with all that it says.

        Raises MeetingNotFound also where the server doesn't have that version, or not any more.
        """
        found = await self.get(meeting)
        try:
            for one in await self._history(found):
                if one.etag == etag:
                    return Version(await self._session.get(one.resource.href))
        except (NotOffered, NotFound, Gone) as error:
            raise _unknown_version(found, etag) from error
        raise _unknown_version(found, etag)

    async def restore(self, meeting: str | Meeting, version: str | Version) -> Meeting:
        """Make a meeting what it was in a version (or its ETag): another change, like any.

        Changes that somebody makes in this moment are merged. Raises as `edit` and `version` do.
        """
        found = await self.get(meeting)
        etag = version.etag if isinstance(version, Version) else version
        return await self.save((await self.version(found, etag)).restored(found))

    async def _history(self, meeting: Meeting) -> Sequence[Version]:
        resource = await self._session.get(_offered(meeting.resource, "onlineMeetingVersions"))
        return [Version(one) for one in resource.embedded("onlineMeetingVersion")]

    # What may be chosen

    async def defaults(self) -> Defaults:
        """What a meeting is where nothing was chosen."""
        return Defaults(await self._planning("onlineMeetingDefaultValues"))

    async def eligible(self) -> Eligible:
        """What may be chosen for a meeting."""
        return Eligible(await self._planning("onlineMeetingEligibleValues"))

    async def policies(self) -> Policies:
        """What the administrator allows."""
        return Policies(await self._planning("onlineMeetingPolicies"))

    async def dial_in(self) -> DialIn | None:
        """How to reach meetings by telephone; None where they can't be."""
        try:
            found = DialIn(await self._planning("phoneDialInInformation"))
        except (NotFound, NotOffered):
            return None
        return found if found.regions or found.toll_number else None

    async def invitation_texts(self) -> InvitationTexts:
        """What the organization adds to invitations."""
        return InvitationTexts(await self._planning("onlineMeetingInvitationCustomization"))

    async def _planning(self, rel: str) -> Resource:
        dashboard = await self._session.dashboard("onlineMeetings")
        return await self._session.get(_offered(dashboard, rel))

    async def _folder(self) -> str:
        return _offered(await self._session.dashboard("onlineMeetings"), "myOnlineMeetings")


def _offered(resource: Resource, rel: str) -> str:
    """Where a link leads. Raises NotOffered."""
    href = resource.link(rel)
    if href is None:
        raise NotOffered(f"The server offers no {rel} to you.")
    return href


def _decided(theirs: Meeting, merge: Merge, on_conflict: OnConflict) -> Mapping[str, object]:
    """The merged properties, with each clash decided."""
    draft = Draft(theirs, merge.merged)
    if on_conflict == "mine":
        for name, conflict in merge.conflicts.items():
            draft.take(name, conflict.mine)
    return draft.properties


def _saved(draft: Draft, meeting: Meeting, outcome: Outcome) -> Meeting:
    draft.saved, draft.outcome = meeting, outcome
    return meeting


def _has(meeting: Meeting, wanted: Mapping[str, object]) -> bool:
    """Whether a meeting is what was wanted, as far as something was."""
    found = {name: meeting.properties.get(name) for name in wanted}
    return not merging.differing(found, wanted)


def _not_found(name: str) -> MeetingNotFound:
    return MeetingNotFound(f"You have no meeting {name}. The list of your meetings has their ids.")


def _unknown_version(meeting: Meeting, tag: str) -> MeetingNotFound:
    return MeetingNotFound(
        f"The server does not have version {tag} of the meeting, or not any more; now it is in "
        f"version {meeting.etag}. Look at it as it is now."
    )
