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
    """Whether new meetings are the standing one."""
    participants_warning_threshold: Known[int | None] = Known(
        "participantsWarningThreshold", number
    )
    """From how many people on to ask whether so many are meant."""


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
    """Whether meetings can be ones of their own, or the standing one."""


class Policies(Told):
    """What the administrator allows."""

    phone_user_admission: Known[GenericPolicy | str] = Known(
        "phoneUserAdmission", member(GenericPolicy)
    )
    """Whether meetings may be called."""
    entry_exit_announcement: Known[GenericPolicy | str] = Known(
        "entryExitAnnouncement", member(GenericPolicy)
    )
    """Whether callers may be announced."""
    meeting_recording: Known[GenericPolicy | str] = Known("meetingRecording", member(GenericPolicy))
    """Whether meetings may be recorded."""
    external_user_meeting_recording: Known[GenericPolicy | str] = Known(
        "externalUserMeetingRecording", member(GenericPolicy)
    )
    """Whether people of other organizations may record."""
    voip_audio: Known[GenericPolicy | str] = Known("voipAudio", member(GenericPolicy))
    """Whether computers may be used to talk."""
    meeting_size: Known[int | None] = Known("meetingSize", number)
    """How many people a meeting may have."""


class Region(Told):
    """A telephone number to call, and the languages in which it answers."""

    name: Known[str] = Known("name", text)
    """Where its people are."""
    number: Known[str] = Known("number", text)
    """The number, as `tel:` URI."""
    languages: Known[tuple[str, ...]] = Known("languages", texts)
    """The languages, such as `en-US`; the first one answers."""


class DialIn(Told):
    """How to reach meetings by telephone."""

    default_region: Known[str] = Known("defaultRegion", text)
    """The region to show first."""
    internal_directory: Known[str] = Known("internalDirectoryUri", text)
    """The page with all numbers, for colleagues."""
    external_directory: Known[str] = Known("externalDirectoryUri", text)
    """The page with all numbers, for others."""
    toll_number: Known[str] = Known("tollNumber", text)
    """A number for which callers pay."""
    toll_free_numbers: Known[tuple[str, ...]] = Known("tollFreeNumbers", texts)
    """Numbers for which they don't."""

    @property
    def regions(self) -> tuple[Region, ...]:
        """Where meetings can be called."""
        return tuple(Region(one) for one in self.resource.embedded("dialInRegion"))


class InvitationTexts(Told):
    """What the organization adds to invitations; empty where it adds nothing."""

    footer: Known[str] = Known("invitationFooterText", text)
    """What stands below an invitation."""
    help_url: Known[str] = Known("invitationHelpUrl", text)
    """Where guests find help."""
    enterprise_help_url: Known[str] = Known("enterpriseHelpUrl", text)
    """Where colleagues find help."""
    legal_url: Known[str] = Known("invitationLegalUrl", text)
    """Where the organization's legal notice is."""
    logo_url: Known[str] = Known("invitationLogoUrl", text)
    """Where its picture is."""
