"""sharedOnlineMeetings: the meetings of others that are shared, and where to schedule for others.

Ours (docs/extensions.md). They are apart from myOnlineMeetings: clients of others take those for
the user's own, and change and delete them.
"""

from openucwa.domain.meetings import Entry
from openucwa.resources.colleague import user_named
from openucwa.resources.dashboard import dashboard
from openucwa.resources.online_meetings import room, scheduling
from openucwa.resources.online_meetings.access import Access, keep_grants, others
from openucwa.resources.online_meetings.scheduling import Wanted
from openucwa.resources.role import role_of
from openucwa.resources.viewer import Me
from openucwa.store.tables.delegates import Delegates
from openucwa.store.tables.shared_meetings import SharedMeetings
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.enums import MeetingRole
from openucwa.wire.errors import (
    EntityTooLarge,
    Forbidden,
    ParameterValidationFailure,
    TooManyOnlineMeetings,
)
from openucwa.wire.given import Given


class WantedForOrganizer(Wanted, kw_only=True, rename="camel"):
    """A meeting, and whose it is to be."""

    organizer: str
    """The SIP address of somebody for whom the user acts."""


shared_online_meetings = dashboard(
    "sharedOnlineMeetings",
    "applications/{application_id}/onlineMeetings/sharedOnlineMeetings",
    kinds={"sharedOnlineMeetings": "shared meetings"},
    is_long=True,
)
shared_online_meetings.sends(EventType.UPDATED, sender="onlineMeetings", extension=True)


def shared(tx: Transaction, me: Me, _: Me) -> list[Access]:
    """The meetings that are shared. Where they are too large together, the smaller."""
    embedded, _larger = _divided(tx, me)
    if not embedded:
        return []
    largest, last = embedded[-1]
    up_to = (largest, last.organizer_id, last.online_meeting_id)
    found = (others(me, one) for one in tx.of(SharedMeetings).of(me.user.id, up_to=up_to))
    return [one for one in found if one is not None]


def larger(tx: Transaction, me: Me, _: Me) -> list[Entry]:
    """The meetings that are too large to be embedded with the others."""
    _embedded, larger = _divided(tx, me)
    return [entry for _, entry in larger]


def _divided(tx: Transaction, me: Me) -> tuple[list[room.Sized], list[room.Sized]]:
    found = tx.of(SharedMeetings).sizes(me.user.id)
    return room.divided((one.size, one.meeting) for one in found if role_of(me, one))


shared_online_meetings.embed("sharedOnlineMeeting", shared)
shared_online_meetings.link("sharedOnlineMeeting", larger)


@shared_online_meetings.post(
    WantedForOrganizer,
    answers="sharedOnlineMeeting",
    errors=(Forbidden, ParameterValidationFailure, TooManyOnlineMeetings, EntityTooLarge),
    repeatable=True,
)
def schedule(tx: Transaction, me: Me, _: Me, wanted: Given[WantedForOrganizer]) -> Access:
    """Schedule a meeting for somebody for whom the user acts, as one of that person's.

    Raises Forbidden where she does not act for the organizer, ParameterValidationFailure;
    TooManyOnlineMeetings and EntityTooLarge beyond the organizer's limits.
    """
    if "organizer" not in wanted.values:
        raise ParameterValidationFailure({"organizer": "is missing"})
    owner = user_named(tx, me, wanted.values["organizer"], "organizer")
    if owner.id == me.user.id:
        raise ParameterValidationFailure(
            {"organizer": "is you: schedule meetings of your own in myOnlineMeetings"}
        )
    policy = me.deployment.policy(owner.policy)
    keep_grants(tx, owner.id, MeetingRole.DELEGATE)
    if not policy.delegates_change_meetings:
        raise Forbidden(
            f"The policy of your organization does not let delegates schedule for {owner.name}. "
            "Ask an administrator to change it."
        )
    if not tx.of(Delegates).is_delegate(me.user.id, organizer_id=owner.id):
        raise Forbidden(
            f"You don't act for {owner.name}. Ask {owner.name} to make you a delegate, or schedule "
            "a meeting of your own."
        )
    values = {name: value for name, value in wanted.values.items() if name != "organizer"}
    meeting = scheduling.schedule(tx, me, owner, values)
    return Access(meeting=meeting, owner=owner, policy=policy, role=MeetingRole.DELEGATE)
