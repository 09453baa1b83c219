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
    """The default values of a meeting."""

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
    """The kind of new meetings."""
    participants_warning_threshold: Known[int | None] = Known(
        "participantsWarningThreshold", number
    )
    """From how many people on to ask whether so many are meant."""


class Eligible(Told):
    """The eligible values of a meeting."""

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
    """The kinds of meetings that can be scheduled."""


class Policies(Told):
    """The administrator's policies."""

    phone_user_admission: Known[GenericPolicy | str] = Known(
        "phoneUserAdmission", member(GenericPolicy)
    )
    """Allow joining by telephone."""
    entry_exit_announcement: Known[GenericPolicy | str] = Known(
        "entryExitAnnouncement", member(GenericPolicy)
    )
    """Allow announcing callers."""
    meeting_recording: Known[GenericPolicy | str] = Known("meetingRecording", member(GenericPolicy))
    """Allow recording."""
    external_user_meeting_recording: Known[GenericPolicy | str] = Known(
        "externalUserMeetingRecording", member(GenericPolicy)
    )
    """Allow recording by people of other organizations."""
    voip_audio: Known[GenericPolicy | str] = Known("voipAudio", member(GenericPolicy))
    """Allow audio over the network."""
    meeting_size: Known[int | None] = Known("meetingSize", number)
    """The highest number of participants."""


class Region(Told):
    """A telephone number to call, and the languages in which it answers."""

    name: Known[str] = Known("name", text)
    """The name of the region."""
    number: Known[str] = Known("number", text)
    """The number, as `tel:` URI."""
    languages: Known[tuple[str, ...]] = Known("languages", texts)
    """The languages, such as `en-US`; the first one answers."""


class DialIn(Told):
    """The telephone numbers of meetings."""

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
        """The regions with numbers."""
        return tuple(Region(one) for one in self.resource.embedded("dialInRegion"))


class InvitationTexts(Told):
    """The texts that the organization adds to invitations; empty if it adds nothing."""

    footer: Known[str] = Known("invitationFooterText", text)
    """The text below an invitation."""
    help_url: Known[str] = Known("invitationHelpUrl", text)
    """The help page for guests."""
    enterprise_help_url: Known[str] = Known("enterpriseHelpUrl", text)
    """The help page for colleagues."""
    legal_url: Known[str] = Known("invitationLegalUrl", text)
    """The organization's legal notice."""
    logo_url: Known[str] = Known("invitationLogoUrl", text)
    """The organization's logo."""
