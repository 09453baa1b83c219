"""The input of registering an application, for users and guests alike."""

from datetime import timedelta

from openucwa.domain.applications import Application, Registration, new_id, noted_every
from openucwa.domain.versions import first_version
from openucwa.resources.viewer import Me
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import TooManyApplications

_GRACE = timedelta(minutes=1)
"""For an answer on its way: then its client asks for the next events."""


def running(tx: Transaction, me: Me, _: Me) -> list[Application]:
    """The user's applications that have not expired."""
    lifetime = me.deployment.lifetimes.application
    return [one for one in tx.of(Applications).of(me.user.id) if tx.now < one.expires_at(lifetime)]


def register(tx: Transaction, me: Me, wanted: Registration) -> Application:
    """Add an application. It has no instance yet."""
    application = Application(
        id=new_id(),
        user_id=me.user.id,
        version=first_version(),
        last_seen_at=tx.now,
        user_agent=wanted.user_agent,
        endpoint_id=wanted.endpoint_id,
        culture=wanted.culture,
        instance_id=wanted.instance_id,
        session=me.session,
    )
    tx.of(Applications).add(application)
    return application


def start(tx: Transaction, me: Me, application: Application) -> None:
    """Start an instance of an application: open its event channel.

    This comes last, for the channel tells what happens from here on. What has happened before, the
    client sees in the answer.

    At the user's limit, the least recently used application that is not at work ends. Raises
    TooManyApplications when there is none.
    """
    limit = me.deployment.limits.applications_per_user
    while sum(len(tx.of(Channels).of(one)) for one in running(tx, me, me)) >= limit:
        since = tx.now - noted_every(me.deployment.lifetimes.application) - _GRACE
        idle = tx.of(Applications).idle(me.user.id, but=application.id, seen_before=since)
        if idle is None:
            raise TooManyApplications(
                f"You have reached the limit of {limit} applications, and all are in use. Delete "
                "one that you don't need; GET applications lists them."
            )
        tx.of(Applications).retire(idle, tx.now)
    tx.of(Channels).open(application)
