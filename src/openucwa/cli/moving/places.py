"""The two ends of a move: the meetings of one person at one server."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from openucwa.cli.moving import marks
from openucwa.cli.moving.marks import Mark
from openucwa.cli.person import fields
from openucwa.wire import merge
from openucwa.wire.members import SCHEDULE

if TYPE_CHECKING:
    from openucwa.client import Client, Meeting, Resource, Share

_EXTENSIONS = "onlineMeetingExtensions"
_EXTENSION = "onlineMeetingExtension"
_SHARES = "onlineMeetingShares"
_STRUCTURE = ("rel", "etag", "href", "_links", "_embedded")
_PREFER = {"Prefer": "return=representation"}
_TRIES = 3


class Place:
    """A person's meetings at a server, as they are asked for: nothing is remembered."""

    def __init__(self, client: "Client") -> None:
        self.client = client
        me = client.follow(client.application(), "me")
        self.uri = str(me.properties.get("uri", ""))
        self.name = f"{self.uri} at {client.root_url}"

    def meetings(self) -> "Sequence[Meeting]":
        """All of them, in the server's order."""
        return self.client.meetings.list()

    def extensions(self, meeting: "Meeting") -> "Sequence[Resource]":
        """Return the extensions of a meeting: as embedded, or else fetched."""
        from openucwa.client import Gone, NotFound, Resource

        if found := meeting.resource.embedded(_EXTENSION):
            return found
        href = meeting.resource.link(_EXTENSIONS)
        if href is None:
            return []
        try:
            folder = self.client.get(href)
        except (NotFound, Gone):
            return []
        found = folder.embedded(_EXTENSION)
        found += [self.client.get(one) for one in folder.links(_EXTENSION)] if not found else []
        return [Resource.parse(one.raw, one.href) for one in found]

    def keeps_extensions(self, meeting: "Meeting") -> bool:
        """Return whether applications can store extensions with the meeting."""
        return meeting.resource.link(_EXTENSIONS) is not None

    def embeds_extensions(self, meetings: "Iterable[Meeting]") -> bool:
        """Return whether a list of meetings embeds their extensions: for all, or for none."""
        return any(one.resource.embedded(_EXTENSION) for one in meetings)

    def add_extension(self, meeting: "Meeting", content: Mapping[str, object]) -> None:
        """Keep something with the meeting; nothing happens where its id is taken.

        Raises Refused.
        """
        from openucwa.client import AnswerLost, Conflict

        href = meeting.resource.link(_EXTENSIONS)
        assert href is not None  # asked before
        for left in reversed(range(_TRIES)):
            try:
                self.client.send("POST", href, content)
            except Conflict:
                return
            except AnswerLost:  # the id tells whether it was done
                if not left:
                    raise
            else:
                return

    def shares(self, meeting: "Meeting") -> "Sequence[Share]":
        """Those with whom a meeting is shared; nobody where the server shares none."""
        if meeting.resource.link(_SHARES) is None:
            return []
        return self.client.meetings.shares(meeting)

    def share(self, meeting: "Meeting", uri: str, role: str) -> None:
        """Share a meeting with somebody. Raises Refused, and NotOffered."""
        self.client.meetings.share(meeting, uri, role)

    def schedule(self, properties: Mapping[str, object], mark: Mark) -> "Meeting":
        """Schedule a meeting that is not there yet, and that is known again by its tag.

        A lost answer is made up for by looking whether it is there: it is never scheduled twice.
        """
        from openucwa.client import AnswerLost, Meeting, NotOffered

        dashboard = self.client.follow(self.client.application(), "onlineMeetings")
        folder = dashboard.link("myOnlineMeetings")
        if folder is None:
            raise NotOffered(f"{self.client.root_url} does not allow you to schedule meetings.")
        for left in reversed(range(_TRIES)):
            try:
                answer = self.client.send("POST", folder, _in_one_request(properties))
            except AnswerLost:
                if found := self._tagged(mark):
                    return found
                if not left:
                    raise
            else:
                if answer.resource is not None and answer.resource.link("self"):
                    return Meeting(answer.resource)
                if found := self._tagged(mark):
                    return found
                break
        raise AnswerLost("The server did not return the scheduled meeting.")

    def replace(self, meeting: "Meeting", properties: Mapping[str, object]) -> "Meeting":
        """Give a meeting other properties. Raises PreconditionFailed when it has been changed."""
        from openucwa.client import Meeting

        answer = self.client.send(
            "PUT", meeting.href, _own(properties), if_match=meeting.etag, headers=_PREFER
        )
        return self.again(meeting) if answer.resource is None else Meeting(answer.resource)

    def again(self, meeting: "Meeting") -> "Meeting":
        """The meeting as it is now. Raises NotFound or Gone."""
        from openucwa.client import Meeting

        return Meeting(self.client.get(meeting.href))

    def cancel(self, meeting: "Meeting") -> None:
        """Cancel a meeting in the version given. Raises PreconditionFailed when it was changed."""
        self.client.send("DELETE", meeting.href, if_match=meeting.etag)

    def _tagged(self, mark: Mark) -> "Meeting | None":
        for one in self.meetings():
            tag = marks.tag_in(one.description)
            if tag is not None and tag.origin == mark.origin:
                return one
        return None


def _own(properties: Mapping[str, object]) -> dict[str, object]:
    """The properties of the meeting itself, without its time, which is a resource beside it."""
    return {name: value for name, value in properties.items() if name != SCHEDULE}


def _in_one_request(properties: Mapping[str, object]) -> dict[str, object]:
    """The same with the time as scheduling takes it."""
    schedule = fields.schedule(properties)
    return {**_own(properties), **(schedule.served() if schedule else {})}


def content_of(extension: "Resource") -> dict[str, object]:
    """Return the properties that an application has stored, without the server's own."""
    return {
        name: value
        for name, value in extension.raw.items()
        if name not in _STRUCTURE and not merge.is_server_owned(name)
    }
