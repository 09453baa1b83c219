"""The members of a meeting that clients can set, as one table.

To add one, add it here and, with its type and default, to `Details` in domain/meetings.py. The
merge, the client, the command line and the import read this table.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from openucwa.wire import enums


class Kind(Enum):
    """The kind of a value, which says how it is typed, compared and merged."""

    LINE = "a line"
    TEXT = "lines"
    """Both sides' lines are merged."""
    PEOPLE = "addresses"
    """Compared as a set of normalised addresses; both sides' changes are merged."""
    TIME = "a time"
    SCHEDULE = "a start, an end and a time zone"
    """One value: moving a meeting is one decision."""
    CHOICE = "one of several"


@dataclass(frozen=True)
class Member:
    """A settable member: the name in UCWA, in Python, and of the command line's option."""

    name: str
    attribute: str
    option: str
    kind: Kind
    choices: tuple[str, ...] = ()
    """The values that UCWA documents."""
    eligible: str = ""
    """The member of onlineMeetingEligibleValues with the values that policy allows."""
    is_admittance: bool = False
    """True if it says who gets in, and how: such members make sense together only, so a merge
    decides them together."""
    is_apart: bool = False
    """True if it is a resource of its own beside the meeting, named by its rel: it has its own
    ETag and no place in the meeting's versions. To whoever edits it is a member like any other."""

    @property
    def label(self) -> str:
        """The name in a sentence."""
        return self.option.replace("-", " ")


def _choice(
    name: str,
    attribute: str,
    option: str,
    values: type[StrEnum],
    *,
    eligible: str = "",
    is_admittance: bool = True,
) -> Member:
    return Member(name, attribute, option, Kind.CHOICE, tuple(values), eligible, is_admittance)


SCHEDULE = "onlineMeetingSchedule"
"""The member that stands for the time of a meeting."""

MEMBERS = (
    Member("subject", "subject", "subject", Kind.LINE),
    Member(SCHEDULE, "schedule", "time", Kind.SCHEDULE, is_apart=True),
    Member("expirationTime", "expires", "expires", Kind.TIME),
    Member("attendees", "attendees", "attendees", Kind.PEOPLE),
    Member("leaders", "leaders", "leaders", Kind.PEOPLE),
    _choice(
        "accessLevel", "access_level", "access-level", enums.AccessLevel, eligible="accessLevels"
    ),
    _choice(
        "phoneUserAdmission",
        "phone_user_admission",
        "phone-user-admission",
        enums.PhoneUserAdmission,
    ),
    _choice(
        "lobbyBypassForPhoneUsers",
        "lobby_bypass_for_phone_users",
        "lobby-bypass",
        enums.LobbyBypassForPhoneUsers,
        eligible="lobbyBypassForPhoneUsersSettings",
    ),
    _choice(
        "automaticLeaderAssignment",
        "automatic_leader_assignment",
        "leader-assignment",
        enums.AutomaticLeaderAssignment,
        eligible="automaticLeaderAssignments",
    ),
    _choice(
        "entryExitAnnouncement",
        "entry_exit_announcement",
        "announcements",
        enums.EntryExitAnnouncement,
        eligible="entryExitAnnouncements",
        is_admittance=False,
    ),
    Member("description", "description", "description", Kind.TEXT),
)
"""In the order in which they are shown."""

BY_NAME = {one.name: one for one in MEMBERS}


def names(*kinds: Kind) -> tuple[str, ...]:
    """Return the names of the members of these kinds, or of all.

    >>> names(Kind.PEOPLE)
    ('attendees', 'leaders')
    """
    return tuple(one.name for one in MEMBERS if not kinds or one.kind in kinds)
