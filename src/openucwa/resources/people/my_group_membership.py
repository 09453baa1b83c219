"""myGroupMembership: a contact in a group.

Source: myGroupMembership_ref.md, myGroupMembership2_ref.md.
"""

from openucwa.domain.groups import DELEGATES, Group, GroupId, Membership
from openucwa.domain.people import Contact, address_of, contact_of
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.delegates import Delegates
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType

my_group_membership = Resource[Membership](
    rel="myGroupMembership",
    kinds={"myGroupMembership": "group membership"},
    path="applications/{application_id}/people/groupMemberships/{membership_id}",
    revision=2,
)


def contact(tx: Transaction, me: Me, found: Membership) -> Contact:
    return found.contact


def group(tx: Transaction, me: Me, found: Membership) -> Group:
    return found.group


my_group_membership.link("contact", contact)
my_group_membership.link("delegatesGroup", group)
my_group_membership.sends(
    EventType.ADDED,
    EventType.DELETED,
    sender="people",
    within="myGroupMemberships",
    embedded=True,
    extension=True,
)


@my_group_membership.find
def find(tx: Transaction, me: Me, membership_id: str) -> Membership | None:
    """A membership in a group that the user can change."""
    group_id, _, address = membership_id.partition(",")
    if group_id != GroupId.DELEGATES:
        return None
    wanted = address.lower()
    for one in tx.of(Delegates).of(me.user.id):
        if address_of(one) == wanted:
            return Membership(group=DELEGATES, contact=contact_of(one))
    return None


@my_group_membership.delete()
def remove(tx: Transaction, me: Me, found: Membership) -> None:
    """Remove the contact from the group: a delegate acts for the user no more."""
    delegate = tx.of(Users).by_uri(found.contact.profile.uri)
    if delegate:
        tx.of(Delegates).remove(me.user, delegate)
