"""Admission: who enters a meeting, who waits in its lobby, and who leads it.

One participant at a time, since none is let in, or moved, because of another. What others are told
follows from where she was and where she is: see `told`.

    outside ──join──▶ lobby ──admit──▶ attendees ◀──promote, demote──▶ leaders
       ▲  └────────────join──────────────▲───────────────────────────────▲
       └──── leave, reject, eject, the end of the meeting ────────────────

Sources: AccessLevel, AutomaticLeaderAssignment, lobby, admit, reject, eject, promote and demote in
the reference.
"""

from collections.abc import Iterator, Sequence
from enum import Enum, StrEnum, auto

import msgspec

from openucwa.domain.meetings import Details
from openucwa.wire import sip
from openucwa.wire.channel import EventType
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    LobbyBypassForPhoneUsers,
)


class Standing(StrEnum):
    """The relation of a person to a meeting, whether she takes part or not.

    A manager is a delegate of the organizer, or an editor: somebody who may change the meeting.
    """

    ORGANIZER = "organizer"
    MANAGER = "manager"
    LEADER = "leader"
    ATTENDEE = "attendee"
    COLLEAGUE = "colleague"
    GUEST = "guest"
    CALLER = "caller"


class Place(StrEnum):
    """The place of a participant. Each but OUTSIDE is a collection of participants."""

    OUTSIDE = "outside"
    LOBBY = "lobby"
    ATTENDEES = "attendees"
    LEADERS = "leaders"


INSIDE = (Place.ATTENDEES, Place.LEADERS)
PRESENT = (Place.LOBBY, *INSIDE)


class Participant(msgspec.Struct, kw_only=True, frozen=True):
    """A person in a conversation, however many applications she uses.

    `leads` tells whether she will be a leader, or is one. Who was `admitted` enters again while the
    meeting lasts; who was `ejected` waits until a leader admits her. `in_messaging` tells whether
    she takes messages.
    """

    conversation_id: str
    address: str
    user_id: int
    uri: str
    name: str
    standing: Standing
    place: Place = Place.OUTSIDE
    leads: bool = False
    admitted: bool = False
    ejected: bool = False
    in_messaging: bool = False

    @property
    def is_inside(self) -> bool:
        return self.place in INSIDE

    @property
    def is_organizer(self) -> bool:
        return self.standing is Standing.ORGANIZER

    @property
    def is_guest(self) -> bool:
        return self.standing is Standing.GUEST


class Audience(Enum):
    """Those who are told of something: everybody inside, or some of them."""

    ALL = auto()
    LEADERS = auto()
    ATTENDEES = auto()


class Told(msgspec.Struct, frozen=True):
    """An event about a participant, or about her place in a collection."""

    audience: Audience
    type: EventType
    collection: str = ""


def standing_of(uri: str, details: Details, *, is_organizer: bool, is_manager: bool) -> Standing:
    """Return what a user of the organization is to a meeting."""
    if is_organizer:
        return Standing.ORGANIZER
    if is_manager:
        return Standing.MANAGER
    own = sip.key(uri)
    if any(sip.key(one) == own for one in details.leaders):
        return Standing.LEADER
    if any(sip.key(one) == own for one in details.attendees):
        return Standing.ATTENDEE
    return Standing.COLLEAGUE


_LEADS = (Standing.ORGANIZER, Standing.MANAGER, Standing.LEADER)
"""Those who lead whatever is assigned automatically. They never wait."""
_ORGANIZATION = (*_LEADS, Standing.ATTENDEE, Standing.COLLEAGUE)
_ENTER = {
    AccessLevel.EVERYONE: (*_ORGANIZATION, Standing.GUEST, Standing.CALLER),
    AccessLevel.SAME_ENTERPRISE: _ORGANIZATION,
    AccessLevel.INVITED: (*_LEADS, Standing.ATTENDEE),
    AccessLevel.LOCKED: _LEADS,
    AccessLevel.NONE: _LEADS,
}
"""Those whom each level of access lets in (AccessLevel_ref.md)."""


def is_open_to(standing: Standing, details: Details) -> bool:
    """Return True if a meeting lets somebody in without a leader's word."""
    if standing in _ENTER[details.access_level]:
        return True
    bypass = details.lobby_bypass_for_phone_users is LobbyBypassForPhoneUsers.ENABLED
    return standing is Standing.CALLER and bypass and details.access_level is not AccessLevel.LOCKED


