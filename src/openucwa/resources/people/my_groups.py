"""myGroups: the groups of the user's contacts. A group that is empty is left out.

That of delegates is there before it has any, so that the first one can be added.
Source: myGroups_ref.md, myGroups2_ref.md.
"""

from openucwa.domain.groups import DELEGATES, DELEGATORS, Group
from openucwa.resources.dashboard import dashboard
from openucwa.resources.viewer import Me
from openucwa.store.tables.delegates import Delegates
from openucwa.store.transaction import Transaction

my_groups = dashboard("myGroups", "applications/{application_id}/people/groups", revision=2)


def delegates(tx: Transaction, me: Me, _: Me) -> Group:
    return DELEGATES


def delegators(tx: Transaction, me: Me, _: Me) -> Group | None:
    """Where there are people for whom the user acts."""
    return DELEGATORS if tx.of(Delegates).organizers(me.user.id) else None


my_groups.embed("delegatesGroup", delegates)
my_groups.embed("delegatorsGroup", delegators)
