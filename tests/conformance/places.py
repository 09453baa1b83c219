"""Which resource stands at a URL.

UCWA leaves paths to the server. Ours are those of the concept pages; the reference pages' samples
use others (`onlineMeetingDefaultValues` for `defaultValues`), and end in a type's name where a
server has an id (`groups/group`). All of these are known here, so that a test may use any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from tests.conformance.extensions import Extensions
from tests.conformance.tables import Embedded, Link, Resource, Tables

Segments = tuple[str, ...]

ANY_ID = "{id}"
LONGEST_PATH = 14
BELOW_VERSION = re.compile(
    r"^.*?/v\d+(?=/(?:(?:anon)?applications|sessions)(?:/|$))", re.IGNORECASE
)
UCWA = frozenset({"ucwa", "autodiscover", "webticket"})
TOKEN = ("webticket", "oauthtoken")

DISCOVERY_SERVICE = ("autodiscover", "autodiscoverservice.svc", "root")
DISCOVERY: dict[Segments, str] = {
    (): "root",
    DISCOVERY_SERVICE: "root",
    (*DISCOVERY_SERVICE, "user"): "user",
    (*DISCOVERY_SERVICE, "oauth", "user"): "user",
    (*DISCOVERY_SERVICE, "user", "redirect"): "redirect",
    (*DISCOVERY_SERVICE, "oauth", "user", "redirect"): "redirect",
    (*DISCOVERY_SERVICE, "xframe"): "xframe",
    ("autodiscover", "xframe", "xframe.html"): "xframe",
    ("xframe",): "xframe",
}
"""Served outside of any application; their bodies carry no rel."""

CONVERSATION = "/applications/{id}/communication/conversations/{id}"
ITEMS = {
    "messagingInvitation": "/applications/{id}/communication/messagingInvitations/{id}",
    "onlineMeetingInvitation": "/applications/{id}/communication/onlineMeetingInvitations/{id}",
    "participantInvitation": "/applications/{id}/communication/participantInvitations/{id}",
    "phoneAudioInvitation": "/applications/{id}/communication/phoneAudioInvitations/{id}",
    "audioVideoInvitation": "/applications/{id}/communication/audioVideoInvitations/{id}",
    "participantMessaging": f"{CONVERSATION}/participants/{{id}}/messaging",
    "presenceSubscription": "/applications/{id}/people/presenceSubscriptions/{id}",
    "presenceSubscriptionMembership": (
        "/applications/{id}/people/presenceSubscriptionMemberships/{id}"
    ),
}
"""Paths that the concept pages print inside of payloads, where the tables do not reach."""


USUAL_NAMES = (
    "myOnlineMeeting",
    "participant",
    "contact",
    "myContacts",
    "group",
    "messages",
    "presenceSubscriptions",
    "presenceSubscriptionMemberships",
)
"""Where several resources share a path, the one that a reader thinks of."""


class Kind(Enum):
    TOKEN = "the token endpoint"
    DISCOVERY = "discovery"
    RESOURCE = "a resource of an application"
    UNKNOWN = "a path of UCWA without a documented resource"
    ELSEWHERE = "outside of UCWA"


@dataclass(frozen=True)
class Place:
    kind: Kind
    resources: tuple[Resource, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        if self.kind is Kind.TOKEN:
            return frozenset({"token"})
        return frozenset().union(*(resource.served_as for resource in self.resources))

    @property
    def name(self) -> str:
        """What to call it in a finding."""
        if self.kind is Kind.TOKEN:
            return "token"
        rels = [resource.rel for resource in self.resources]
        usual = (rel for rel in USUAL_NAMES if rel in rels)
        return next(usual, rels[0] if rels else "any")


@dataclass
class Node:
    """A place in the tree of path templates."""

    children: dict[str, Node] = field(default_factory=dict)
    resources: list[Resource] = field(default_factory=list)

    def add(self, segments: Segments, resource: Resource) -> None:
        node = self
        for segment in segments:
            node = node.children.setdefault(segment, Node())
        if resource not in node.resources:
            node.resources.append(resource)

    def find(self, segments: Segments) -> list[Resource]:
        """What stands there; a name wins over an id."""
        if not segments:
            return self.resources
        for segment in (segments[0], ANY_ID):
            child = self.children.get(segment)
            if child is not None and (found := child.find(segments[1:])):
                return found
        return []


@dataclass(frozen=True)
class Places:
    tables: Tables
    tree: Node

    @classmethod
    def of(cls, tables: Tables, extensions: Extensions) -> Places:
        tree = Node()
        for page, templates in all_templates(tables, extensions).items():
            for template in sorted(templates):
                tree.add(template, tables.resources[page])
        return cls(tables, tree)

    def find(self, path: str) -> Place:
        segments = split(path)
        if segments == TOKEN:
            return Place(Kind.TOKEN)
        if segments in DISCOVERY:
            return Place(Kind.DISCOVERY, self.tables.pages_of_rel[DISCOVERY[segments]])
        if segments[0] not in UCWA:
            return Place(Kind.ELSEWHERE)
        found = self.tree.find(below_version(path)) or self.named_last(segments)
        return Place(Kind.RESOURCE, tuple(found)) if found else Place(Kind.UNKNOWN)

    def named_last(self, segments: Segments) -> tuple[Resource, ...]:
        """A capability may stand anywhere, as long as its path ends in its name."""
        return next(
            (
                pages
                for rel, pages in self.tables.pages_of_rel.items()
                if rel.lower() == segments[-1] and all(page.is_capability for page in pages)
            ),
            (),
        )


def split(path: str) -> Segments:
    """Repeated slashes count as one, and case does not count."""
    return tuple(segment for segment in path.lower().split("/") if segment)


def below_version(path: str) -> Segments:
    return split(BELOW_VERSION.sub("", re.sub("/+", "/", path)))


def all_templates(tables: Tables, extensions: Extensions) -> dict[str, set[Segments]]:
    templates = {
        page: set[Segments]().union(*map(own_templates, tables.pages_of_rel[resource.rel]))
        for page, resource in tables.resources.items()
    }
    for rel, template in ITEMS.items():
        templates[rel].add(split(template))
    for extension in extensions.of_kind("path"):
        for resource in tables.pages_of_rel.get(extension.on.subject, ()):
            templates[resource.page].add(below_version(extension.name))
    add_ids(tables, templates)
    add_below_other_names(tables, templates)
    return templates


def own_templates(resource: Resource) -> set[Segments]:
    paths = (path.split("?")[0].strip() for path in resource.paths)
    return {below_version(path) for path in paths}


def add_ids(tables: Tables, templates: dict[str, set[Segments]]) -> None:
    """Where a sample has an item's type for its id (`groups/group`), an id may stand as well."""
    collections = set[Segments]().union(
        *(templates[page] for page, resource in tables.resources.items() if is_list(resource))
    )
    for page, own in templates.items():
        resource = tables.resources[page]
        if not resource.is_capability:
            named = [template for template in own if template[-1:] == (resource.rel.lower(),)]
            own.update((*t[:-1], ANY_ID) for t in named if t[:-1] in collections)


def is_list(resource: Resource) -> bool:
    entries: list[Link | Embedded] = [*resource.links.values(), *resource.embedded.values()]
    return resource.rel.endswith("s") and any(entry.many for entry in entries)


def add_below_other_names(tables: Tables, templates: dict[str, set[Segments]]) -> None:
    """What a sample shows below one path of a resource also stands below its other paths."""
    visible = [page for page in templates if not tables.resources[page].is_capability]
    for _ in range(3):  # a path has at most so many segments with two names
        moves = [
            (old, new)
            for page in visible
            for old in templates[page]
            for new in templates[page]
            if old != new
        ]
        for own in templates.values():
            own.update(list(moved(own, moves)))


def moved(own: Iterable[Segments], moves: list[tuple[Segments, Segments]]) -> Iterator[Segments]:
    for template in own:
        for old, new in moves:
            is_below = len(template) > len(old) and template[: len(old)] == old
            if is_below and len(new) + len(template) - len(old) <= LONGEST_PATH:
                yield (*new, *template[len(old) :])