def is_leader(standing: Standing, details: Details) -> bool:
    """Return True if somebody leads from when she joins."""
    assigned = details.automatic_leader_assignment
    if standing in _LEADS or assigned is AutomaticLeaderAssignment.EVERYONE:
        return True
    return assigned is AutomaticLeaderAssignment.SAME_ENTERPRISE and standing in _ORGANIZATION


def _enters(found: Participant, details: Details) -> bool:
    if found.standing in _LEADS and not found.ejected:
        return True
    return not found.ejected and (found.admitted or is_open_to(found.standing, details))


def _inside(found: Participant) -> Participant:
    place = Place.LEADERS if found.leads else Place.ATTENDEES
    return msgspec.structs.replace(found, place=place, admitted=True, ejected=False)


def joined(found: Participant, details: Details) -> Participant:
    """Let somebody in, or let her wait. Who is there already stays where she is."""
    if found.place is not Place.OUTSIDE:
        return found
    found = msgspec.structs.replace(found, leads=is_leader(found.standing, details))
    if _enters(found, details):
        return _inside(found)
    return msgspec.structs.replace(found, place=Place.LOBBY)


def reconsidered(found: Participant, details: Details) -> Participant:
    """Let somebody in who waits, if the meeting is open to her by now. Nobody is thrown out."""
    if found.place is Place.LOBBY and _enters(found, details):
        return _inside(found)
    return found


def admitted(found: Participant) -> Participant:
    """Let somebody in who waits."""
    return _inside(found) if found.place is Place.LOBBY else found


def invited(found: Participant, details: Details, *, by_leader: bool) -> Participant:
    """Let somebody in who has accepted an invitation: she need not wait.

    Into a locked meeting, and back after she was ejected, only leaders can invite her. Otherwise
    she joins as others do.
    """
    if found.is_inside:
        return found
    is_barred = found.ejected or details.access_level is AccessLevel.LOCKED
    if is_barred and not by_leader:
        return joined(found, details)
    return _inside(msgspec.structs.replace(found, leads=is_leader(found.standing, details)))


def escalated(found: Participant, *, leads: bool) -> Participant:
    """Let one of two be in a meeting that they have become: its organizer, or an attendee."""
    standing = Standing.ORGANIZER if leads else Standing.COLLEAGUE
    return _inside(msgspec.structs.replace(found, standing=standing, leads=leads))


def gone(found: Participant) -> Participant:
    """Let somebody leave, or send her away from the lobby."""
    return msgspec.structs.replace(found, place=Place.OUTSIDE, in_messaging=False)


def ejected(found: Participant) -> Participant:
    """Throw somebody out. The organizer can't be."""
    if found.is_organizer or not found.is_inside:
        return found
    return msgspec.structs.replace(gone(found), admitted=False, ejected=True)


def promoted(found: Participant) -> Participant:
    """Let an attendee lead."""
    if found.place is not Place.ATTENDEES:
        return found
    return msgspec.structs.replace(found, place=Place.LEADERS, leads=True)


def demoted(found: Participant) -> Participant:
    """Let a leader attend. The organizer can't be demoted."""
    if found.place is not Place.LEADERS or found.is_organizer:
        return found
    return msgspec.structs.replace(found, place=Place.ATTENDEES, leads=False)


def told(before: Place, after: Place) -> Sequence[Told]:
    """Return what those inside are told when a participant moves from one place to another.

    Of who waits, leaders alone are told. She is not told any of it while she is outside.
    """
    return [] if before is after else [*_left(before, after), *_come(before, after)]


def _left(before: Place, after: Place) -> Iterator[Told]:
    if before is Place.OUTSIDE:
        return
    audience = Audience.LEADERS if before is Place.LOBBY else Audience.ALL
    yield Told(audience, EventType.DELETED, before.value)
    if after is Place.OUTSIDE:
        yield Told(audience, EventType.DELETED)


def _come(before: Place, after: Place) -> Iterator[Told]:
    if after is Place.OUTSIDE:
        return
    audience = Audience.LEADERS if after is Place.LOBBY else Audience.ALL
    if before is Place.OUTSIDE:
        yield Told(audience, EventType.ADDED)
    elif before is Place.LOBBY:
        yield Told(Audience.ATTENDEES, EventType.ADDED)
    yield Told(audience, EventType.ADDED, after.value)
    if before is Place.LOBBY:
        yield Told(Audience.LEADERS, EventType.UPDATED)
    elif before is not Place.OUTSIDE:
        yield Told(Audience.ALL, EventType.UPDATED)
