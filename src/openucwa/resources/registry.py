"""All resources together: what each rel leads to, and how an entity is represented."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import urlencode

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.facts import Fact, Priority
from openucwa.resources import checks
from openucwa.resources.relation import Notice, Relation
from openucwa.resources.resource import PLAY_BACK, Resource
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


Seen: TypeAlias = Sequence[tuple[Me, Any]]
"""Entities, each with its viewer."""


class Registry:
    """The resources by rel. Raises WrongDeclaration when one can't be served as it is declared."""

    def __init__(self, resources: Iterable[Resource[Any]]) -> None:
        declared = [one for resource in resources for one in (resource, *resource.capabilities)]
        self._twins = {one: one.twin() for one in declared if one.shared_path}
        self.resources = (*declared, *self._twins.values())
        self._by_rel: Mapping[str, Resource[Any]] = {
            # Of two with the same rel, the first: it leads to its twin.
            rel: resource
            for resource in reversed(self.resources)
            for rel in (*resource.rels, *resource.synonyms)
        }
        self._expansions = {
            kind: expansion
            for resource in declared
            for kind, expansion in resource.expansions.items()
        }
        checks.check(self.resources, self._by_rel)
        self._by_kind: Mapping[str, tuple[Resource[Any], str]] = {
            kind: (resource, rel) for resource in declared for rel, kind in resource.kinds.items()
        }

    def of(self, rel: str) -> Resource[Any]:
        """The resource of a rel."""
        return self._by_rel[rel]

    def href(self, me: Me, rel: str, entity: Any) -> str:
        """Return the address of an entity: its path, with a query where its resource has one."""
        resource = self._seen_by(me, rel, entity)
        path = resource.template.fill(me, entity)
        query = resource.query(entity) if resource.query else None
        if more := resource.synonyms.get(rel):
            query = {**(query or {}), **more}
        return f"{path}?{urlencode(query)}" if query else path

    def _seen_by(self, me: Me, rel: str, entity: Any) -> Resource[Any]:
        """Return the resource of a rel, or its twin if the viewer sees somebody else's entity."""
        resource = self._by_rel[rel]
        return self._twins[resource] if resource.is_shared(me, entity) else resource

    def told(self, fact: Fact, user_id: int, *, extended: bool) -> Sequence[Telling] | None:
        """Return the events that a fact gives rise to, first the one about its entity.

        Those that are extensions are left out for who is not told of them. None where nobody is
        told anything by such a fact: it ends a wait.
        """
        is_shared = fact.keys.get("organizer_id", str(user_id)) != str(user_id)
        return self._told(fact.kind, fact.type, fact.collection, extended, is_shared)

    @cache  # noqa: B019 - there is one registry
    def _told(
        self, kind: str, type: EventType, collection: str, extended: bool, is_shared: bool
    ) -> Sequence[Telling] | None:
        place = self._by_kind.get(kind)
        if place is None or (type, collection) not in place[0].notices:
            return None
        resource, rel = place
        if is_shared:
            if resource not in self._twins:
                return []
            resource = self._twins[resource]
            rel = resource.rel
        notice = resource.notices[type, collection]
        rel = notice.rel or rel
        found = [Telling(resource, rel, type, notice, True)]
        if not collection and type in COMES_OR_GOES:
            found += self._showing(resource, rel, notice)
        return [one for one in found if extended or not one.notice.extension]

    def _showing(self, target: Resource[Any], rel: str, notice: Notice) -> Iterator[Telling]:
        """Return what changes when an entity comes or goes: all that links to it, or embeds it.

        But for its collection, of which the event itself tells; and what comes and goes with it.
        """
        keys = set(target.template.keys)
        for one in self.resources:
            if (one.twin_of is None) != (target.twin_of is None):
                continue
            shown = {reference.rel for reference in (*one.links, *one.embedded)}
            if rel in shown and one.rel != notice.within and keys > set(one.template.keys):
                updated = one.notices.get((EventType.UPDATED, ""))
                if updated is not None:
                    yield Telling(one, one.rel, EventType.UPDATED, updated, False)

    def expanded(self, tx: Transaction, me: Me, facts: Iterable[Fact]) -> Iterator[Fact]:
        """The facts, with those that stand for others replaced by these."""
        for fact in facts:
            expansion = self._expansions.get(fact.kind)
            yield from expansion(tx, me, fact) if expansion else (fact,)

    def link(self, me: Me, rel: str, entity: object) -> Link:
        """The link to an entity, with the revision of its resource, and what it is called."""
        if isinstance(entity, Link):
            return entity  # what is no resource, such as a text, or has an address of its own
        resource = self._by_rel[rel]
        title = resource.title(entity) if resource.title else None
        return Link(self.href(me, rel, entity), resource.revision, title)

    def represent(self, tx: Transaction, me: Me, rel: str, entity: Any) -> Representation:
        """An entity as `me` sees it."""
        (shown,) = self._represent(tx, rel, [(me, entity)])
        return shown

    def _represent(self, tx: Transaction, rel: str, seen: Seen) -> list[Representation]:
        """Entities of one rel. What they lead to is found for all of them together."""
        resource = self._by_rel[rel]
        seen = [
            # Each application is seen from within itself.
            (me.within(entity) if isinstance(entity, Application) else me, entity)
            for me, entity in seen
        ]
        links = {link.rel: self._targets(tx, link, seen) for link in resource.links}
        parts = {part.rel: self._embedded(tx, part, seen) for part in resource.embedded}
        always = {part.rel for part in resource.embedded if part.always}
        return [
            self._shown(
                resource,
                me,
                entity,
                {rel: found[number] for rel, found in links.items()},
                {rel: found[number] for rel, found in parts.items()},
                always,
            )
            for number, (me, entity) in enumerate(seen)
        ]

    def _shown(
        self,
        resource: Resource[Any],
        me: Me,
        entity: Any,
        targets: Mapping[str, object],
        parts: Mapping[str, Representation | Sequence[Representation] | None],
        always: Set[str],
    ) -> Representation:
        properties = resource.properties(me, entity)
        if isinstance(properties, msgspec.Struct):
            properties = served(properties)
        if resource.play_back:
            play_back = {resource.play_back: PLAY_BACK}
            first = resource.play_back_first
            properties = {**play_back, **properties} if first else {**properties, **play_back}
        version: int | None = getattr(entity, "version", None)
        return Representation(
            rel=resource.rel_of(me, entity),
            href=self.href(me, resource.rel, entity),
            properties=properties,
            links={
                rel: [self.link(me, rel, one) for one in target]
                if isinstance(target, Sequence)
                else self.link(me, rel, target)
                for rel, target in targets.items()
                if target not in (None, [])
            },
            embedded={
                rel: part
                for rel, part in parts.items()
                if part or (part is not None and rel in always)
            },
            etag=None if version is None else str(version),
            revision=resource.revision,
        )

    def _targets(self, tx: Transaction, relation: Relation[Any], seen: Seen) -> Sequence[object]:
        """Return the target of a relation, for each entity: None where it is not there.

        What is not for the viewer is nothing to her.
        """
        target = self._by_rel[relation.rel]
        there = [
            target.is_for(me) and (relation.when is None or relation.when(me, entity))
            for me, entity in seen
        ]
        if relation.load and any(there):
            found = relation.load(tx, seen[0][0], [entity for _, entity in seen])
            return [one if is_there else None for one, is_there in zip(found, there, strict=True)]
        return [
            self._target(tx, me, relation, entity) if is_there else None
            for (me, entity), is_there in zip(seen, there, strict=True)
        ]

    def _target(self, tx: Transaction, me: Me, relation: Relation[Any], entity: Any) -> object:
        if relation.target is not None:
            return relation.target(tx, me, entity)
        resource = self._by_rel[relation.rel]
        if relation.is_part or resource.template.has_keys:
            return entity  # which has the same keys, or is the resource itself
        found: object = resource.found(tx, me)
        return found

    def _embedded(
        self, tx: Transaction, part: Relation[Any], seen: Seen
    ) -> Sequence[Representation | Sequence[Representation] | None]:
        targets = self._targets(tx, part, seen)
        flat = [
            (me, one)
            for (me, _), target in zip(seen, targets, strict=True)
            if target is not None
            for one in (target if isinstance(target, Sequence) else [target])
        ]
        shown = iter(self._represent(tx, part.rel, flat) if flat else ())
        return [
            None
            if target is None
            else [next(shown) for _ in target]
            if isinstance(target, Sequence)
            else next(shown)
            for target in targets
        ]
