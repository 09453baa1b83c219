"""participants, leaders, attendees and lobby: the people in a conversation, by where they are.

Source: leaders_ref.md, attendees_ref.md, lobby_ref.md.
"""

from collections.abc import Collection

from openucwa.domain.admission import INSIDE, PRESENT, Place
from openucwa.domain.conversations import Seen, View
from openucwa.resources.communication.views import PATH, find_inside, find_led, find_meeting
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.participants import Participants
from openucwa.store.transaction import Transaction


def seen(tx: Transaction, view: View, places: Collection[Place]) -> list[Seen]:
    """Return the people in some places, as a viewer sees them."""
    found = tx.of(Participants).of(view.conversation_id, places)
    return [Seen(participant=one, view=view) for one in found]


def collection(rel: str) -> Resource[View]:
    """Declare a list of participants."""
    return Resource[View](rel=rel, path=f"{PATH}/{rel}", audience=Audience.EVERYBODY)


participants = collection("participants")
participants.find(find_inside)


def everybody(tx: Transaction, me: Me, view: View) -> list[Seen]:
    """The people inside, and for leaders those who wait."""
    return seen(tx, view, PRESENT if view.leads else INSIDE)


participants.link("participant", everybody)

leaders = collection("leaders")
leaders.find(find_meeting)


def those_who_lead(tx: Transaction, me: Me, view: View) -> list[Seen]:
    """The leaders."""
    return seen(tx, view, [Place.LEADERS])


leaders.link("participant", those_who_lead)

attendees = collection("attendees")
attendees.find(find_meeting)


def those_who_attend(tx: Transaction, me: Me, view: View) -> list[Seen]:
    """The people inside who don't lead."""
    return seen(tx, view, [Place.ATTENDEES])


attendees.link("participant", those_who_attend)

lobby = collection("lobby")
lobby.find(find_led)


def those_who_wait(tx: Transaction, me: Me, view: View) -> list[Seen]:
    """The people who wait to be let in."""
    return seen(tx, view, [Place.LOBBY])


lobby.embed("participant", those_who_wait)
