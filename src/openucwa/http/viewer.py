"""The viewer of a request: its token tells the user, its path the application."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from openucwa.domain.applications import Application, noted_every
from openucwa.domain.deployment import Deployment
from openucwa.http.authentication import authenticate, authenticate_for_photos
from openucwa.http.request import Call
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.database import Database
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import (
    ApplicationNotFound,
    Forbidden,
    InactiveApplicationExpired,
    UcwaError,
)


def viewer_of(
    tx: Transaction,
    call: Call,
    keys: Mapping[str, str],
    deployment: Deployment,
    resource: Resource[Any],
    instance_id: str | None = None,
) -> Me:
    """Who asks for a resource, in the application of the path if there is one there.

    `instance_id` names the application's instance in the place of the query.

    A photo may be asked for with the cookie for photos, which opens nothing else.

    Raises Unauthenticated and InvalidToken; Forbidden when it is not for who asks;
    ApplicationNotFound and InactiveApplicationExpired.
    """
    user = authenticate_for_photos(tx, call) if resource.is_photo else authenticate(tx, call)
    call.user = user.uri
    me = Me(user, deployment, session=call.session)
    if not resource.is_for(me):
        raise _not_for(me)
    if "application_id" not in keys:
        return me
    if instance_id is None:
        instance_id = call.parameters().get("instanceid", "") if call.query else ""
    application = _application(tx, me, keys["application_id"], instance_id)
    call.application = application.id
    is_old = tx.now - application.last_seen_at >= noted_every(deployment.lifetimes.application)
    if is_old or (call.session and application.session != call.session):
        call.unnoted = application
    return me.within(application)


async def note_use(database: Database, call: Call) -> None:
    """Remember that the application of a request is in use, where it is time to."""
    if unnoted := call.unnoted:
        with suppress(UcwaError):  # what was answered holds without this note
            await database.write(lambda tx: tx.of(Applications).seen(unnoted, tx.now, call.session))


def _not_for(me: Me) -> Forbidden:
    if me.is_guest:
        return Forbidden(
            "A guest of a meeting may not use this. Sign in with an account of the organization."
        )
    return Forbidden(
        "This resource is for guests of a meeting only. Follow the links of the user resource to "
        "yours."
    )


def _application(tx: Transaction, me: Me, application_id: str, instance_id: str) -> Application:
    """The user's application of that id: the one check of whose it is.

    Raises ApplicationNotFound, for another user's alike, and InactiveApplicationExpired.
    """
    known = application_id.isascii() and application_id.isdigit() and len(application_id) <= 18
    found = tx.of(Applications).get(me.user.id, int(application_id)) if known else None
    if found is None:
        raise ApplicationNotFound("There is no such application. Create one.")
    lifetime = me.deployment.lifetimes.application
    expires_at = found.expires_at(lifetime)
    if found.ended_at is not None and found.ended_at < expires_at:
        raise InactiveApplicationExpired(
            "The application was ended because you reached the limit of applications, and it was "
            "the one unused for longest. Create it again."
        )
    if found.ended_at is not None or expires_at <= tx.now:
        raise InactiveApplicationExpired(
            f"The application made no request for {_spoken(lifetime)} and has expired. "
            "Create it again."
        )
    if instance_id:
        found = found.instance(instance_id)
        if tx.of(Channels).get(found) is None:
            raise ApplicationNotFound("The application does not have this instance. Create it.")
    return found


def _spoken(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    units = (("hour", 3600), ("minute", 60), ("second", 1))
    unit, length = next(one for one in units if seconds % one[1] == 0)
    count = seconds // length
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
