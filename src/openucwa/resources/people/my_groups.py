"""myGroups: the groups of the user's contacts. A group that is empty is left out.

That of delegates is there before it has any, so that the first one can be added.
Source: myGroups_ref.md, myGroups2_ref.md.
"""

import msgspec

from openucwa.domain.groups import DELEGATES, DELEGATORS, Group
from openucwa.resources.people.expanding import Asked
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.delegates import Delegates
from openucwa.store.transaction import Transaction


class MyGroups(msgspec.Struct, frozen=True):
    """The groups, as they were asked for."""

    expand: bool
    delegators: Group | None


my_groups = Resource[MyGroups](
    rel="myGroups", path="applications/{application_id}/people/groups", asked=Asked, revision=2
)


@my_groups.find
def find(tx: Transaction, me: Me, expand: bool = True) -> MyGroups:
    """Return the groups of the user."""
    return MyGroups(expand, DELEGATORS if tx.of(Delegates).organizers(me.user.id) else None)


def delegates(tx: Transaction, me: Me, found: MyGroups) -> Group | None:
    """Return the group to embed; None if `expand` is false."""
    return DELEGATES if found.expand else None


def delegators(tx: Transaction, me: Me, found: MyGroups) -> Group | None:
    """Return the group to embed, if the user acts for anybody; None if `expand` is false."""
    return found.delegators if found.expand else None


def link_of_delegates(tx: Transaction, me: Me, found: MyGroups) -> Group | None:
    """Return the group to link to; None unless `expand` is false."""
    return None if found.expand else DELEGATES


def link_of_delegators(tx: Transaction, me: Me, found: MyGroups) -> Group | None:
    """Return the group to link to, if there is one; None unless `expand` is false."""
    return None if found.expand else found.delegators


my_groups.embed("delegatesGroup", delegates)
my_groups.embed("delegatorsGroup", delegators)
my_groups.link("delegatesGroup", link_of_delegates)
my_groups.link("delegatorsGroup", link_of_delegators)
