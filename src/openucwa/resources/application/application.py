"""application: a user's client on one device, and the start of all its links.

Source: application_ref.md, CreateAnApplication.md.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.communication import Communication
from openucwa.resources.application.instance import named
from openucwa.resources.dashboard import viewer
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.communications import Communications
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import ApplicationNotFound


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order in which they are served. `expires` is ours, for clients that ask for it."""

    culture: str
    """The language of the client, such as en-US."""
    user_agent: str
    """The name of the client."""
    type: str = "Browser"
    """The kind of device. The protocol knows no other."""
    id: str
    """The number in its path."""
    endpoint_id: str
    """The device: the same one gets the same application."""
    instance_id: str | None
    """The instance that asks, where the application has several."""
    expires: datetime
    """The time at which it expires unless its client sends a request before."""


def properties(me: Me, found: Application) -> Properties:
    return Properties(
        culture=found.culture,
        user_agent=found.user_agent,
        id=str(found.id),
        endpoint_id=found.endpoint_id,
        instance_id=found.instance_id or None,
        expires=found.expires_at(me.deployment.lifetimes.application),
    )


def query(found: Application) -> dict[str, str]:
    return named(found.instance_id)


def communications(tx: Transaction, me: Me, found: Sequence[Application]) -> list[Communication]:
    return tx.of(Communications).of(me.user.id, found)


application = Resource[Application](
    rel="application",
    path="applications/{application_id}",
    properties=properties,
    query=query,
    audience=Audience.EVERYBODY,
)
application.link("events")
application.link("batch")
for rel in ("me", "people", "onlineMeetings"):
    application.embed(rel, viewer)
application.embed("communication", load=communications)


@application.find
def find(tx: Transaction, me: Me) -> Application:
    """The application of the request. Whose it is has been checked before anything else."""
    return me.application


@application.delete()
def delete(tx: Transaction, me: Me, found: Application) -> None:
    """End the instance, and the application with its last instance (MultiTabSupport.md).

    An instance that has ended before is not found, as in any request: what is left is others'.
    """
    channels = tx.of(Channels).of(found)
    own = next((one for one in channels if one.instance_id == found.instance_id), None)
    if own is None:
        raise ApplicationNotFound("The application no longer has this instance.")
    if len(channels) > 1:
        tx.of(Channels).close(own)
    else:
        tx.of(Applications).delete(found)
