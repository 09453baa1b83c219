"""participant: a person in a conversation; localParticipant: the viewer herself.

Both have one address: a person is in a conversation once, however many applications she uses.
Source: participant_ref.md, localParticipant_ref.md, admit_ref.md, reject_ref.md, eject_ref.md,
promote_ref.md, demote_ref.md.
"""

from collections.abc import Callable, Sequence

import msgspec

from openucwa.domain import admission
from openucwa.domain.admission import INSIDE, Participant, Place
from openucwa.domain.conversations import DENIED, EJECTED, Seen
from openucwa.domain.facts import Fact
from openucwa.domain.people import address_of
from openucwa.resources.communication.views import PATH, find_view
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversations import Conversations
from openucwa.store.tables.participants import Participants
from openucwa.store.tables.rosters import Rosters
from openucwa.store.tables.views import OWN
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import LIFE, EventType, Reason
from openucwa.wire.enums import Role, SourceNetwork
from openucwa.wire.errors import Conflict

TYPING = "typing"
"""The collection of those who type."""


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order of the page."""

    anonymous: bool
    """True for a guest."""
    in_lobby: bool
    """True for who waits to be let in."""
    local: bool
    """True for the viewer herself."""
    name: str
    """The name to show."""
    organizer: bool | None
    """In a meeting, whether this is who organizes it."""
    role: Role | None
    """In a meeting, the role."""
    source_network: SourceNetwork
    """The network of the participant."""
    uri: str
    """The SIP address."""


def properties(me: Me, found: Seen) -> Properties:
    participant = found.participant
    role = Role.LEADER if participant.place is Place.LEADERS else Role.ATTENDEE
    is_meeting = found.view.conversation.is_meeting
    network = SourceNetwork.UNKNOWN if participant.is_guest else SourceNetwork.SAME_ENTERPRISE
    return Properties(
        anonymous=participant.is_guest,
        in_lobby=participant.place is Place.LOBBY,
        local=found.is_own,
        name=participant.name,
        organizer=participant.is_organizer if is_meeting else None,
        role=role if is_meeting else None,
        source_network=network,
        uri=participant.uri,
    )


def is_own(found: Seen) -> bool:
    """There for the viewer herself."""
    return found.is_own


def title(found: Seen) -> str:
    return found.title


participant = Resource[Seen](
    rel="participant",
    variants={"localParticipant": is_own},
    synonyms={"from": {}, "acceptedByParticipant": {}, "failedDeliveryParticipant": {}},
    kinds={"participant": "participant"},
    path=f"{PATH}/participants/{{address}}",
    properties=properties,
    title=title,
    audience=Audience.EVERYBODY,
)
participant.sends(*LIFE, sender="conversation")
participant.sends(
    *LIFE, sender="conversation", collection=OWN, embedded=True, rel="localParticipant"
)
for place in (Place.LOBBY, Place.ATTENDEES, Place.LEADERS):
    participant.sends(
        EventType.ADDED,
        EventType.DELETED,
        sender="conversation",
        within=place.value,
        collection=place.value,
    )


participant.sends(
    EventType.ADDED,
    EventType.DELETED,
    sender="conversation",
    within="typingParticipants",
    collection=TYPING,
)


@participant.expands("typist")
def typist(tx: Transaction, me: Me, fact: Fact) -> Sequence[Fact]:
    """Somebody who types, but for who looks at herself."""
    if fact.keys["address"] == address_of(me.user):
        return []
    return [msgspec.structs.replace(fact, kind="participant", collection=TYPING)]


@participant.find
def find(tx: Transaction, me: Me, conversation_id: str, address: str) -> Seen | None:
    """A person whom the viewer sees: herself, those inside, and for leaders those who wait."""
    view = find_view(tx, me, conversation_id)
    if view is None:
        return None
    if address.lower() == view.own.address:
        return Seen(participant=view.own, view=view)
    found = tx.of(Participants).get(view.conversation_id, address.lower())
    if found is None or not view.is_inside:
        return None
    is_seen = found.is_inside or (found.place is Place.LOBBY and view.leads)
    return Seen(participant=found, view=view) if is_seen else None


def takes_messages(me: Me, found: Seen) -> bool:
    """There while the participant takes messages."""
    return found.participant.in_messaging


participant.link("conversation")
participant.link("participantMessaging", when=takes_messages)


def is_me(me: Me, found: Seen) -> bool:
    """There for the viewer herself."""
    return found.is_own


participant.link("contact", lambda tx, me, found: found)
participant.link("me", lambda tx, me, found: me, when=is_me)


def viewer_leads(me: Me, found: Seen) -> bool:
    """For leaders of the meeting."""
    return found.view.leads


def waits(me: Me, found: Seen) -> bool:
    """While the participant waits in the lobby."""
    return found.participant.place is Place.LOBBY


def is_inside(me: Me, found: Seen) -> bool:
    return found.participant.is_inside


def attends(me: Me, found: Seen) -> bool:
    """While the participant is an attendee."""
    return found.participant.place is Place.ATTENDEES


def leads(me: Me, found: Seen) -> bool:
    return found.participant.place is Place.LEADERS


def is_another_leader(me: Me, found: Seen) -> bool:
    """While the participant leads, but not of the organizer and of the viewer herself."""
    return leads(me, found) and not found.is_own and not found.participant.is_organizer


def is_removable(me: Me, found: Seen) -> bool:
    """While the participant is inside, but not of the organizer and of the viewer herself."""
    return found.participant.is_inside and not found.is_own and not found.participant.is_organizer


@participant.capability("admit", when=waits, role=viewer_leads, done=is_inside, errors=(Conflict,))
def admit(tx: Transaction, me: Me, found: Seen) -> None:
    """Let the participant in. Raises Conflict if the meeting is full."""
    count = tx.of(Participants).count(found.conversation_id)
    if count >= me.deployment.limits.participants_per_meeting:
        raise Conflict(f"The meeting has {count} participants, which is the limit. Wait.")
    _move(tx, found, admission.admitted)


@participant.capability("reject", when=waits, role=viewer_leads)
def reject(tx: Transaction, me: Me, found: Seen) -> None:
    """Send the participant away from the lobby."""
    _move(tx, found, admission.gone, DENIED)


@participant.capability("eject", when=is_removable, role=viewer_leads)
def eject(tx: Transaction, me: Me, found: Seen) -> None:
    """Remove the participant, who enters again only when a leader admits her."""
    _move(tx, found, admission.ejected, EJECTED)


@participant.capability("promote", when=attends, role=viewer_leads, done=leads)
def promote(tx: Transaction, me: Me, found: Seen) -> None:
    """Let an attendee lead."""
    _move(tx, found, admission.promoted)


@participant.capability("demote", when=is_another_leader, role=viewer_leads, done=attends)
def demote(tx: Transaction, me: Me, found: Seen) -> None:
    """Let a leader be an attendee."""
    _move(tx, found, admission.demoted)


def _move(
    tx: Transaction,
    found: Seen,
    transition: Callable[[Participant], Participant],
    reason: Reason | None = None,
) -> None:
    """Let a participant be in another place. Raises Conflict where others were faster."""
    tx.of(Conversations).turn(found.view.conversation)
    before = tx.of(Participants).get(found.conversation_id, found.address)
    own = tx.of(Participants).get(found.conversation_id, found.view.own.address)
    if before != found.participant or own is None or own.place is not Place.LEADERS:
        raise Conflict(
            "Somebody else has moved the participant, or you, in the meantime. Fetch the "
            "participant for the links that it has now."
        )
    tx.of(Rosters).move(found.view.conversation, before, transition(before), reason)


@participant.expands("roster")
def roster(tx: Transaction, me: Me, fact: Fact) -> Sequence[Fact]:
    """All others who were inside already, each with the place where she is."""
    own = find_view(tx, me, fact.keys["conversation_id"])
    if own is None:
        return []
    there = tx.of(Participants).of(own.conversation_id, INSIDE, up_to=fact.position)
    others = [one for one in there if one.address != own.own.address]
    return [about for one in others for about in _about(fact, one)]


def _about(fact: Fact, one: Participant) -> list[Fact]:
    """The facts about one participant for which a fact stands."""
    keys = {**fact.keys, "address": one.address, "title": one.name}
    about = msgspec.structs.replace(fact, kind="participant", keys=keys)
    if fact.type is not EventType.ADDED:
        return [about]
    return [about, msgspec.structs.replace(about, collection=one.place.value)]
