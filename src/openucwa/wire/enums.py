"""The enumerations of UCWA that this server speaks, as served: one class a page `<Name>_ref.md`."""

from enum import StrEnum


class AccessLevel(StrEnum):
    """Who may enter a meeting without waiting in its lobby."""

    NONE = "None"
    SAME_ENTERPRISE = "SameEnterprise"
    LOCKED = "Locked"
    INVITED = "Invited"
    EVERYONE = "Everyone"


class AudioPreference(StrEnum):
    """Which audio a user would rather have."""

    PHONE_AUDIO = "PhoneAudio"
    VOIP_AUDIO = "VoipAudio"


class AutomaticLeaderAssignment(StrEnum):
    """Who becomes a leader on joining."""

    DISABLED = "Disabled"
    SAME_ENTERPRISE = "SameEnterprise"
    EVERYONE = "Everyone"


class EntryExitAnnouncement(StrEnum):
    """Whether callers are announced as they come and go."""

    UNSUPPORTED = "Unsupported"
    DISABLED = "Disabled"
    ENABLED = "Enabled"


class GenericPolicy(StrEnum):
    """What an administrator allows. The page lists two members, its parameters use all three."""

    NONE = "None"
    DISABLED = "Disabled"
    ENABLED = "Enabled"


class LobbyBypassForPhoneUsers(StrEnum):
    """Whether callers skip the lobby."""

    DISABLED = "Disabled"
    ENABLED = "Enabled"


class MessageFormat(StrEnum):
    """What an instant message is written in."""

    PLAIN = "Plain"
    HTML = "Html"


class ModalityType(StrEnum):
    """What a conversation may consist of. The page lists five members, its parameters use all."""

    AUDIO = "Audio"
    VIDEO = "Video"
    PHONE_AUDIO = "PhoneAudio"
    APPLICATION_SHARING = "ApplicationSharing"
    MESSAGING = "Messaging"
    DATA_COLLABORATION = "DataCollaboration"
    PANORAMIC_VIDEO = "PanoramicVideo"


class OnlineMeetingExtensionType(StrEnum):
    """Whom an extension's data is for."""

    UNDEFINED = "Undefined"
    ROAMED_ORGANIZER_DATA = "RoamedOrganizerData"
    ROAMED_PARTICIPANT_DATA = "RoamedParticipantData"


class OnlineMeetingRel(StrEnum):
    """The scheduling template of a meeting: one of many, or the organizer's standing one."""

    MY_ONLINE_MEETINGS = "myOnlineMeetings"
    MY_ASSIGNED_ONLINE_MEETING = "myAssignedOnlineMeeting"


class PhoneUserAdmission(StrEnum):
    """Whether a meeting can be joined over the phone."""

    DISABLED = "Disabled"
    ENABLED = "Enabled"
