"""The meetings that a user organizes: listed, scheduled, edited without losing anything, cancelled.

Sources: ScheduleAnOnlineMeeting.md, UpdateAnOnlineMeeting.md, OnlineMeetingsDashboard.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from openucwa.client._async.folder import AsyncFolder, offered
from openucwa.client._async.latest import latest_change
from openucwa.client._async.saving import AsyncSaving
from openucwa.client._async.scheduling import AsyncScheduling
from openucwa.client._async.session import AsyncSession
from openucwa.client.change import Change
from openucwa.client.conflict import ChangesIgnored, OnConflict
from openucwa.client.draft import Draft
from openucwa.client.errors import (
    Gone,
    MeetingNotFound,
    NotFound,
    NotOffered,
)
from openucwa.client.history import Version
from openucwa.client.meeting import Meeting
from openucwa.client.people import address_of
from openucwa.client.planning import Defaults, DialIn, Eligible, InvitationTexts, Policies
from openucwa.client.resource import Resource, unquoted
from openucwa.wire.enums import OnlineMeetingExtensionType, ShareRole
from openucwa.wire.members import SCHEDULE

if TYPE_CHECKING:
    from openucwa.client._async.attendance import AsyncAttendances
    from openucwa.client._async.extensions import AsyncExtensions
    from openucwa.client._async.shares import AsyncShares
    from openucwa.client.attendance import Attendance
    from openucwa.client.extension import Extension
    from openucwa.client.share import Share


class AsyncMeetings:
    """The meetings of the client's user. A meeting is named by its id, or given as it was got."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._folder = AsyncFolder(session)

    # Reading

    async def list(self) -> Sequence[Meeting]:
        """All meetings, the standing one among them if there is one. Takes one or two requests."""
        return await self._folder.list()

    async def get(self, meeting: str | Meeting) -> Meeting:
        """A meeting as it is now. Raises MeetingNotFound."""
        return await self._folder.get(meeting)

    # Scheduling and cancelling

    async def schedule(
        self,
        *,
        subject: str | None = None,
        description: str | None = None,
        attendees: Iterable[str] = (),
        leaders: Iterable[str] = (),
        starts: datetime | None = None,
        ends: datetime | None = None,
        time_zone: str | None = None,
        expires: datetime | None = None,
        organizer: str | None = None,
        extra: Mapping[str, object] | None = None,
        **more: object,
    ) -> Meeting:
        """Schedule a meeting. What is left out, the server decides.

        `organizer` is somebody for whom the user acts as a delegate: it is that person's meeting.
        `starts` and `ends` are given together; without `time_zone`, a name such as `Europe/Berlin`,
        it takes place in the zone that `starts` names. `more` are other attributes of a meeting
        (`access_level=AccessLevel.EVERYONE`), and `extra` has properties by served name that only
        this server knows. When the answer is lost it finds out whether the meeting was scheduled:
        it never schedules two. Raises ValueError for what is no attribute, no address or a time
        without a zone, BadInput for what the server does not take, and ChangesIgnored for what it
        passed over.

        >>> weekly = await meetings.schedule(subject="Weekly", attendees=["chris@contoso.com"])
        >>> weekly.attendees
        ('sip:chris@contoso.com',)
        """
        draft = Draft(Meeting(Resource.parse({"rel": "myOnlineMeeting"}, href="")))
        given = {
            "subject": subject,
            "description": description,
            "starts": starts,
            "ends": ends,
            "time_zone": time_zone,
            "expires": expires,
        }
        draft.change(**{name: value for name, value in given.items() if value is not None}, **more)
        draft.change(extra, attendees=attendees, leaders=leaders)
        scheduled = await self.schedule_like(draft.properties, organizer=organizer)
        if ignored := [name for name in extra or {} if name not in scheduled.properties]:
            raise ChangesIgnored(ignored, scheduled)
        return scheduled

    async def schedule_like(
        self, properties: Mapping[str, object], *, organizer: str | None = None
    ) -> Meeting:
        """Schedule a meeting that has those of the properties (by served name) that can be set."""
        whose = None if organizer is None else address_of(organizer)
        return await AsyncScheduling(self._folder, self._session).schedule(properties, whose)

    async def cancel(self, meeting: str | Meeting, *, if_match: str | None = None) -> None:
        """Cancel a meeting; with `if_match` only in the version of that ETag.

        Raises MeetingNotFound when it is not there, PreconditionFailed when it is in another one.
        """
        found = await self.get(meeting)
        with suppress(NotFound, Gone):  # by somebody else, or by a try whose answer was lost
            await self._session.send("DELETE", found.href, if_match=if_match, repeatable=True)
        self._folder.forget(found)

    # Sharing

    async def shared(self) -> Sequence[Meeting]:
        """The meetings of others that are shared with the user, each with her `role` in it.

        Those of people for whom she acts as a delegate are among them. None where a server shares
        none.
        """
        return await self._folder.shared()

    async def shares(self, meeting: str | Meeting) -> Sequence[Share]:
        """The people with whom a meeting is shared.

        Raises MeetingNotFound, and NotOffered for who may not share it, and by other servers.
        """
        return await self._shares().of(await self.get(meeting))

    async def share(
        self, meeting: str | Meeting, person: str, role: ShareRole | str = ShareRole.EDITOR
    ) -> Share:
        """Share a meeting with a person of the organization, or give the share another role.

        Raises as `shares` does, ValueError for what is no address or no role, BadInput for who
        can't be given a share, and Forbidden beyond the server's limit.

        >>> share = await meetings.share(weekly, "chris@contoso.com")
        >>> share.role
        <ShareRole.EDITOR: 'Editor'>
        """
        return await self._shares().share(await self.get(meeting), person, role)

    async def unshare(self, meeting: str | Meeting, person: str) -> None:
        """Share a meeting with a person no more. It is no error where it was not shared.

        Raises as `shares` does, and ValueError for what is no address.
        """
        await self._shares().remove(await self.get(meeting), person)

    def _shares(self) -> AsyncShares:
        from openucwa.client._async.shares import AsyncShares

        return AsyncShares(self._session)

    # Attendance

    async def attendance(
        self,
        meeting: str | Meeting,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[Attendance]:
        """Return the records of who was in a meeting, in the order in which they joined.

        `since` and `until` limit that to those who joined in a time. `attendance.as_csv` makes a
        table of it for spreadsheets. Raises MeetingNotFound, ValueError for a time without a zone,
        and NotOffered for who may not change the meeting, and by other servers.
        """
        return await self._attendances().of(await self.get(meeting), since, until)

    async def forget_attendance(self, meeting: str | Meeting) -> None:
        """Let the server forget who was in a meeting, but for who is in it now.

        Raises as `attendance` does, and Forbidden for who may not cancel the meeting.
        """
        await self._attendances().forget(await self.get(meeting))

    def _attendances(self) -> AsyncAttendances:
        from openucwa.client._async.attendance import AsyncAttendances

        return AsyncAttendances(self._session)

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
        meeting was deleted meanwhile, MeetingNotFound when it was not there, MeetingBusy when
        others keep changing it, and ChangesIgnored when the server saved the rest and passed a
        change over.

        >>> async with meetings.edit(weekly) as draft:
        ...     draft.subject = "Q3 review"
        ...     draft.attendees.add("alex@contoso.com")
        >>> draft.saved.attendees
        ('sip:chris@contoso.com', 'sip:alex@contoso.com')
        """
        _check(on_conflict)
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
        extra: Mapping[str, object] | None = None,
        **changes: object,
    ) -> Meeting:
        """Change attributes of a meeting, as `edit` does: `update(id, subject="Q3 review")`.

        `extra` has properties by served name that only this server knows. Raises ValueError for a
        name that is not known, before anything is sent.
        """
        _check(on_conflict)
        draft = Draft(await self._base(meeting, if_match))
        draft.change(extra, **changes)
        return await self.save(draft, on_conflict=on_conflict)

    async def _base(self, meeting: str | Meeting, if_match: str | None) -> Meeting:
        """The version that changes are made to."""
        tag = unquoted(if_match)
        if isinstance(meeting, Meeting) and tag in (None, meeting.etag):
            return meeting
        found = await self.get(meeting)
        if tag in (None, "*", found.etag):
            return found
        return (await self._version(found, str(tag))).as_meeting(found)

    async def save(self, draft: Draft, *, on_conflict: OnConflict = "merge") -> Meeting:
        """Save a draft, as `edit` does. A draft without changes is not sent.

        Afterwards it is a draft of the saved meeting: it may be changed and saved again.
        """
        _check(on_conflict)
        return await AsyncSaving(self, self._folder, self._session, draft, on_conflict).save()

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
        return await self._version(await self.get(meeting), etag)

    async def restore(self, meeting: str | Meeting, version: str | Version) -> Meeting:
        """Make a meeting what it was in a version (or its ETag): another change, like any.

        Changes that somebody makes in this moment are merged. Raises as `edit` and `version` do.
        """
        found = await self.get(meeting)
        etag = version.etag if isinstance(version, Version) else version
        return await self.save((await self._version(found, etag)).restored(found))

    async def last_move(self, meeting: str | Meeting) -> Change | None:
        """Return the last change of a meeting's time, which is no part of its versions.

        None if it was never set, or the server does not tell. Raises MeetingNotFound.
        """
        found = await self.get(meeting)
        href = found.resource.link(SCHEDULE)
        change = await latest_change(self._session, href) if href else None
        return change if change and change.properties else None

    async def _version(self, meeting: Meeting, etag: str) -> Version:
        try:
            for one in await self._history(meeting):
                if one.etag == unquoted(etag):
                    return Version(await self._session.get(one.resource.href))
        except (NotOffered, NotFound, Gone) as error:
            raise _unknown_version(meeting, etag) from error
        raise _unknown_version(meeting, etag)

    async def _history(self, meeting: Meeting) -> Sequence[Version]:
        resource = await self._session.get(offered(meeting.resource, "onlineMeetingVersions"))
        return [Version(one) for one in resource.embedded("onlineMeetingVersion")]

    # What applications keep with a meeting

    async def extensions(self, meeting: str | Meeting) -> Sequence[Extension]:
        """Return the extensions of a meeting. Raises MeetingNotFound and NotOffered."""
        return await self._extensions().of((await self.get(meeting)).resource)

    async def add_extension(
        self,
        meeting: str | Meeting,
        members: Mapping[str, str],
        *,
        id: str | None = None,
        type: OnlineMeetingExtensionType | str = OnlineMeetingExtensionType.UNDEFINED,
    ) -> Extension:
        """Keep something with a meeting, under an id that is given or a new one.

        Raises MeetingNotFound, NotOffered, BadInput, and Conflict for an id that is taken.
        """
        found = await self.get(meeting)
        return await self._extensions().add(found.resource, members, id=id, type=type)

    async def update_extension(
        self,
        extension: Extension,
        changes: Mapping[str, str | None],
        *,
        type: OnlineMeetingExtensionType | str | None = None,
        if_match: str | None = None,
    ) -> Extension:
        """Change members of an extension; None removes one. All others stay as they were.

        Raises PreconditionFailed if somebody else has changed it: nothing was done then.
        """
        return await self._extensions().update(extension, changes, type=type, if_match=if_match)

    async def remove_extension(self, extension: Extension, *, if_match: str | None = None) -> None:
        """Remove an extension, in whatever version it is unless `if_match` names one."""
        await self._extensions().remove(extension, if_match=if_match)

    def _extensions(self) -> AsyncExtensions:
        from openucwa.client._async.extensions import AsyncExtensions

        return AsyncExtensions(self._session)

    # What may be chosen

    async def defaults(self) -> Defaults:
        """Return the default values of a meeting."""
        return Defaults(await self._planning("onlineMeetingDefaultValues"))

    async def eligible(self) -> Eligible:
        """Return the eligible values of a meeting."""
        return Eligible(await self._planning("onlineMeetingEligibleValues"))

    async def policies(self) -> Policies:
        """Return the administrator's policies."""
        return Policies(await self._planning("onlineMeetingPolicies"))

    async def dial_in(self) -> DialIn | None:
        """Return the dial-in information, or None if meetings can't be joined by telephone."""
        try:
            found = DialIn(await self._planning("phoneDialInInformation"))
        except (NotFound, NotOffered):
            return None
        return found if found.regions or found.toll_number else None

    async def invitation_texts(self) -> InvitationTexts:
        """Return the texts that the organization adds to invitations."""
        return InvitationTexts(await self._planning("onlineMeetingInvitationCustomization"))

    async def _planning(self, rel: str) -> Resource:
        dashboard = await self._session.dashboard("onlineMeetings")
        return await self._session.get(offered(dashboard, rel))


def _check(on_conflict: OnConflict) -> None:
    """Raise ValueError for a strategy that is none: none of the others may stand in for it."""
    if on_conflict not in get_args(OnConflict):
        raise ValueError(
            f"on_conflict must be one of {', '.join(get_args(OnConflict))}, not {on_conflict!r}."
        )


def _unknown_version(meeting: Meeting, tag: str) -> MeetingNotFound:
    return MeetingNotFound(
        f"The server does not have version {tag} of the meeting, or no longer. Fetch the current "
        f"version, {meeting.etag}."
    )
