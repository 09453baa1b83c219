"""All resources together: what each rel leads to, and how an entity is represented."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.facts import Fact, Priority
from openucwa.resources import checks
from openucwa.resources.resource import PLAY_BACK, Notice, Relation, Resource
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.representation import Link, Representation, served

COMES_OR_GOES = (EventType.ADDED, EventType.DELETED)


@dataclass(frozen=True, slots=True)
class Telling:
    """An event that a kind of fact gives rise to: about which resource, and how it is told.

    `is_own` is whether that shows the fact's own entity.
    """

    resource: Resource[Any]
    rel: str
    type: EventType
    notice: Notice
    is_own: bool

    def priority_of(self, fact: Fact) -> Priority:
        """Return how soon a fact must be told."""
        return (fact.priority if self.is_own else None) or self.notice.priority


class Registry:
    """The resources by rel. Raises WrongDeclaration when one can't be served as it is declared."""

    def __init__(self, resources: Iterable[Resource[Any]]) -> None:
        self.resources = tuple(
            one for resource in resources for one in (resource, *resource.capabilities)
        )
        self._by_rel: Mapping[str, Resource[Any]] = {
            rel: resource for resource in self.resources for rel in resource.rels
        }
        checks.check(self.resources, self._by_rel)
        self._by_kind: Mapping[str, tuple[Resource[Any], str]] = {
            kind: (resource, rel)
            for resource in self.resources
            for rel, kind in resource.kinds.items()
        }

    def of(self, rel: str) -> Resource[Any]:
        """The resource of a rel."""
        return self._by_rel[rel]

    def href(self, me: Me, rel: str, entity: Any) -> str:
        """Where an entity is, as a path, with a query where its resource has one."""
        resource = self._by_rel[rel]
        path = resource.template.fill(me, entity)
        query = resource.query(entity) if resource.query else None
        return f"{path}?{urlencode(query)}" if query else path

    def told(self, fact: Fact, *, extended: bool) -> Sequence[Telling] | None:
        """Return the events that a fact gives rise to, first the one about its entity.

        Those that are extensions are left out for who is not told of them. None where nobody is
        told anything by such a fact: it ends a wait.
        """
        return self._told(fact.kind, fact.type, fact.collection, extended)

    @cache  # noqa: B019 - there is one registry
    def _told(
        self, kind: str, type: EventType, collection: str, extended: bool
    ) -> Sequence[Telling] | None:
        place = self._by_kind.get(kind)
        if place is None or (notice := place[0].notices.get((type, collection))) is None:
            return None
        resource, rel = place
        found = [Telling(resource, rel, type, notice, True)]
        if not collection and type in COMES_OR_GOES:
            found += self._showing(resource, rel, notice)
        return [one for one in found if extended or not one.notice.extension]

    def _showing(self, target: Resource[Any], rel: str, notice: Notice) -> Iterator[Telling]:
        """What changes when an entity comes or goes: all that links to it, or embeds it.

        But for its collection, of which the event itself tells; and what comes and goes with it.
        """
        keys = set(target.template.keys)
        for one in self.resources:
            shown = {reference.rel for reference in (*one.links, *one.embedded)}
            if rel in shown and one.rel != notice.within and keys > set(one.template.keys):
                updated = one.notices.get((EventType.UPDATED, ""))
                if updated is not None:
                    yield Telling(one, one.rel, EventType.UPDATED, updated, False)

    def link(self, me: Me, rel: str, entity: object) -> Link:
        """The link to an entity, which tells the revision of its resource."""
        return Link(self.href(me, rel, entity), self._by_rel[rel].revision)

    def represent(self, tx: Transaction, me: Me, rel: str, entity: Any) -> Representation:
        """An entity as `me` sees it."""
        resource = self._by_rel[rel]
        if isinstance(entity, Application):  # each application is seen from within itself
            me = me.within(entity)
        properties = resource.properties(me, entity)
        if isinstance(properties, msgspec.Struct):
            properties = served(properties)
        if resource.play_back:
            play_back = {resource.play_back: PLAY_BACK}
            first = resource.play_back_first
            properties = {**play_back, **properties} if first else {**properties, **play_back}
        version: int | None = getattr(entity, "version", None)
        return Representation(
            rel=resource.rel_of(entity),
            href=self.href(me, rel, entity),
            properties=properties,
            links={
                link.rel: [self.link(me, link.rel, one) for one in target]
                if isinstance(target, Sequence)
                else self.link(me, link.rel, target)
                for link in resource.links
                if (target := self._target(tx, me, link, entity)) not in (None, [])
            },
            embedded={
                part.rel: found
                for part in resource.embedded
                if (found := self._embedded(tx, me, part, entity))
            },
            etag=None if version is None else str(version),
            revision=resource.revision,
        )

    def _target(self, tx: Transaction, me: Me, link: Relation[Any], entity: Any) -> object:
        """Where a link leads: None where it would lead to nothing, for then there is no link.

        What is not for the viewer is nothing to her.
        """
        if not self._by_rel[link.rel].is_for(me) or (link.when and not link.when(me, entity)):
            return None
        if link.target is not None:
            return link.target(tx, me, entity)
        resource = self._by_rel[link.rel]
        if resource.template.has_keys:
            return entity  # which has the same keys
        found: object = resource.found(tx, me)
        return found

    def _embedded(
        self, tx: Transaction, me: Me, part: Relation[Any], entity: Any
    ) -> Representation | Sequence[Representation] | None:
        if not self._by_rel[part.rel].is_for(me):
            return None
        target = part.target(tx, me, entity) if part.target else entity
        if target is None:
            return None
        if isinstance(target, Sequence):
            return [self.represent(tx, me, part.rel, one) for one in target]
        return self.represent(tx, me, part.rel, target)
