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
    """What the server told, with its links."""

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
    """Whether new meetings are the standing one."""
    participants_warning_threshold = Known("participantsWarningThreshold", number)
    """From how many people on to ask whether so many are meant."""


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
    """Whether meetings can be ones of their own, or the standing one."""


class Policies(_Told):
    """What the administrator allows."""

    phone_user_admission = Known("phoneUserAdmission", member(GenericPolicy))
    """Whether meetings may be called."""
    entry_exit_announcement = Known("entryExitAnnouncement", member(GenericPolicy))
    """Whether callers may be announced."""
    meeting_recording = Known("meetingRecording", member(GenericPolicy))
    """Whether meetings may be recorded."""
    external_user_meeting_recording = Known("externalUserMeetingRecording", member(GenericPolicy))
    """Whether people of other organizations may record."""
    voip_audio = Known("voipAudio", member(GenericPolicy))
    """Whether computers may be used to talk."""
    meeting_size = Known("meetingSize", number)
    """How many people a meeting may have."""


class Region(_Told):
    """A telephone number to call, and the languages in which it answers."""

    name = Known("name", text)
    """Where its people are."""
    number = Known("number", text)
    """The number, as `tel:` URI."""
    languages = Known("languages", texts)
    """The languages, such as `en-US`; the first one answers."""


class DialIn(_Told):
    """How to reach meetings by telephone."""

    default_region = Known("defaultRegion", text)
    """The region to show first."""
    internal_directory = Known("internalDirectoryUri", text)
    """The page with all numbers, for colleagues."""
    external_directory = Known("externalDirectoryUri", text)
    """The page with all numbers, for others."""
    toll_number = Known("tollNumber", text)
    """A number for which callers pay."""
    toll_free_numbers = Known("tollFreeNumbers", texts)
    """Numbers for which they don't."""

    @property
    def regions(self) -> tuple[Region, ...]:
        """Where meetings can be called."""
        return tuple(Region(one) for one in self.resource.embedded("dialInRegion"))


class InvitationTexts(_Told):
    """What the organization adds to invitations; empty where it adds nothing."""

    footer = Known("invitationFooterText", text)
    """What stands below an invitation."""
    help_url = Known("invitationHelpUrl", text)
    """Where guests find help."""
    enterprise_help_url = Known("enterpriseHelpUrl", text)
    """Where colleagues find help."""
    legal_url = Known("invitationLegalUrl", text)
    """Where the organization's legal notice is."""
    logo_url = Known("invitationLogoUrl", text)
    """Where its picture is."""
