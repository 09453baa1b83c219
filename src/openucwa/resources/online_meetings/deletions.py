"""Deletions: what those are told with whom a meeting is shared, when something of it has gone.

What is there is shown as each of them may see it. Of what has gone, nothing but its address is left
to tell, and that may be told only to those who could see it.
"""

from collections.abc import Mapping

from openucwa.domain.facts import of_meetings
from openucwa.resources.online_meetings.access import MANAGERS, reach
from openucwa.resources.viewer import Me
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.delegates import Delegates
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType

Keys = Mapping[str, str]
"""The keys of a fact."""


def of_meeting(tx: Transaction, me: Me, keys: Keys) -> EventType | None:
    """Return the event about a meeting that was deleted, or is no longer shared.

    Who still reaches it, as a delegate or by a share, sees it in another role now.
    """
    if reach(tx, me, keys["online_meeting_id"], keys["organizer"]):
        return EventType.UPDATED
    organizer_id = int(keys["organizer_id"])
    owner = tx.of(Users).get(organizer_id)
    is_delegate = tx.of(Delegates).is_delegate(me.user.id, organizer_id=organizer_id)
    if owner and is_delegate and me.deployment.policy(owner.policy).delegates_change_meetings:
        return EventType.DELETED
    topic, part = of_meetings(organizer_id), keys["online_meeting_id"]
    return EventType.DELETED if tx.of(Channels).has_followed(me.user.id, topic, part) else None


def of_part(tx: Transaction, me: Me, keys: Keys) -> EventType | None:
    """Return the event about an extension that was deleted, for those who reach its meeting."""
    access = reach(tx, me, keys["online_meeting_id"], keys["organizer"])
    return EventType.DELETED if access else None


def of_share(tx: Transaction, me: Me, keys: Keys) -> EventType | None:
    """Return the event about a share that was deleted, for those who may see the shares."""
    access = reach(tx, me, keys["online_meeting_id"], keys["organizer"])
    return EventType.DELETED if access and access.role in MANAGERS else None
