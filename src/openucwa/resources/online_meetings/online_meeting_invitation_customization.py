"""onlineMeetingInvitationCustomization: what mail programs add to invitations.

Source: onlineMeetingInvitationCustomization_ref.md.
"""

import msgspec

from openucwa.resources.dashboard import dashboard
from openucwa.resources.viewer import Me


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """Return what the administrator has set; the rest is left out."""

    enterprise_help_url: str | None
    """The help page for employees."""
    invitation_footer_text: str | None
    """The text at the end of an invitation."""
    invitation_help_url: str | None
    """The help page for invited people."""
    invitation_legal_url: str | None
    """The legal notice."""
    invitation_logo_url: str | None
    """The company's logo."""


def properties(me: Me, _: Me) -> Properties:
    invitation = me.policy.invitation
    return Properties(
        enterprise_help_url=invitation.enterprise_help_url or None,
        invitation_footer_text=invitation.footer_text or None,
        invitation_help_url=invitation.help_url or None,
        invitation_legal_url=invitation.legal_url or None,
        invitation_logo_url=invitation.logo_url or None,
    )


online_meeting_invitation_customization = dashboard(
    "onlineMeetingInvitationCustomization",
    "applications/{application_id}/onlineMeetings/customInvitation",
    properties,
)
