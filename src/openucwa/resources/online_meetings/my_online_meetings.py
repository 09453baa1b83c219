"""myOnlineMeetings: the meetings that the user organizes, and where she schedules one.

Source: myOnlineMeetings_ref.md, ScheduleAnOnlineMeeting.md.
"""

from openucwa.domain import meetings
from openucwa.domain.meetings import Entry
from openucwa.resources.dashboard import dashboard
from openucwa.resources.online_meetings import room, scheduling
from openucwa.resources.online_meetings.access import Access, own
from openucwa.resources.online_meetings.scheduling import Wanted
from openucwa.resources.online_meetings.standing import standing_meeting
from openucwa.resources.viewer import Me
from openucwa.store.tables.meetings import Meetings
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import EntityTooLarge, ParameterValidationFailure, TooManyOnlineMeetings
from openucwa.wire.given import Given

my_online_meetings = dashboard(
    "myOnlineMeetings",
    "applications/{application_id}/onlineMeetings/myOnlineMeetings",
    is_long=True,
)


def scheduled(tx: Transaction, me: Me, _: Me) -> list[Access]:
    """The meetings that the user has scheduled. Where they are too large together, the smaller."""
    embedded, _others = _divided(tx, me)
    if not embedded:
        return []
    largest, last = embedded[-1]
    found = tx.of(Meetings).of(me.user.id, up_to=(largest, last.online_meeting_id))
    return [own(me, one) for one in found if not meetings.is_assigned(one)]


def others(tx: Transaction, me: Me, _: Me) -> list[Entry]:
    """The meetings that are too large to be embedded with the others."""
    _embedded, others = _divided(tx, me)
    return [entry for _, entry in others]


def _divided(tx: Transaction, me: Me) -> tuple[list[room.Sized], list[room.Sized]]:
    found = tx.of(Meetings).sizes(me.user.id)
    return room.divided(one for one in found if not meetings.is_assigned(one[1]))


def assigned(tx: Transaction, me: Me, _: Me) -> list[Access]:
    """The user's standing meeting, where policy gives her one."""
    found = standing_meeting(tx, me, me)
    return [found] if found else []


my_online_meetings.embed("myAssignedOnlineMeeting", assigned)
my_online_meetings.embed("myOnlineMeeting", scheduled)
my_online_meetings.link("myOnlineMeeting", others)


# 200 and not 201: the task page prints it so, and it counts more than the reference page.
@my_online_meetings.post(
    Wanted,
    answers="myOnlineMeeting",
    status=200,
    errors=(ParameterValidationFailure, TooManyOnlineMeetings, EntityTooLarge),
    repeatable=True,
)
def schedule(tx: Transaction, me: Me, _: Me, wanted: Given[Wanted]) -> Access:
    """Schedule a meeting, with a time if one is given.

    Raises ParameterValidationFailure; TooManyOnlineMeetings and EntityTooLarge beyond the user's
    limits.
    """
    return own(me, scheduling.schedule(tx, me, me.user, wanted.values))
