"""Events that facts give rise to: which, in which order, and how they are told."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from openucwa.domain.facts import Fact, aggregated
from openucwa.resources.registry import COMES_OR_GOES, Registry, Telling
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import Event, EventType, Sender, Target
from openucwa.wire.errors import Forbidden
from openucwa.wire.representation import Representation, Value, weight

LARGEST = 1024 * 1024
"""Characters of what a package carries, roughly. A single resource may have more."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that a fact gives rise to."""

    fact: Fact
    telling: Telling

    @property
    def type(self) -> EventType:
        return self.telling.type

    @property
    def collection(self) -> str:
        return self.fact.collection if self.telling.is_own else ""

    @property
    def is_kept(self) -> bool:
        """True for an update that says why: it is told although others follow."""
        return self.type is EventType.UPDATED and self.telling.is_own and bool(self.fact.reason)

    @property
    def keys(self) -> dict[str, str]:
        """The keys that find the entity."""
        return {key: self.fact.keys[key] for key in self.telling.resource.template.keys}

    @property
    def target(self) -> Hashable:
        """The entity that it is about, whatever its rel is."""
        return self.telling.resource.rel, *self.keys.values()

    @property
    def is_shown(self) -> bool:
        """True if the event carries the resource."""
        return self.telling.notice.embedded and self.type is not EventType.DELETED


class Happenings:
    """The events of facts, as the registry's resources show them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def of(self, facts: Iterable[Fact], user_id: int, extended: bool) -> Iterator[Happening]:
        """The events that facts give rise to, for a user."""
        for fact in facts:
            for telling in self._registry.told(fact, user_id, extended=extended) or ():
                yield Happening(fact, telling)

    def _audible(
        self, tx: Transaction, me: Me, happenings: Iterable[Happening]
    ) -> Iterator[Happening]:
        """The events, where deletions of what others have shared are as the viewer may know."""
        for one in happenings:
            resource = one.telling.resource
            if not resource.twin_of or not resource.deletion or one.type is not EventType.DELETED:
                yield one
                continue
            type = resource.deletion(tx, me, one.fact.keys)
            if type is not None:
                notice = resource.notices[type, ""]
                yield Happening(one.fact, replace(one.telling, type=type, notice=notice))

    def senders(
        self, tx: Transaction, me: Me, facts: Iterable[Fact], extended: bool
    ) -> list[Sender]:
        """The events in their order; those that one sender sends in succession, together.

        What has grown since it was first told may not fit any more: it is left to the client to
        fetch it.
        """
        senders: list[Sender] = []
        room = 2 * LARGEST
        facts = self._registry.expanded(tx, me, facts)
        for one in aggregated(self._audible(tx, me, self.of(facts, me.user.id, extended))):
            entity = self._found(tx, me, one) if one.is_shown and room > 0 else None
            if entity is None and one.is_shown and room > 0:
                continue  # it has gone by now, of which another event tells
            shown = None if entity is None else self._representation(tx, me, one, entity)
            rel = one.telling.notice.rel
            title = one.fact.keys.get("title")
            target = Target(rel or shown.rel, shown.href, title) if shown else None
            size = weight(shown) if shown else 0
            if size > room:
                shown, room = None, 0  # or all that does not fit would be read and thrown away
            room -= size
            event = self._event(me, one, target, shown)
            if shown and extended:
                event.more = self._change(tx, me, one, entity)
            sender = self._target(me, one.telling.notice.sender, one)
            if not senders or (senders[-1].rel, senders[-1].href) != (sender.rel, sender.href):
                senders.append(Sender(sender.rel, sender.href))
            senders[-1].events.append(event)
        return senders

    def _event(
        self, me: Me, one: Happening, target: Target | None, shown: Representation | None
    ) -> Event:
        telling, fact = one.telling, one.fact
        within = telling.notice.within if one.type in COMES_OR_GOES else None
        return Event(
            one.type,
            target or self._target(me, telling.rel, one, fact.keys.get("title")),
            self._target(me, within, one) if within else None,
            shown,
            status=fact.status if telling.is_own else None,
            reason=fact.reason if telling.is_own else None,
        )

    def shown(self, tx: Transaction, me: Me, one: Happening) -> Representation | None:
        """Return what an event carries; None when that is gone by now."""
        entity = self._found(tx, me, one)
        return None if entity is None else self._representation(tx, me, one, entity)

    def _found(self, tx: Transaction, me: Me, one: Happening) -> Any:
        try:
            return one.telling.resource.found(tx, me, **one.keys)
        except Forbidden:
            return None  # it has gone for the viewer, who might see it when it happened

    def _representation(
        self, tx: Transaction, me: Me, one: Happening, entity: Any
    ) -> Representation:
        return self._registry.represent(tx, me, one.telling.rel, entity)

    def _change(self, tx: Transaction, me: Me, one: Happening, entity: Any) -> Mapping[str, Value]:
        """Return who changed the entity of an event, where its resource can tell."""
        return one.telling.resource.changed(tx, me, entity, ())

    def _target(self, me: Me, rel: str, one: Happening, title: str | None = None) -> Target:
        href = self._registry.href(me, rel, SimpleNamespace(**one.fact.keys))
        return Target(rel, href, title)
