"""A meeting as a server tells one of its leaders of it: what is so, and the events on the way."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from openucwa.client.event import Event, Package, Target
from openucwa.client.live.conversation import Conversation, key_of
from openucwa.client.live.reducer import apply, learned, loaded
from openucwa.client.resource import Resource

APPLICATION = "/ucwa/oauth/v1/applications/102"
COMMUNICATION = f"{APPLICATION}/communication"
HERE = f"{COMMUNICATION}/conversations/21a1"
ME = f"{HERE}/participants/dana@contoso.com"

Raw = dict[str, Any]


@dataclass
class Meeting:
    """A meeting as it is. Each method does something, and notes the events that tell of it."""

    embeds: bool = True
    """Whether events about participants carry them."""
    state: str = "Conferenced"
    subject: str = "Weekly"
    is_leader: bool = True
    people: dict[str, Raw] = field(default_factory=dict)
    typing: list[str] = field(default_factory=list)
    messages: list[tuple[str, str]] = field(default_factory=list)
    told: list[tuple[Raw, Raw]] = field(default_factory=list)
    """The sender and the event, in the order in which they happened."""

    def joins(self, who: str, place: str) -> None:
        self.people[who] = {"place": place, "name": who.title()}
        self._of(who, "added")
        if place != "lobby" or self.is_leader:
            self._of(who, "added", place)

    def leaves(self, who: str) -> None:
        place = self.people[who]["place"]
        if place != "lobby" or self.is_leader:
            self._of(who, "deleted", place)
        self._of(who, "deleted")
        del self.people[who]
        self.typing = [one for one in self.typing if one != who]

    def moves(self, who: str, place: str) -> None:
        """Admit, promote or demote."""
        before = self.people[who]["place"]
        self._of(who, "deleted", before)
        self.people[who]["place"] = place
        self._of(who, "added", place)
        self._of(who, "updated")

    def types(self, who: str) -> None:
        if who not in self.typing:
            self.typing.append(who)
            self._of(who, "added", "typingParticipants")

    def rests(self, who: str) -> None:
        if who in self.typing:
            self.typing.remove(who)
            self._of(who, "deleted", "typingParticipants")

    def says(self, who: str, text: str) -> None:
        self.messages.append((who, text))
        href = f"{HERE}/messaging/messages/{len(self.messages) + 1}"
        links = {
            "self": {"href": href},
            "plainMessage": {"href": f"data:text/plain;charset=utf-8,{quote_plus(text)}"},
            "participant": {"href": self.href(who), "title": who.title()},
        }
        message = {"direction": "Incoming", "_links": links, "rel": "message"}
        self.tell(self._conversation, "message", href, "completed", message, status="Success")

    def renames(self, subject: str) -> None:
        self.subject = subject
        self.updated()

    def updated(self) -> None:
        """Tell of the conversation itself."""
        sender = {"rel": "communication", "href": COMMUNICATION}
        self.tell(sender, "conversation", HERE, "updated", self.conversation().raw)

    def tell(
        self, sender: Raw, rel: str, href: str, type: str, found: Any = None, **more: Any
    ) -> None:
        embedded = {} if found is None else {"_embedded": {rel: found}}
        link = {"rel": rel, "href": href, **more.pop("link", {})}
        self.told.append((sender, {"link": link, "type": type, **embedded, **more}))

    def href(self, who: str) -> str:
        return f"{HERE}/participants/{who}@contoso.com"

    def conversation(self) -> Resource:
        return parsed(
            {
                "state": self.state,
                "subject": self.subject,
                "_links": {"self": {"href": HERE}},
                "rel": "conversation",
            }
        )

    def participant(self, who: str) -> Resource | None:
        """As a GET answers; None for one who has left."""
        person = self.people.get(who)
        if person is None:
            return None
        links: Raw = {"self": {"href": self.href(who)}}
        if self.is_leader:
            action = {"lobby": "admit", "attendees": "promote", "leaders": "demote"}
            links[action[person["place"]]] = {"href": f"{self.href(who)}/do"}
        found = {"name": person["name"], "uri": f"sip:{who}@contoso.com", "_links": links}
        if person["place"] == "lobby":
            return parsed({**found, "inLobby": True, "rel": "participant"})
        role = "Leader" if person["place"] == "leaders" else "Attendee"
        return parsed({**found, "inLobby": False, "role": role, "rel": "participant"})

    def fetched(self, state: Conversation) -> Conversation:
        """The state after all that is stale was fetched."""
        by_key = {key_of(self.href(who)): who for who in self.people}
        for href in state.stale:
            key = key_of(href)
            if key == state.key:
                state = learned(state, href, self.conversation())
            else:
                found = self.participant(by_key[key]) if key in by_key else None
                state = learned(state, href, found)
        return state

    def anew(self) -> Conversation:
        """The state of who comes now, and reads all."""
        state = learned(begun(), HERE, self.conversation())
        members = {
            place: [
                Target("participant", self.href(who), one["name"])
                for who, one in self.people.items()
                if one["place"] == place
            ]
            for place in ("leaders", "attendees", "lobby")
        }
        return self.fetched(loaded(state, members))

    @property
    def _conversation(self) -> Raw:
        return {"rel": "conversation", "href": HERE}

    def _of(self, who: str, type: str, collection: str = "") -> None:
        within = {"in": {"rel": collection, "href": f"{HERE}/{collection}"}} if collection else {}
        carries = self.embeds and type != "deleted" and not collection
        found = self.participant(who) if carries else None
        self.tell(
            self._conversation,
            "participant",
            self.href(who),
            type,
            found.raw if found else None,
            link={"title": self.people[who]["name"]},
            **within,
        )


def begun() -> Conversation:
    return Conversation(HERE)


def parsed(raw: Raw) -> Resource:
    return Resource.parse(json.loads(json.dumps(raw)))


def package(told: list[tuple[Raw, Raw]]) -> list[Event]:
    """Events as one package tells them: in ordered runs, each of one sender."""
    senders: list[Raw] = []
    for sender, event in told:
        if not senders or senders[-1]["href"] != sender["href"]:
            senders.append({**sender, "events": []})
        senders[-1]["events"].append(event)
    return list(Package.parse({"_links": {}, "sender": senders}).events)


def after(state: Conversation, *packages: list[Event]) -> Conversation:
    for events in packages:
        for event in events:
            state = apply(state, event)
    return state
