"""The viewer of a request: its token tells the user, its path the application."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from openucwa.domain.applications import Application, noted_every
from openucwa.domain.deployment import Deployment
from openucwa.http.authentication import authenticate
from openucwa.http.parsed import ParsedRequest, checked
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.database import Database
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import (
    AnonymousNotAllowed,
    ApplicationNotFound,
    Forbidden,
    InactiveApplicationExpired,
    UcwaError,
)


def viewer_of(
    tx: Transaction, request: ParsedRequest, deployment: Deployment, resource: Resource[Any]
) -> Me:
    """Return the viewer of a resource, in the application of the path if it has one.

    Raises Unauthenticated and InvalidToken; Forbidden when it is not for who asks;
    ApplicationNotFound and InactiveApplicationExpired.
    """
    user, application = authenticate(tx, request.credentials, request.application_id)
    notes, session = request.notes, request.credentials.session
    notes.user = user.uri
    me = Me(user, deployment, session=session)
    if not resource.is_for(me):
        raise _not_for(me, resource)
    if request.application_id is None:
        return me
    application = _running(tx, me, application, checked(request.instance_id))
    notes.application = application.id
    is_old = tx.now - application.last_seen_at >= noted_every(deployment.lifetimes.application)
    if is_old or (session and application.session != session):
        notes.unnoted = application
    return me.within(application)


async def note_use(database: Database, request: ParsedRequest) -> None:
    """Remember that the application of a request is in use, where it is time to."""
    if unnoted := request.notes.unnoted:
        session = request.credentials.session
        with suppress(UcwaError):  # what was answered holds without this note
            await database.write(lambda tx: tx.of(Applications).seen(unnoted, tx.now, session))


def _not_for(me: Me, resource: Resource[Any]) -> Forbidden:
    if me.is_guest:
        errors = {error for verb in resource.verbs.values() for error in verb.errors}
        refusal = AnonymousNotAllowed if AnonymousNotAllowed in errors else Forbidden
        return refusal(
            "A guest of a meeting may not use this. Sign in with an account of the organization."
        )
    return Forbidden(
        "This resource is for guests of a meeting only. Follow the links of the user resource to "
        "yours."
    )


def _running(tx: Transaction, me: Me, found: Application | None, instance_id: str) -> Application:
    """Return the user's application, seen from an instance of it.

    Raises ApplicationNotFound, for another user's alike, and InactiveApplicationExpired.
    """
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
