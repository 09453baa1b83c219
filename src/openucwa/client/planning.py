"""The eligible and the default values of a meeting.

Sources: onlineMeetingDefaultValues_ref.md, onlineMeetingEligibleValues_ref.md,
onlineMeetingPolicies_ref.md, phoneDialInInformation_ref.md,
onlineMeetingInvitationCustomization_ref.md.
"""

from openucwa.client.attributes import (
    Attribute,
    TypedResource,
    member,
    members,
    number,
    text,
    texts,
)
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    GenericPolicy,
    LobbyBypassForPhoneUsers,
    OnlineMeetingRel,
)


class Defaults(TypedResource):
    """The default values of a meeting."""

    access_level: Attribute[AccessLevel | str] = Attribute("accessLevel", member(AccessLevel))
    automatic_leader_assignment: Attribute[AutomaticLeaderAssignment | str] = Attribute(
        "automaticLeaderAssignment", member(AutomaticLeaderAssignment)
    )
    entry_exit_announcement: Attribute[EntryExitAnnouncement | str] = Attribute(
        "entryExitAnnouncement", member(EntryExitAnnouncement)
    )
    lobby_bypass_for_phone_users: Attribute[LobbyBypassForPhoneUsers | str] = Attribute(
        "lobbyBypassForPhoneUsers", member(LobbyBypassForPhoneUsers)
    )
    rel: Attribute[OnlineMeetingRel | str] = Attribute(
        "defaultOnlineMeetingRel", member(OnlineMeetingRel)
    )
    """The kind of new meetings."""
    participants_warning_threshold: Attribute[int | None] = Attribute(
        "participantsWarningThreshold", number
    )
    """From how many people on to ask whether so many are meant."""


class Eligible(TypedResource):
    """The eligible values of a meeting."""

    access_levels: Attribute[tuple[AccessLevel | str, ...]] = Attribute(
        "accessLevels", members(AccessLevel)
    )
    automatic_leader_assignments: Attribute[tuple[AutomaticLeaderAssignment | str, ...]] = (
        Attribute("automaticLeaderAssignments", members(AutomaticLeaderAssignment))
    )
    entry_exit_announcements: Attribute[tuple[EntryExitAnnouncement | str, ...]] = Attribute(
        "entryExitAnnouncements", members(EntryExitAnnouncement)
    )
    lobby_bypass_for_phone_users: Attribute[tuple[LobbyBypassForPhoneUsers | str, ...]] = Attribute(
        "lobbyBypassForPhoneUsersSettings", members(LobbyBypassForPhoneUsers)
    )
    rels: Attribute[tuple[OnlineMeetingRel | str, ...]] = Attribute(
        "eligibleOnlineMeetingRels", members(OnlineMeetingRel)
    )
    """The kinds of meetings that can be scheduled."""


class Policies(TypedResource):
    """The administrator's policies."""

    phone_user_admission: Attribute[GenericPolicy | str] = Attribute(
        "phoneUserAdmission", member(GenericPolicy)
    )
    """Allow joining by telephone."""
    entry_exit_announcement: Attribute[GenericPolicy | str] = Attribute(
        "entryExitAnnouncement", member(GenericPolicy)
    )
    """Allow announcing callers."""
    meeting_recording: Attribute[GenericPolicy | str] = Attribute(
        "meetingRecording", member(GenericPolicy)
    )
    """Allow recording."""
    external_user_meeting_recording: Attribute[GenericPolicy | str] = Attribute(
        "externalUserMeetingRecording", member(GenericPolicy)
    )
    """Allow recording by people of other organizations."""
    voip_audio: Attribute[GenericPolicy | str] = Attribute("voipAudio", member(GenericPolicy))
    """Allow audio over the network."""
    meeting_size: Attribute[int | None] = Attribute("meetingSize", number)
    """The highest number of participants."""


class Region(TypedResource):
    """A telephone number to call, and the languages in which it answers."""

    name: Attribute[str] = Attribute("name", text)
    """The name of the region."""
    number: Attribute[str] = Attribute("number", text)
    """The number, as `tel:` URI."""
    languages: Attribute[tuple[str, ...]] = Attribute("languages", texts)
    """The languages, such as `en-US`; the first one answers."""


class DialIn(TypedResource):
    """The telephone numbers of meetings."""

    default_region: Attribute[str] = Attribute("defaultRegion", text)
    """The region to show first."""
    internal_directory: Attribute[str] = Attribute("internalDirectoryUri", text)
    """The page with all numbers, for colleagues."""
    external_directory: Attribute[str] = Attribute("externalDirectoryUri", text)
    """The page with all numbers, for others."""
    toll_number: Attribute[str] = Attribute("tollNumber", text)
    """A number for which callers pay."""
    toll_free_numbers: Attribute[tuple[str, ...]] = Attribute("tollFreeNumbers", texts)
    """Numbers for which they don't."""

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions with numbers."""
        return tuple(Region(one) for one in self.resource.embedded("dialInRegion"))


class InvitationTexts(TypedResource):
    """The texts that the organization adds to invitations; empty if it adds nothing."""

    footer: Attribute[str] = Attribute("invitationFooterText", text)
    """The text below an invitation."""
    help_url: Attribute[str] = Attribute("invitationHelpUrl", text)
    """The help page for guests."""
    enterprise_help_url: Attribute[str] = Attribute("enterpriseHelpUrl", text)
    """The help page for colleagues."""
    legal_url: Attribute[str] = Attribute("invitationLegalUrl", text)
    """The organization's legal notice."""
    logo_url: Attribute[str] = Attribute("invitationLogoUrl", text)
    """The organization's logo."""
