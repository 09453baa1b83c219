"""The enumerations of UCWA that this server speaks, as served: one class a page `<Name>_ref.md`.

MeetingRole and ShareRole are ours (docs/extensions.md).
"""

from enum import StrEnum


class AccessLevel(StrEnum):
    """The people who enter a meeting without waiting in its lobby."""

    NONE = "None"
    SAME_ENTERPRISE = "SameEnterprise"
    LOCKED = "Locked"
    INVITED = "Invited"
    EVERYONE = "Everyone"


class AudienceMessaging(StrEnum):
    """The permission of attendees of a meeting to send messages."""

    UNKNOWN = "Unknown"
    ENABLED = "Enabled"
    DISABLED = "Disabled"


class AudioPreference(StrEnum):
    """The audio that a user prefers."""

    PHONE_AUDIO = "PhoneAudio"
    VOIP_AUDIO = "VoipAudio"


class Availability(StrEnum):
    """The availability of a user, as it is shown."""

    ONLINE = "Online"
    IDLE_ONLINE = "IdleOnline"
    BUSY = "Busy"
    IDLE_BUSY = "IdleBusy"
    DO_NOT_DISTURB = "DoNotDisturb"
    BE_RIGHT_BACK = "BeRightBack"
    AWAY = "Away"
    OFFLINE = "Offline"


class AutomaticLeaderAssignment(StrEnum):
    """The people who become leaders on joining."""

    DISABLED = "Disabled"
    SAME_ENTERPRISE = "SameEnterprise"
    EVERYONE = "Everyone"


class CallDeclineReason(StrEnum):
    """The reason for which an invitation is declined."""

    UNKNOWN = "Unknown"
    LOCAL = "Local"
    GLOBAL = "Global"
    MEDIA_ALLOCATION_FAILURE = "MediaAllocationFailure"
    ENCRYPTION_MISMATCH = "EncryptionMismatch"
    IPV6_NOT_SUPPORTED = "IPv6NotSupported"
    MEDIA_CONNECTIVITY_FAILURE = "MediaConnectivityFailure"
    CODEC_MISMATCH = "CodecMismatch"
    UNSUPPORTED_MEDIA = "UnsupportedMedia"
    INVALID_MEDIA_OFFER = "InvalidMediaOffer"
    INSUFFICIENT_BANDWIDTH = "InsufficientBandwidth"
    INSUFFICIENT_BANDWIDTH_REROUTE_OVER_PSTN = "InsufficientBandwidthRerouteOverPstn"


class CallState(StrEnum):
    """The state of a modality of a conversation."""

    CONNECTING = "Connecting"
    CONNECTED = "Connected"
    TRANSFERRING = "Transferring"
    DISCONNECTING = "Disconnecting"
    DISCONNECTED = "Disconnected"


class ContactType(StrEnum):
    """The kind of a contact. All contacts of this server are people."""

    USER = "User"
    PHONE = "Phone"
    BOT = "Bot"
    REPLAY_BOT = "ReplayBot"


class ConversationModalityType(StrEnum):
    """The modality in which a conversation takes place."""

    MESSAGING = "Messaging"
    AUDIO = "Audio"
    VIDEO = "Video"
    APPLICATION_SHARING = "ApplicationSharing"
    DATA_COLLABORATION = "DataCollaboration"
    PANORAMIC_VIDEO = "PanoramicVideo"


class ConversationState(StrEnum):
    """The state of a conversation, for one who takes part in it."""

    CONNECTING = "Connecting"
    INCOMING = "Incoming"
    CONNECTED = "Connected"
    CONFERENCING = "Conferencing"
    CONFERENCED = "Conferenced"
    IN_LOBBY = "InLobby"
    DISCONNECTING = "Disconnecting"
    DISCONNECTED = "Disconnected"


class Direction(StrEnum):
    """The direction of an invitation or a message."""

    INCOMING = "Incoming"
    OUTGOING = "Outgoing"


class ConversationLogStatus(StrEnum):
    """The status of a conversation log: Missed by whoever did not answer."""

    ARCHIVED = "Archived"
    MISSED = "Missed"


