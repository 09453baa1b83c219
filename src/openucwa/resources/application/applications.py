"""applications: the user's applications, and where a client registers its own.

Source: applications2_ref.md, CreateAnApplication.md, ApplicationDashboard.md.
"""

from collections.abc import Sequence

from openucwa.domain import meetings
from openucwa.domain.applications import Application, Registration, new_id
from openucwa.domain.channels import Channel
from openucwa.domain.versions import first_version
from openucwa.resources.dashboard import dashboard
from openucwa.resources.resource import Known
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel
from openucwa.wire.errors import ParameterValidationFailure, TooManyApplications
from openucwa.wire.given import Given

applications = dashboard("applications", "applications", revision=2)


def running(tx: Transaction, me: Me, _: Me) -> list[Application]:
    """The user's applications that have not expired."""
    lifetime = me.deployment.lifetimes.application
    return [one for one in tx.applications.of(me.user.id) if tx.now < one.expires_at(lifetime)]


applications.embed("application", running)


@applications.post(Registration, answers="application")
def create(
    tx: Transaction, me: Me, _: Me, given: Given[Registration]
) -> Application | Known[Application]:
    """Register an application; one with the same endpointId is the same application.

    Each of its instances has an event channel of its own (MultiTabSupport.md).

    Raises ParameterValidationFailure, and TooManyApplications beyond the user's limit.
    """
    wanted = given.complete()
    if not wanted.endpoint_id:
        raise ParameterValidationFailure({"endpointId": "must not be empty"})
    there = [(one, tx.channels.of(one.id)) for one in running(tx, me, me)]
    for found, instances in there:
        if found.endpoint_id == wanted.endpoint_id:
            application = tx.applications.seen(found, tx.now).instance(wanted.instance_id)
            _assign_meeting(tx, me.within(application))
            if any(one.instance_id == wanted.instance_id for one in instances):
                return Known(application)
            _check_limit(me, there)
            tx.channels.open(application)
            return application
    _check_limit(me, there)
    application = _add(tx, me, wanted)
    _assign_meeting(tx, me.within(application))
    return application


def _check_limit(me: Me, there: Sequence[tuple[Application, Sequence[Channel]]]) -> None:
    """Raise TooManyApplications when one more instance would be too many."""
    limit = me.deployment.limits.applications_per_user
    if sum(len(instances) for _, instances in there) >= limit:
        raise TooManyApplications(
            f"You have {limit} applications, which is the limit. Delete one that you don't need; "
            "GET applications lists them."
        )


def _add(tx: Transaction, me: Me, wanted: Registration) -> Application:
    application = Application(
        id=new_id(),
        user_id=me.user.id,
        version=first_version(),
        last_seen_at=tx.now,
        user_agent=wanted.user_agent,
        endpoint_id=wanted.endpoint_id,
        culture=wanted.culture,
        instance_id=wanted.instance_id,
    )
    tx.applications.add(application)
    return application


def _assign_meeting(tx: Transaction, me: Me) -> None:
    """Give the user her standing meeting, if the policy says so and she has none."""
    rel = OnlineMeetingRel.MY_ASSIGNED_ONLINE_MEETING
    if me.policy.assigned_meeting and tx.meetings.assigned(me.user.id) is None:
        tx.meetings.add(
            rel,
            meetings.defaults(me.policy, rel, tx.now),
            by=me.application,
        )
