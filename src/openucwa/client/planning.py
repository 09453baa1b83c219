"""What may be chosen for a meeting, and what it is unless something is chosen.

Sources: onlineMeetingDefaultValues_ref.md, onlineMeetingEligibleValues_ref.md,
onlineMeetingPolicies_ref.md, phoneDialInInformation_ref.md,
onlineMeetingInvitationCustomization_ref.md.
"""

from openucwa.client.known import Known, Told, member, members, number, text, texts
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    GenericPolicy,
    LobbyBypassForPhoneUsers,
    OnlineMeetingRel,
)


class Defaults(Told):
    """What a meeting is where nothing was chosen."""

    access_level: Known[AccessLevel | str] = Known("accessLevel", member(AccessLevel))
    automatic_leader_assignment: Known[AutomaticLeaderAssignment | str] = Known(
        "automaticLeaderAssignment", member(AutomaticLeaderAssignment)
    )
    entry_exit_announcement: Known[EntryExitAnnouncement | str] = Known(
        "entryExitAnnouncement", member(EntryExitAnnouncement)
    )
    lobby_bypass_for_phone_users: Known[LobbyBypassForPhoneUsers | str] = Known(
        "lobbyBypassForPhoneUsers", member(LobbyBypassForPhoneUsers)
    )
    rel: Known[OnlineMeetingRel | str] = Known("defaultOnlineMeetingRel", member(OnlineMeetingRel))
    participants_warning_threshold: Known[int | None] = Known(
        "participantsWarningThreshold", number
    )


class Eligible(Told):
    """What may be chosen."""

    access_levels: Known[tuple[AccessLevel | str, ...]] = Known(
        "accessLevels", members(AccessLevel)
    )
    automatic_leader_assignments: Known[tuple[AutomaticLeaderAssignment | str, ...]] = Known(
        "automaticLeaderAssignments", members(AutomaticLeaderAssignment)
    )
    entry_exit_announcements: Known[tuple[EntryExitAnnouncement | str, ...]] = Known(
        "entryExitAnnouncements", members(EntryExitAnnouncement)
    )
    lobby_bypass_for_phone_users: Known[tuple[LobbyBypassForPhoneUsers | str, ...]] = Known(
        "lobbyBypassForPhoneUsersSettings", members(LobbyBypassForPhoneUsers)
    )
    rels: Known[tuple[OnlineMeetingRel | str, ...]] = Known(
        "eligibleOnlineMeetingRels", members(OnlineMeetingRel)
    )


class Policies(Told):
    """What the administrator allows."""

    phone_user_admission: Known[GenericPolicy | str] = Known(
        "phoneUserAdmission", member(GenericPolicy)
    )
    entry_exit_announcement: Known[GenericPolicy | str] = Known(
        "entryExitAnnouncement", member(GenericPolicy)
    )
    meeting_recording: Known[GenericPolicy | str] = Known("meetingRecording", member(GenericPolicy))
    external_user_meeting_recording: Known[GenericPolicy | str] = Known(
        "externalUserMeetingRecording", member(GenericPolicy)
    )
    voip_audio: Known[GenericPolicy | str] = Known("voipAudio", member(GenericPolicy))
    meeting_size: Known[int | None] = Known("meetingSize", number)


class Region(Told):
    """A telephone number to call, and the languages in which it answers."""

    name: Known[str] = Known("name", text)
    number: Known[str] = Known("number", text)
    languages: Known[tuple[str, ...]] = Known("languages", texts)


class DialIn(Told):
    """How to reach meetings by telephone."""

    default_region: Known[str] = Known("defaultRegion", text)
    internal_directory: Known[str] = Known("internalDirectoryUri", text)
    external_directory: Known[str] = Known("externalDirectoryUri", text)
    toll_number: Known[str] = Known("tollNumber", text)
    toll_free_numbers: Known[tuple[str, ...]] = Known("tollFreeNumbers", texts)

    @property
    def regions(self) -> tuple[Region, ...]:
        """Where meetings can be called."""
        return tuple(Region(one) for one in self.resource.embedded("dialInRegion"))


class InvitationTexts(Told):
    """What the organization adds to invitations; empty where it adds nothing."""

    footer: Known[str] = Known("invitationFooterText", text)
    help_url: Known[str] = Known("invitationHelpUrl", text)
    enterprise_help_url: Known[str] = Known("enterpriseHelpUrl", text)
    legal_url: Known[str] = Known("invitationLegalUrl", text)
    logo_url: Known[str] = Known("invitationLogoUrl", text)
