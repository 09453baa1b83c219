"""applications: the user's applications, and registration of a new one.

Source: applications2_ref.md, CreateAnApplication.md, ApplicationDashboard.md.
"""

from openucwa.domain import meetings
from openucwa.domain.applications import Application, Registration
from openucwa.resources.application.registering import register, running, start
from openucwa.resources.dashboard import dashboard
from openucwa.resources.verb import Existing
from openucwa.resources.viewer import Me
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.delegates import Delegates
from openucwa.store.tables.meetings import Meetings
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel
from openucwa.wire.errors import ParameterValidationFailure, TooManyApplications
from openucwa.wire.given import Given

applications = dashboard("applications", "applications", revision=2)


def listed(tx: Transaction, me: Me, _: Me) -> list[Application]:
    """The user's applications, each seen from the first of the instances that it still has."""
    first = tx.of(Channels).first(me.user.id)
    return [one.instance(first.get(one.id, "")) for one in running(tx, me, me)]


applications.embed("application", listed)


@applications.post(
    Registration,
    answers="application",
    errors=(ParameterValidationFailure, TooManyApplications),
    complete=True,
)
def create(
    tx: Transaction, me: Me, _: Me, given: Given[Registration]
) -> Application | Existing[Application]:
    """Register an application; one with the same endpointId is the same application.

    Each of its instances has an event channel of its own (MultiTabSupport.md).

    Raises ParameterValidationFailure, and TooManyApplications beyond the user's limit.
    """
    wanted = given.complete()
    if not wanted.endpoint_id:
        raise ParameterValidationFailure({"endpointId": "must not be empty"})
    known = (one for one in running(tx, me, me) if one.endpoint_id == wanted.endpoint_id)
    if found := next(known, None):
        application = (
            tx.of(Applications).seen(found, tx.now, me.session).instance(wanted.instance_id)
        )
    else:
        application = register(tx, me, wanted)
    _assign_meeting(tx, me.within(application))
    if any(one.instance_id == wanted.instance_id for one in tx.of(Channels).of(application)):
        return Existing(application)
    start(tx, me, application)
    return application


def _assign_meeting(tx: Transaction, me: Me) -> None:
    """Give the user her standing meeting, if the policy says so and she has none."""
    rel = OnlineMeetingRel.MY_ASSIGNED_ONLINE_MEETING
    if me.policy.assigned_meeting and tx.of(Meetings).assigned(me.user.id) is None:
        tx.of(Meetings).add(
            rel,
            meetings.defaults(me.policy, rel, tx.now),
            by=me.application,
            # This application learns of it in the answer.
            told=len(running(tx, me, me)) > 1 or bool(tx.of(Delegates).of(me.user.id)),
        )
