"""applications: the user's applications, and where a client registers its own.

Source: applications2_ref.md, CreateAnApplication.md, ApplicationDashboard.md.
"""

from openucwa.domain import meetings
from openucwa.domain.applications import Application, Registration, new_id
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

    Raises ParameterValidationFailure, and TooManyApplications beyond the user's limit.
    """
    wanted = given.complete()
    if not wanted.endpoint_id:
        raise ParameterValidationFailure({"endpointId": "must not be empty"})
    there = running(tx, me, me)
    for application in there:
        if application.endpoint_id == wanted.endpoint_id:
            _assign_meeting(tx, me.within(application))
            return Known(tx.applications.seen(application, tx.now))
    limit = me.deployment.limits.applications_per_user
    if len(there) >= limit:
        raise TooManyApplications(
            f"You have {limit} applications, which is the limit. Delete one that you don't need; "
            "GET applications lists them."
        )
    application = _add(tx, me, wanted)
    _assign_meeting(tx, me.within(application))
    return application


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
