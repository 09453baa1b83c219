"""Everything that may stand on the wire: the tables, what clients depend on, our extensions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property

from tests.conformance import compatibility
from tests.conformance.extensions import OWN_REL, PUT_MEMBER, Extensions
from tests.conformance.places import Kind, Place, Places
from tests.conformance.tables import (
    Embedded,
    Event,
    Failure,
    Link,
    Operation,
    Property,
    Resource,
    Tables,
)


@dataclass(frozen=True)
class Description:
    """What the pages tell of one resource, all its revisions together, and what we add to it."""

    rel: str
    pages: tuple[Resource, ...]
    extensions: Extensions

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset([self.rel]).union(*({page.page, page.rel} for page in self.pages))

    @property
    def served_as(self) -> frozenset[str]:
        """The rels that its body may carry."""
        also = [compatibility.ALSO_SERVED_AS.get(name, name) for name in self.names]
        return frozenset(also).union(*(page.served_as for page in self.pages))

    @property
    def is_always_put(self) -> bool:
        return all("PUT" in page.operations for page in self.pages)

    @property
    def may_have_put_member(self) -> bool:
        is_ever_put = any("PUT" in page.operations for page in self.pages)
        return is_ever_put or self.extensions.find(self.names, "property", PUT_MEMBER) is not None

    @property
    def keeps_free_members(self) -> bool:
        return not self.names.isdisjoint(compatibility.FREE_MEMBERS)

    def property(self, name: str) -> Property | None:
        extension = self.extensions.find(self.names, "property", name)
        own = (page.properties.get(name) for page in self.pages)
        return extension.as_property() if extension else next(filter(None, own), None)

    def link(self, rel: str) -> Link | None:
        extension = self.extensions.find(self.names, "link", rel)
        own = (page.links.get(rel) for page in self.pages)
        return extension.as_link() if extension else next(filter(None, own), None)

    def embedded(self, key: str) -> Embedded | None:
        extension = self.extensions.find(self.names, "embedded", key)
        if extension is not None:
            return extension.as_embedded()
        if (self.rel, key) in compatibility.ALSO_EMBEDS:
            return Embedded(key, many=False)
        return next(filter(None, (page.embedded.get(key) for page in self.pages)), None)


@dataclass(frozen=True)
class Documented:
    tables: Tables
    extensions: Extensions
    places: Places

    @classmethod
    @cache
    def load(cls) -> Documented:
        return cls.of(Tables.load(), Extensions.load())

    @classmethod
    def of(cls, tables: Tables, extensions: Extensions) -> Documented:
        tables = with_own_resources(tables, extensions)
        return cls(tables, extensions, Places.of(tables, extensions))

    def describe(self, *rels: str) -> Description | None:
        """What is known of a resource that goes by all of these names."""
        pages = tuple(
            dict.fromkeys(p.page for rel in rels for p in self.tables.pages_of_rel.get(rel, ()))
        )
        if not pages:
            return None
        return Description(rels[0], tuple(self.tables.resources[p] for p in pages), self.extensions)

    def operations(self, place: Place, verb: str) -> list[tuple[Resource, Operation]]:
        return list(self._operations(place, verb))

    def _operations(self, place: Place, verb: str) -> Iterator[tuple[Resource, Operation]]:
        for resource in place.resources:
            if verb in resource.operations:
                yield resource, resource.operations[verb]
            elif (capability := compatibility.ALSO_DOES.get((resource.rel, verb))) is not None:
                yield resource, self.tables.resources[capability].operations[verb]

    def verbs(self, place: Place) -> frozenset[str]:
        """What may be done there, by any page."""
        own = {verb for resource in place.resources for verb in resource.operations}
        also = {verb for rel, verb in compatibility.ALSO_DOES if rel in place.names}
        also |= self.added_verbs(place)
        if any(not resource.operations for resource in place.resources):
            also.add("GET")  # such pages tell no operation at all, yet links point to them
        if place.kind is Kind.TOKEN:
            also.add("POST")
        return frozenset(own | also)

    def added_verbs(self, place: Place) -> set[str]:
        """What our own resources can do: for each they tell how it is answered."""
        added = self.extensions.of_kind("status")
        return {one.on.verb for one in added if one.on.verb and one.on.subject in place.names}

    def statuses(self, place: Place, verb: str) -> frozenset[int]:
        """How this operation may succeed."""
        if verb == "OPTIONS":
            return frozenset({200, 204})  # the preflight of a browser
        if place.kind is Kind.TOKEN:
            return frozenset({200} if verb == "POST" else ())
        stated = set[int]()
        for resource, operation in self.operations(place, verb):
            stated |= compatibility.STATUSES.get((resource.rel, verb), operation.statuses)
        if verb == "GET" and not stated and "GET" in self.verbs(place):
            stated.add(200)
        return frozenset(stated)

    def adds_status(self, place: Place, verb: str, status: str) -> bool:
        return self.extensions.find(place.names, "status", status, verb) is not None

    def failures(self, place: Place, verb: str) -> frozenset[Failure]:
        """How this operation may fail; anything listed, where the operation is unknown."""
        operations = self.operations(place, verb)
        if not operations:
            return self.tables.failures_anywhere | self.tables.failures_of_operations
        own = frozenset[Failure]().union(*(operation.failures for _, operation in operations))
        return self.tables.failures_anywhere | own

    def adds_event(self, event: Event) -> bool:
        name = f"{event.target} {event.type}"
        return self.extensions.find([event.sender], "event", name) is not None

    def adds_event_member(self, target: str, name: str) -> bool:
        return self.extensions.find([target], "event member", name) is not None

    def adds_current_resource(self, place: Place, verb: str, status: int) -> bool:
        """An error may embed the resource that was asked for."""
        return self.extensions.find(place.names, "embedded", OWN_REL, verb, status) is not None

    def samples(self, place: Place, verb: str) -> frozenset[str]:
        """Input members that a task page sends to this place."""
        return frozenset[str]().union(
            *(
                sample.members
                for sample in self.tables.samples
                if sample.verb == verb
                and not place.names.isdisjoint(self.places.find(sample.path).names)
            )
        )


def with_own_resources(tables: Tables, extensions: Extensions) -> Tables:
    """A path on the extensions page for a rel that no table has brings a resource of ours."""
    rels = {extension.on.subject for extension in extensions.of_kind("path")}
    own = {rel: Resource.own(rel) for rel in rels - tables.pages_of_rel.keys()}
    pages = {rel: (resource,) for rel, resource in own.items()}
    return replace(
        tables,
        resources={**tables.resources, **own},
        pages_of_rel={**tables.pages_of_rel, **pages},
    )