class ConversationLogType(StrEnum):
    """The type of a conversation log: a talk of two, or a meeting."""

    MESSAGE_LOG = "MessageLog"
    CONFERENCE_LOG = "ConferenceLog"
    AUDIO_LOG = "AudioLog"
    VIDEO_LOG = "VideoLog"
    APP_SHARING_LOG = "AppSharingLog"
    UNKNOWN_LOG = "UnknownLog"


class EntryExitAnnouncement(StrEnum):
    """The announcement of callers as they join and leave."""

    UNSUPPORTED = "Unsupported"
    DISABLED = "Disabled"
    ENABLED = "Enabled"


class GenericPolicy(StrEnum):
    """A choice of the administrator. The page lists two members, its parameters use all three."""

    NONE = "None"
    DISABLED = "Disabled"
    ENABLED = "Enabled"


class Importance(StrEnum):
    """The importance of a conversation."""

    NORMAL = "Normal"
    URGENT = "Urgent"
    EMERGENCY = "Emergency"


class InvitationState(StrEnum):
    """The state of an invitation."""

    CONNECTING = "Connecting"
    ALERTING = "Alerting"
    TEAM_RING = "TeamRing"
    CONNECTED = "Connected"
    DECLINED = "Declined"
    CANCELLED = "Cancelled"
    FORWARDED = "Forwarded"
    FAILED = "Failed"


class LobbyBypassForPhoneUsers(StrEnum):
    """The admission of callers without waiting in the lobby."""

    DISABLED = "Disabled"
    ENABLED = "Enabled"


class MessageFormat(StrEnum):
    """The format of an instant message."""

    PLAIN = "Plain"
    HTML = "Html"


class ModalityType(StrEnum):
    """The modality of a conversation. The page lists five members, its parameters use all."""

    AUDIO = "Audio"
    VIDEO = "Video"
    PHONE_AUDIO = "PhoneAudio"
    APPLICATION_SHARING = "ApplicationSharing"
    MESSAGING = "Messaging"
    DATA_COLLABORATION = "DataCollaboration"
    PANORAMIC_VIDEO = "PanoramicVideo"


class MeetingRole(StrEnum):
    """The role of a user in a meeting of her own, or of somebody else (an extension)."""

    ORGANIZER = "Organizer"
    DELEGATE = "Delegate"
    EDITOR = "Editor"
    READER = "Reader"


class ShareRole(StrEnum):
    """The role of somebody with whom a meeting is shared (an extension)."""

    EDITOR = "Editor"
    READER = "Reader"


class NoteType(StrEnum):
    """The kind of a note. All notes of this server are personal."""

    PERSONAL = "Personal"
    OUT_OF_OFFICE = "OutOfOffice"


class OnlineMeetingExtensionType(StrEnum):
    """The people for whom the data of an extension is."""

    UNDEFINED = "Undefined"
    ROAMED_ORGANIZER_DATA = "RoamedOrganizerData"
    ROAMED_PARTICIPANT_DATA = "RoamedParticipantData"


class OnlineMeetingRel(StrEnum):
    """The scheduling template of a meeting: one of many, or the organizer's standing one."""

    MY_ONLINE_MEETINGS = "myOnlineMeetings"
    MY_ASSIGNED_ONLINE_MEETING = "myAssignedOnlineMeeting"


class PhoneUserAdmission(StrEnum):
    """The admission of callers by telephone."""

    DISABLED = "Disabled"
    ENABLED = "Enabled"


class PreferredAvailability(StrEnum):
    """The availability that a user chooses."""

    ONLINE = "Online"
    BUSY = "Busy"
    DO_NOT_DISTURB = "DoNotDisturb"
    BE_RIGHT_BACK = "BeRightBack"
    AWAY = "Away"
    OFFWORK = "Offwork"


class Role(StrEnum):
    """The role of a participant of a meeting."""

    UNKNOWN = "Unknown"
    ATTENDEE = "Attendee"
    LEADER = "Leader"


class SourceNetwork(StrEnum):
    """The network of a contact: colleagues, guests (Unknown), and people of other domains."""

    SAME_ENTERPRISE = "SameEnterprise"
    FEDERATED = "Federated"
    PUBLIC_CLOUD = "PublicCloud"
    EVERYONE = "Everyone"
    UNKNOWN = "Unknown"
