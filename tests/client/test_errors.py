"""Errors of the client go between processes, and are copied, as any other."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from openucwa.client import (
    AnswerLost,
    AsyncMeetingConflict,
    AsyncMeetingDeleted,
    BadInput,
    ClientError,
    DiscoveryFailed,
    Draft,
    LockedOut,
    Meeting,
    MeetingConflict,
    MeetingDeleted,
    TooMany,
)
from openucwa.client.change import change_in
from openucwa.client.resource import Resource
from openucwa.wire import merge

BASE: dict[str, object] = {
    "rel": "myOnlineMeeting",
    "onlineMeetingId": "PYC58WSY",
    "etag": "1",
    "subject": "Weekly",
}


class Held:
    """What a client is made of does not leave its process."""

    def __reduce__(self) -> str:
        raise TypeError("cannot pickle a client")


def conflict(kind: Any) -> Any:
    draft = Draft(Meeting(Resource.parse(BASE)))
    draft.subject = "Mine"
    theirs = Meeting(Resource.parse({**BASE, "etag": "2", "subject": "Theirs"}))
    merged = merge.merge(draft.base.properties, draft.properties, theirs.properties)
    return kind(Held(), draft, theirs, merged, change_in({"changedBy": "sip:dana@contoso.com"}))


def deleted(kind: Any) -> Any:
    return kind(Held(), Draft(Meeting(Resource.parse(BASE))))


COPIES = [copy.copy, lambda error: pickle.loads(pickle.dumps(error))]  # noqa: S301 - our own
KINDS = [
    AnswerLost("Lost."),
    LockedOut("Too often.", 7.0),
    DiscoveryFailed("No server.", {"https://lyncdiscover.contoso.com": "no such host"}),
    BadInput("No.", status=400, code="BadRequest", parameters={"subject": "too long"}),
    TooMany("Slowly.", status=429, retry_after=3.0),
]


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("error", KINDS, ids=lambda error: type(error).__name__)
def test_error_says_the_same_once_it_is_copied(
    error: ClientError, copied: Callable[[ClientError], ClientError]
) -> None:
    found = copied(error)
    assert type(found) is type(error)
    assert (str(found), vars(found)) == (str(error), vars(error))


@pytest.mark.parametrize("kind", [MeetingConflict, AsyncMeetingConflict])
def test_conflict_tells_all_in_another_process(kind: Any) -> None:
    error = conflict(kind)
    found = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert str(found) == str(error)
    assert (found.base, found.theirs, found.mine) == (error.base, error.theirs, error.mine)
    assert (found.conflicts, found.merged) == (error.conflicts, error.merged)
    assert found.changed_by == "sip:dana@contoso.com"
    assert (found.change.by_name, found.changed_at) == ("dana", error.changed_at)
    assert found.resolved("mine", {}, {}).changes() == {"subject": "Mine"}


@pytest.mark.parametrize(
    ("error", "act"),
    [
        (conflict(MeetingConflict), lambda error: error.resolve("mine")),
        (deleted(MeetingDeleted), lambda error: error.schedule_anew()),
        (conflict(AsyncMeetingConflict), lambda error: error.resolve("mine").send(None)),
        (deleted(AsyncMeetingDeleted), lambda error: error.schedule_anew().send(None)),
    ],
)
def test_another_process_needs_a_client_of_its_own(error: Any, act: Callable[[Any], Any]) -> None:
    with pytest.raises(RuntimeError, match="comes from another process"):
        act(pickle.loads(pickle.dumps(error)))  # noqa: S301
