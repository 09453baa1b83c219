"""myOnlineMeetings: the meetings that the user organizes, and where she schedules one.

Source: myOnlineMeetings_ref.md, ScheduleAnOnlineMeeting.md.
"""

from itertools import groupby

from openucwa.domain import meetings
from openucwa.domain.meetings import Details, Entry, Meeting
from openucwa.resources.dashboard import dashboard
from openucwa.resources.online_meetings.standing import standing_meeting
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel
from openucwa.wire.errors import ParameterValidationFailure, TooManyOnlineMeetings
from openucwa.wire.given import Given

my_online_meetings = dashboard(
    "myOnlineMeetings", "applications/{application_id}/onlineMeetings/myOnlineMeetings"
)


LARGEST = 2 * 1024 * 1024
"""Bytes that the embedded meetings may hold together."""
_OVERHEAD = 1024
"""Bytes that a meeting takes beside what its organizer has written, roughly."""


def scheduled(tx: Transaction, me: Me, _: Me) -> list[Meeting]:
    """The meetings that the user has scheduled. Where they are too large together, the smaller."""
    largest = _largest_embedded(tx, me)
    found = tx.meetings.of(me.user.id, largest=largest)
    return [one for one in found if not meetings.is_assigned(one)]


def others(tx: Transaction, me: Me, _: Me) -> list[Entry]:
    """The meetings that are too large to be embedded with the others."""
    largest = _largest_embedded(tx, me)
    return [
        entry
        for entry, size in tx.meetings.sizes(me.user.id)
        if size > largest and not meetings.is_assigned(entry)
    ]


def _largest_embedded(tx: Transaction, me: Me) -> int:
    """How much a meeting may hold that is embedded, so that as many as possible are."""
    sizes = sorted(
        size for entry, size in tx.meetings.sizes(me.user.id) if not meetings.is_assigned(entry)
    )
    largest = total = 0
    for size, alike in groupby(sizes):
        total += sum(one + _OVERHEAD for one in alike)
        if total > LARGEST:
            break
        largest = size
    return largest


def assigned(tx: Transaction, me: Me, _: Me) -> list[Meeting]:
    """The user's standing meeting, where policy gives her one."""
    found = standing_meeting(tx, me, me)
    return [found] if found else []


my_online_meetings.embed("myAssignedOnlineMeeting", assigned)
my_online_meetings.embed("myOnlineMeeting", scheduled)
my_online_meetings.link("myOnlineMeeting", others)


# 200 and not 201: the task page prints it so, and it counts more than the reference page.
@my_online_meetings.post(
    Details,
    answers="myOnlineMeeting",
    status=200,
    errors=(ParameterValidationFailure, TooManyOnlineMeetings),
    repeatable=True,
)
def schedule(tx: Transaction, me: Me, _: Me, wanted: Given[Details]) -> Meeting:
    """Schedule a meeting.

    Raises ParameterValidationFailure, and TooManyOnlineMeetings beyond the user's limit.
    """
    limit = me.deployment.limits.meetings_per_user
    rel = OnlineMeetingRel.MY_ONLINE_MEETINGS
    details = meetings.validated(
        wanted.over(meetings.defaults(me.policy, rel, tx.now)),
        me.policy,
        organizer_uri=me.user.uri,
        domain=me.deployment.domain,
        now=tx.now,
    )
    if tx.meetings.count(me.user.id) >= limit:
        raise TooManyOnlineMeetings(
            f"You have {limit} meetings, which is the limit. Delete one that you don't need."
        )
    return tx.meetings.add(rel, details, by=me.application)
