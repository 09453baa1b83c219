"""Policies of an administrator for a group of users: defaults, eligible values and texts.

Sources: onlineMeetingDefaultValues, onlineMeetingEligibleValues, onlineMeetingPolicies,
onlineMeetingInvitationCustomization, phoneDialInInformation and dialInRegion in the reference.
"""

from typing import Annotated

import msgspec

from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    GenericPolicy,
    LobbyBypassForPhoneUsers,
    OnlineMeetingRel,
)

AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]


class DialInRegion(msgspec.Struct, kw_only=True, frozen=True):
    """A telephone number to call, and the languages in which it answers."""

    name: str
    number: str
    languages: tuple[str, ...] = ()


class DialIn(msgspec.Struct, kw_only=True, frozen=True):
    """The telephone numbers of meetings. Without regions nobody can call."""

    default_region: str = ""
    internal_directory_uri: str = ""
    external_directory_uri: str = ""
    regions: tuple[DialInRegion, ...] = ()

    def __post_init__(self) -> None:
        names = [region.name for region in self.regions]
        if not all(name.strip(".") for name in names):  # they stand in paths
            raise ValueError("a region has no name, or a name of dots only")
        if len(set(names)) != len(names):
            raise ValueError("two regions have the same name")
        if self.default_region and self.default_region not in names:
            raise ValueError(f"default_region {self.default_region} is not one of the regions")


class Invitation(msgspec.Struct, kw_only=True, frozen=True):
    """The texts that mail programs add to invitations."""

    enterprise_help_url: str = ""
    footer_text: str = ""
    help_url: str = ""
    legal_url: str = ""
    logo_url: str = ""


class Policy(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A named set of decisions; every user has one.

    The plural members are the eligible values: a meeting with another value is refused.
    """

    access_levels: tuple[AccessLevel, ...] = (
        AccessLevel.SAME_ENTERPRISE,
        AccessLevel.LOCKED,
        AccessLevel.INVITED,
        AccessLevel.EVERYONE,
    )
    automatic_leader_assignments: tuple[AutomaticLeaderAssignment, ...] = tuple(
        AutomaticLeaderAssignment
    )
    entry_exit_announcements: tuple[EntryExitAnnouncement, ...] = (
        EntryExitAnnouncement.DISABLED,
        EntryExitAnnouncement.ENABLED,
    )
    lobby_bypass_for_phone_users: tuple[LobbyBypassForPhoneUsers, ...] = tuple(
        LobbyBypassForPhoneUsers
    )

    default_access_level: AccessLevel = AccessLevel.SAME_ENTERPRISE
    default_automatic_leader_assignment: AutomaticLeaderAssignment = (
        AutomaticLeaderAssignment.DISABLED
    )
    default_entry_exit_announcement: EntryExitAnnouncement = EntryExitAnnouncement.DISABLED
    default_lobby_bypass_for_phone_users: LobbyBypassForPhoneUsers = (
        LobbyBypassForPhoneUsers.DISABLED
    )

    phone_user_admission: GenericPolicy = GenericPolicy.ENABLED
    external_user_meeting_recording: GenericPolicy = GenericPolicy.DISABLED
    meeting_recording: GenericPolicy = GenericPolicy.DISABLED
    voip_audio: GenericPolicy = GenericPolicy.DISABLED
    meeting_size: AtLeastOne = 250
    participants_warning_threshold: AtLeastOne = 250

    assigned_meeting: bool = True
    """True if each user has a standing meeting beside those that she schedules."""

    delegates_change_meetings: bool = True
    """True if a user's delegates may schedule and change meetings for her."""

    invitation: Invitation = Invitation()
    dial_in: DialIn = DialIn()

    def __post_init__(self) -> None:
        for default, eligible in (
            ("default_access_level", "access_levels"),
            ("default_automatic_leader_assignment", "automatic_leader_assignments"),
            ("default_entry_exit_announcement", "entry_exit_announcements"),
            ("default_lobby_bypass_for_phone_users", "lobby_bypass_for_phone_users"),
        ):
            if getattr(self, default) not in getattr(self, eligible):
                raise ValueError(f"{default} {getattr(self, default)} is not among {eligible}")

    @property
    def entry_exit_announcement(self) -> GenericPolicy:
        """ENABLED if an organizer may enable announcements."""
        eligible = EntryExitAnnouncement.ENABLED in self.entry_exit_announcements
        return GenericPolicy.ENABLED if eligible else GenericPolicy.DISABLED

    @property
    def online_meeting_rels(self) -> tuple[OnlineMeetingRel, ...]:
        """The scheduling templates that are open to a user."""
        return (
            tuple(OnlineMeetingRel)
            if self.assigned_meeting
            else (OnlineMeetingRel.MY_ONLINE_MEETINGS,)
        )
