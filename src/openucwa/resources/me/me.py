"""me: the signed-in user, or the guest, of whom nothing is known.

Its links tell whether the user is available in this application: before that, it can start talks
and join meetings, but others don't reach the user there. Source: me_ref.md, MeDashboard.md.
"""

import msgspec

from openucwa.domain.facts import Priority
from openucwa.resources.dashboard import dashboard, viewer
from openucwa.resources.resource import Audience
from openucwa.resources.viewer import Me
from openucwa.wire.channel import EventType


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """Return what is known of the user; what is not, is left out."""

    name: str
    """The name to show."""
    uri: str
    """The SIP address."""
    email_addresses: list[str]
    """One, or none."""
    title: str | None
    """The job title."""
    department: str | None
    """The department."""
    company: str | None
    """The company."""
    office_location: str | None
    """The office."""
    work_phone_number: str | None
    """A tel URI."""
    mobile_phone_number: str | None
    """A tel URI."""
    home_phone_number: str | None
    """A tel URI."""
    other_phone_number: str | None
    """A tel URI."""


def properties(me: Me, _: Me) -> Properties:
    user = me.user
    return Properties(
        name=user.name,
        uri=user.uri,
        email_addresses=[user.email] if user.email else [],
        title=user.title or None,
        department=user.department or None,
        company=user.company or None,
        office_location=user.office or None,
        work_phone_number=user.work_phone or None,
        mobile_phone_number=user.mobile_phone or None,
        home_phone_number=user.home_phone or None,
        other_phone_number=user.other_phone or None,
    )


me = dashboard(
    "me",
    "applications/{application_id}/me",
    properties,
    kinds={"me": "user"},
    audience=Audience.EVERYBODY,
)
me.sends(EventType.UPDATED, sender="me", priority=Priority.MEDIUM)


def is_unavailable(me: Me, _: Me) -> bool:
    """Until the user is available in this application."""
    return me.application.available_at is None


def is_available(me: Me, _: Me) -> bool:
    """When the user is available in this application."""
    return me.application.available_at is not None


for rel in ("presence", "note", "location"):
    me.link(rel, viewer, when=is_available)
