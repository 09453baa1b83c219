"""What applications keep with meetings, through the client."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from openucwa.client import BadInput, Conflict, MeetingNotFound, PreconditionFailed
from openucwa.wire.enums import OnlineMeetingExtensionType
from tests.client.watched import Watched

Connect = Callable[..., Any]

ORGANIZER = OnlineMeetingExtensionType.ROAMED_ORGANIZER_DATA


def lose(server: Watched, method: str) -> None:
    """The next answer to such a request of an extension is lost, after it was done."""
    left = [method]

    def after(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        if request.method == method and "/extensions" in request.url.path and left:
            left.pop()
            raise httpx2.ReadError("lost")
        return response

    server.after = after


def test_are_added_listed_changed_and_removed(connect: Connect) -> None:
    with connect() as client:
        meetings = client.meetings
        meeting = meetings.schedule(subject="Weekly")
        assert list(meetings.extensions(meeting)) == []
        added = meetings.add_extension(
            meeting, {"room": "5", "colour": "red"}, id="calendar", type=ORGANIZER
        )
        assert (added.id, added.type) == ("calendar", ORGANIZER)
        assert added.members == {"room": "5", "colour": "red"}
        (listed,) = meetings.extensions(meeting.id)
        assert (listed.href, listed.etag) == (added.href, added.etag)
        changed = meetings.update_extension(listed, {"room": None, "colour": "blue", "sound": "on"})
        assert changed.members == {"colour": "blue", "sound": "on"}
        assert changed.type == ORGANIZER
        assert changed.etag != added.etag
        meetings.remove_extension(changed)
        assert list(meetings.extensions(meeting)) == []
        meetings.remove_extension(changed)


def test_an_id_is_given_where_none_is_wanted(connect: Connect) -> None:
    with connect() as client:
        meeting = client.meetings.schedule()
        one, another = [client.meetings.add_extension(meeting, {}) for _ in range(2)]
        assert one.id != another.id


def test_an_id_that_is_taken(connect: Connect) -> None:
    """By the very same content, it is taken for one's own, from before an answer was lost."""
    with connect() as client:
        meeting = client.meetings.schedule()
        first = client.meetings.add_extension(meeting, {"room": "5"}, id="calendar")
        again = client.meetings.add_extension(meeting, {"room": "5"}, id="calendar")
        assert again.etag == first.etag
        with pytest.raises(Conflict):
            client.meetings.add_extension(meeting, {"room": "6"}, id="calendar")


def test_what_somebody_else_changed_is_not_overwritten(connect: Connect) -> None:
    with connect() as client:
        meeting = client.meetings.schedule()
        base = client.meetings.add_extension(meeting, {"room": "5"}, id="calendar")
        client.meetings.update_extension(base, {"room": "6"})
        with pytest.raises(PreconditionFailed):
            client.meetings.update_extension(base, {"room": "7"})
        with pytest.raises(PreconditionFailed):
            client.meetings.remove_extension(base, if_match=base.etag)
        (found,) = client.meetings.extensions(meeting)
        assert found.members == {"room": "6"}


def test_lost_answers_do_nothing_twice(connect: Connect, server: Watched) -> None:
    with connect() as client:
        meeting = client.meetings.schedule()
        lose(server, "POST")
        added = client.meetings.add_extension(meeting, {"room": "5"})
        assert len(client.meetings.extensions(meeting)) == 1
        lose(server, "PUT")
        changed = client.meetings.update_extension(added, {"room": "6"})
        assert changed.members == {"room": "6"}
        lose(server, "DELETE")
        client.meetings.remove_extension(changed)
        assert len(client.meetings.extensions(meeting)) == 0


def test_what_can_not_be_kept_is_told(connect: Connect) -> None:
    with connect() as client:
        meeting = client.meetings.schedule()
        with pytest.raises(BadInput) as refused:
            client.meetings.add_extension(meeting, {"a b": "5"})
        assert "a b" in refused.value.parameters
        with pytest.raises(MeetingNotFound):
            client.meetings.extensions("NOSUCH00")
