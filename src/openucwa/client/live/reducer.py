"""From one state of a conversation to the next, by what the server tells.

Events come with the resource that they are about, or with its address only: then that is `stale`
in the new state, until it is fetched and `learned`. Steps of a sequence may be missing. What a
later server may tell of besides changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from openucwa.client.attributes import member, text
from openucwa.client.event import Event, EventType, Target, targets
from openucwa.client.live.conversation import Conversation, Reason, key_of
from openucwa.client.live.message import Message, body_of, is_told, time_of
from openucwa.client.live.person import Person
from openucwa.client.resource import Resource
from openucwa.wire.enums import AccessLevel, ConversationState, Role

__all__ = ["apply", "concerns", "learned", "loaded", "named", "said", "saying", "unsaid"]

MOST_MESSAGES = 10_000
"""The number of messages that a state keeps: the latest."""
_LATEST = 100
"""Messages among which one is looked for that is told once more to somebody who comes back."""
_INVITATIONS = frozenset({"messagingInvitation", "onlineMeetingInvitation"})
_ROLES = {"leaders": Role.LEADER, "attendees": Role.ATTENDEE}
_LOBBY = "lobby"
_MEETING = frozenset({ConversationState.CONFERENCING, ConversationState.CONFERENCED})


def concerns(state: Conversation, event: Event) -> bool:
    """Return whether an event is about this conversation, or about something in it."""
    if event.rel in _INVITATIONS:
        linked = event.resource.link("conversation") if event.resource else None
        return key_of(event.href) == state.invitation or (
            linked is not None and key_of(linked) == state.key
        )
    return state.key in (key_of(event.href), key_of(event.sender.href))


def apply(state: Conversation, event: Event) -> Conversation:
    """Return the state after an event; the same one if the event is about something else."""
    if not concerns(state, event):
        return state
    if event.rel in _INVITATIONS:
        return _invited(state, event)
    change = _CHANGES.get(event.rel)
    return state if change is None else change(state, event)


def learned(state: Conversation, href: str, found: Resource | None) -> Conversation:
    """Return the state after a stale resource was fetched; None stands for one that is gone."""
    key = key_of(href)
    state = replace(state, stale=tuple(one for one in state.stale if key_of(one) != key))
    if key == state.key:
        if found is None:
            return _over(state, None)
        read = _read_conversation(state, found)
        return _ending(read, None) if read.is_over else replace(read, why=None)
    if (person := state.people.get(key)) is not None:
        return _without(state, key) if found is None else _with(state, Person.read(found, person))
    if found is None:
        return state
    if state.me is not None and key == key_of(state.me.href):
        return replace(state, me=Person.read(found, state.me))
    match found.rel:
        case "messaging":
            return _read_messaging(state, found)
        case "onlineMeeting":
            return _read_meeting(state, found)
        case "message":
            return _with_message(state, href, found, failed=())
        case _:
            return state


def named(state: Conversation, person: Person, name: str) -> Conversation:
    """Return the state in which somebody has the name that her contact has.

    Between two people, participants have none.
    """
    now = state.people.get(key_of(person.href))
    return state if now is None or now.name else _with(state, replace(now, name=name))


def loaded(state: Conversation, people: Mapping[str, Iterable[Target]]) -> Conversation:
    """Return the state with the people of the collections that were fetched, and nobody else.

    Those who are new, and those whose rights may have changed, are stale in it.
    """
    found: dict[str, Person] = {}
    for collection, members in people.items():
        for one in members:
            key = key_of(one.href)
            if state.me is not None and key == key_of(state.me.href):
                continue
            person = found.get(key) or state.people.get(key) or Person(one.href)
            person = replace(person, href=one.href, name=one.title or person.name)
            found[key] = _placed(person, collection)
    stale = (*state.stale, *(one.href for one in found.values()))
    return replace(state, people=found, typing=(), stale=tuple(dict.fromkeys(stale)))


def saying(
    state: Conversation, operation_id: str, words: str, html: str | None = None
) -> Conversation:
    """Return the state in which the user is sending a message: the server does not repeat it."""
    return replace(state, own={**state.own, operation_id: (words, html)})


def said(state: Conversation, operation_id: str, href: str) -> Conversation:
    """Return the state after the server has taken a message, and has told its address."""
    body = state.own.get(operation_id)
    if body is None:  # an event has told it already
        return state
    own = {name: one for name, one in state.own.items() if name != operation_id}
    key = key_of(href)
    if not any(key_of(one.href) == key for one in state.messages):
        return replace(state, own={**own, key: body})
    messages = tuple(
        replace(one, text=body[0], html=body[1]) if key_of(one.href) == key else one
        for one in state.messages
    )
    return replace(state, messages=messages, own=own)


def unsaid(state: Conversation, operation_id: str) -> Conversation:
    """Return the state after the server has refused a message."""
    own = {name: one for name, one in state.own.items() if name != operation_id}
    return replace(state, own=own)


def _of_conversation(state: Conversation, event: Event) -> Conversation:
    if key_of(event.href) != state.key:
        return state
    if event.type == EventType.DELETED:
        return _over(state, event)
    if event.resource is None:
        return _stale(replace(state, why=state.why or _reason(event)), event.href)
    read = _read_conversation(state, event.resource)
    return _ending(read, event) if read.is_over else read


def _of_local(state: Conversation, event: Event) -> Conversation:
    if event.type == EventType.DELETED:
        return state  # that it is over for her, the conversation tells
    before = state.me or Person(event.href, event.title, is_local=True)
    if event.resource is None:
        return _stale(replace(state, me=before), event.href)
    found = replace(Person.read(event.resource, before), href=event.href, is_local=True)
    return replace(state, me=found)


def _of_participant(state: Conversation, event: Event) -> Conversation:
    key = key_of(event.href)
    collection = event.within.rel if event.within else ""
    if collection == "typingParticipants":
        others = tuple(one for one in state.typing if one != key)
        is_added = event.type == EventType.ADDED
        return replace(state, typing=(*others, key) if is_added else others)
    if state.me is not None and key == key_of(state.me.href):
        return _of_own_place(state, event, collection)
    if event.type == EventType.DELETED:
        here = state.people.get(key)
        # Who changes roles leaves one collection for another, and nobody has gone.
        is_gone = collection not in _ROLES and (
            collection != _LOBBY or (here is not None and here.in_lobby)
        )
        return _without(state, key) if is_gone else state
    before = state.people.get(key)
    # In a meeting, the collections tell in the next events whether she is inside.
    person = before or Person(event.href, is_placed=state.state not in _MEETING)
    if event.resource is not None:
        person = Person.read(event.resource, person)
    person = replace(person, href=event.href, name=event.title or person.name)
    state = _with(state, _placed(person, collection))
    is_news = before is None or event.type == EventType.UPDATED
    return _stale(state, event.href) if is_news and event.resource is None else state


def _of_own_place(state: Conversation, event: Event, collection: str) -> Conversation:
    """Return the state after an event of a collection about the user herself."""
    assert state.me is not None
    if event.type == EventType.DELETED:
        return state
    if event.resource is not None:
        return replace(state, me=Person.read(event.resource, state.me))
    return replace(state, me=_placed(state.me, collection))


def _of_messaging(state: Conversation, event: Event) -> Conversation:
    if event.resource is None:
        return _stale(state, event.href)
    return _read_messaging(state, event.resource)


def _of_meeting(state: Conversation, event: Event) -> Conversation:
    if event.type == EventType.DELETED:
        return state
    if event.resource is None:
        return _stale(state, event.href)
    return _read_meeting(state, event.resource)


def _of_message(state: Conversation, event: Event) -> Conversation:
    if event.type == EventType.DELETED:
        return state
    if event.resource is None:
        return _stale(state, event.href)
    failed: tuple[str, ...] = ()
    if event.status == "Failure":
        failed = tuple(one.label for one in state.people.values() if not one.in_lobby)
    return _with_message(state, event.href, event.resource, failed=failed)


def _invited(state: Conversation, event: Event) -> Conversation:
    if event.type == EventType.COMPLETED and event.status == "Failure":
        return _over(state, event)
    return state


_CHANGES: Mapping[str, Callable[[Conversation, Event], Conversation]] = {
    "conversation": _of_conversation,
    "localParticipant": _of_local,
    "participant": _of_participant,
    "messaging": _of_messaging,
    "onlineMeeting": _of_meeting,
    "message": _of_message,
}


def _read_conversation(state: Conversation, found: Resource) -> Conversation:
    told = found.properties
    return replace(
        state,
        state=member(ConversationState)(told.get("state") or state.state),
        subject=text(told.get("subject")) or state.subject,
        audience_messaging=text(told.get("audienceMessaging")),
        links=_links(found),
    )


def _read_messaging(state: Conversation, found: Resource) -> Conversation:
    return replace(
        state, messaging_state=text(found.properties.get("state")), messaging=_links(found)
    )


def _read_meeting(state: Conversation, found: Resource) -> Conversation:
    told = found.properties
    return replace(
        state,
        subject=text(told.get("subject")) or state.subject,
        access_level=member(AccessLevel)(told.get("accessLevel") or ""),
        join_url=text(told.get("joinUrl")),
    )


def _links(found: Resource) -> dict[str, str]:
    return {rel: href for rel in found.rels if (href := found.link(rel))}


def _with_message(
    state: Conversation, href: str, found: Resource, *, failed: tuple[str, ...]
) -> Conversation:
    """Return the state with a message, which some servers tell as it starts and as it completes."""
    key = key_of(href)
    is_mine = found.properties.get("direction") == "Outgoing"
    body = body_of(found)
    own = state.own
    if is_mine and not is_told(found):
        operation = text(found.properties.get("operationId"))
        token = operation if operation in own else key
        body = own.get(token, ("", None))
        own = {name: one for name, one in own.items() if name != token}
    failed = tuple(one.title for one in targets(found, "failedDeliveryParticipant")) or failed
    message = Message(
        href, body[0], body[1], time_of(found), None if is_mine else _sender(state, found), is_mine
    )
    if message.at is not None and any(map(message.is_same_as, state.messages[-_LATEST:])):
        return replace(state, own=own)
    before = {key_of(one.href): place for place, one in enumerate(state.messages)}
    messages = list(state.messages)
    if key in before:
        known = messages[before[key]]
        if not message.text:
            message = replace(message, text=known.text, html=known.html)
        messages[before[key]] = replace(message, failed=failed or known.failed)
    else:
        messages.append(replace(message, failed=failed))
    return replace(state, messages=tuple(messages[-MOST_MESSAGES:]), own=own)


def _sender(state: Conversation, found: Resource) -> Person | None:
    """Return the sender of a message, who may have left since."""
    for one in targets(found, "participant"):
        person = state.people.get(key_of(one.href)) or Person(one.href)
        return person if person.name else replace(person, name=one.title)
    return None


def _placed(person: Person, collection: str) -> Person:
    """Return the person as a member of a collection."""
    if collection in _ROLES:
        return replace(person, role=_ROLES[collection], in_lobby=False, is_placed=True)
    return replace(person, in_lobby=True, is_placed=True) if collection == _LOBBY else person


def _with(state: Conversation, person: Person) -> Conversation:
    return replace(state, people={**state.people, key_of(person.href): person})


def _without(state: Conversation, key: str) -> Conversation:
    return replace(
        state,
        people={name: one for name, one in state.people.items() if name != key},
        typing=tuple(one for one in state.typing if one != key),
        stale=tuple(one for one in state.stale if key_of(one) != key),
    )


def _stale(state: Conversation, href: str) -> Conversation:
    return state if href in state.stale else replace(state, stale=(*state.stale, href))


def _ending(state: Conversation, event: Event | None) -> Conversation:
    """Return the state after the conversation itself has told its end.

    A server may tell its state before the event with the reason: then it is about to end.
    """
    if state.why is None and (event is None or _reason(event) is None):
        return replace(state, state=ConversationState.DISCONNECTING)
    return _over(state, event)


def _over(state: Conversation, event: Event | None) -> Conversation:
    """Return the state after the end; the first reason that is told counts."""
    why = state.why or (_reason(event) if event else None)
    return replace(state, state=ConversationState.DISCONNECTED, typing=(), stale=(), why=why)


def _reason(event: Event) -> Reason | None:
    told = event.reason
    if not told:
        return None
    return Reason(*(text(told.get(name)) for name in ("code", "subcode", "message")))
