"""The people whom a user knows."""

from openucwa.resources.people import (
    contact,
    group,
    group_contacts,
    my_group_membership,
    my_group_memberships,
    my_groups,
    people,
    search,
)

RESOURCES = (
    people.people,
    contact.contact,
    my_groups.my_groups,
    group.group,
    group_contacts.group_contacts,
    my_group_memberships.my_group_memberships,
    my_group_membership.my_group_membership,
    search.search,
)
