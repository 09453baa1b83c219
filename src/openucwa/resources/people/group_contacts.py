"""groupContacts: the contacts in a group.

Source: groupContacts_ref.md.
"""

from openucwa.domain.groups import GroupId
from openucwa.domain.people import Contact, contact_of
from openucwa.resources.people.expanding import Asked
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.delegates import Delegates
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType


class GroupContacts(list[Contact]):
    """The contacts in one group, as they were asked for."""

    def __init__(self, group_id: str, members: list[Contact], *, expand: bool) -> None:
        super().__init__(members)
        self.group_id = group_id
        self.expand = expand


group_contacts = Resource[GroupContacts](
    rel="groupContacts",
    kinds={"groupContacts": "group contacts"},
    path="applications/{application_id}/people/contacts?groupId={group_id}",
    asked=Asked,
)


def contacts(tx: Transaction, me: Me, found: GroupContacts) -> list[Contact]:
    """The members of the group, in the order of their addresses, unless `expand` is false."""
    return list(found) if found.expand else []


def links(tx: Transaction, me: Me, found: GroupContacts) -> list[Contact]:
    """If `expand` is false."""
    return [] if found.expand else list(found)


group_contacts.embed("contact", contacts)
group_contacts.link("contact", links)
group_contacts.sends(EventType.UPDATED, sender="people", embedded=True, extension=True)


@group_contacts.find
def find(tx: Transaction, me: Me, group_id: str, expand: bool = True) -> GroupContacts | None:
    """The contacts in a group of the user's."""
    if group_id == GroupId.DELEGATES:
        found = tx.of(Delegates).of(me.user.id)
    elif group_id == GroupId.DELEGATORS:
        found = tx.of(Delegates).organizers(me.user.id)
        if not found:
            return None
    else:
        return None
    return GroupContacts(group_id, [contact_of(one) for one in found], expand=expand)
