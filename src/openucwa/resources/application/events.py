"""events: the channel by which a client hears what happens.

It is followed with pending GETs, which openucwa.delivery answers. Source: events_ref.md,
EventChannelDetails.md.
"""

from openucwa.domain.channels import Channel
from openucwa.resources.application.instance import named
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction


def query(found: Channel) -> dict[str, str]:
    """Return the channel at which a client starts, or starts again."""
    return {"ack": str(found.ack), **named(found.instance_id)}


events = Resource[Channel](
    rel="events",
    path="applications/{application_id}/events",
    query=query,
    audience=Audience.EVERYBODY,
)


@events.find
def find(tx: Transaction, me: Me) -> Channel | None:
    """The channel of the application's instance."""
    return tx.of(Channels).get(me.application)
