"""What may be chosen for a meeting, and what it is unless something is chosen.

Sources: onlineMeetingDefaultValues_ref.md, onlineMeetingEligibleValues_ref.md,
onlineMeetingPolicies_ref.md, phoneDialInInformation_ref.md,
onlineMeetingInvitationCustomization_ref.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from openucwa.client.known import Known, member, members, number, text, texts
from openucwa.client.resource import Resource
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    GenericPolicy,
    LobbyBypassForPhoneUsers,
    OnlineMeetingRel,
)


@dataclass(frozen=True)
class _Told:
    resource: Resource

    @property
    def properties(self) -> Mapping[str, object]:
        """All that the server told, also what this client does not know."""
        return self.resource.properties


class Defaults(_Told):
    """What a meeting is where nothing was chosen."""

    access_level = Known("accessLevel", member(AccessLevel))
    automatic_leader_assignment = Known(
        "automaticLeaderAssignment", member(AutomaticLeaderAssignment)
    )
    entry_exit_announcement = Known("entryExitAnnouncement", member(EntryExitAnnouncement))
    lobby_bypass_for_phone_users = Known(
        "lobbyBypassForPhoneUsers", member(LobbyBypassForPhoneUsers)
    )
    rel = Known("defaultOnlineMeetingRel", member(OnlineMeetingRel))
    participants_warning_threshold = Known("participantsWarningThreshold", number)


class Eligible(_Told):
    """What may be chosen."""

    access_levels = Known("accessLevels", members(AccessLevel))
    automatic_leader_assignments = Known(
        "automaticLeaderAssignments", members(AutomaticLeaderAssignment)
    )
    entry_exit_announcements = Known("entryExitAnnouncements", members(EntryExitAnnouncement))
    lobby_bypass_for_phone_users = Known(
        "lobbyBypassForPhoneUsersSettings", members(LobbyBypassForPhoneUsers)
    )
    rels = Known("eligibleOnlineMeetingRels", members(OnlineMeetingRel))


class Policies(_Told):
    """What the administrator allows."""

    phone_user_admission = Known("phoneUserAdmission", member(GenericPolicy))
    entry_exit_announcement = Known("entryExitAnnouncement", member(GenericPolicy))
    meeting_recording = Known("meetingRecording", member(GenericPolicy))
    external_user_meeting_recording = Known("externalUserMeetingRecording", member(GenericPolicy))
    voip_audio = Known("voipAudio", member(GenericPolicy))
    meeting_size = Known("meetingSize", number)


class Region(_Told):
    """A telephone number to call, and the languages in which it answers."""

    name = Known("name", text)
    number = Known("number", text)
    languages = Known("languages", texts)


class DialIn(_Told):
    """How to reach meetings by telephone."""

    default_region = Known("defaultRegion", text)
    internal_directory = Known("internalDirectoryUri", text)
    external_directory = Known("externalDirectoryUri", text)
    toll_number = Known("tollNumber", text)
    toll_free_numbers = Known("tollFreeNumbers", texts)

    @property
    def regions(self) -> tuple[Region, ...]:
        """Where meetings can be called."""
        return tuple(Region(one) for one in self.resource.embedded("dialInRegion"))


class InvitationTexts(_Told):
    """What the organization adds to invitations; empty where it adds nothing."""

    footer = Known("invitationFooterText", text)
    help_url = Known("invitationHelpUrl", text)
    enterprise_help_url = Known("enterpriseHelpUrl", text)
    legal_url = Known("invitationLegalUrl", text)
    logo_url = Known("invitationLogoUrl", text)
