"""delegatesGroup: those who act for the user; delegatorsGroup: those for whom the user acts.

Source: delegatesGroup_ref.md, delegatorsGroup_ref.md, myGroups_ref.md.
"""

import msgspec

from openucwa.domain.groups import DELEGATES, DELEGATORS, Group, GroupId
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.delegates import Delegates
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import LIFE


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order in which they are served."""

    group_id: str = msgspec.field(name="id")
    """The last part of its path."""
    name: str
    """The name to show."""


def properties(me: Me, found: Group) -> Properties:
    return Properties(group_id=found.group_id, name=found.name)


def is_delegators(found: Group) -> bool:
    return found.group_id == GroupId.DELEGATORS


group = Resource[Group](
    rel="delegatesGroup",
    variants={"delegatorsGroup": is_delegators},
    kinds={"delegatesGroup": "delegates", "delegatorsGroup": "delegators"},
    path="applications/{application_id}/people/groups/{group_id}",
    properties=properties,
)
group.link("groupContacts")
group.sends(*LIFE, sender="people", within="myGroups", embedded=True, extension=True)


@group.find
def find(tx: Transaction, me: Me, group_id: str) -> Group | None:
    """A group of the user's: that of delegates, or that of delegators while it has any."""
    if group_id == GroupId.DELEGATES:
        return DELEGATES
    if group_id == GroupId.DELEGATORS and tx.of(Delegates).organizers(me.user.id):
        return DELEGATORS
    return None
