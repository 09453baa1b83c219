"""Resources as the server sends them: members, types, links, embedded resources, entity tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.conformance import compatibility
from tests.conformance.bodies import Body, Members
from tests.conformance.documented import Description, Documented
from tests.conformance.exchange import Exchange
from tests.conformance.finding import Finding, unlisted
from tests.conformance.places import Kind, Place
from tests.conformance.tables import Embedded, Link
from tests.conformance.values import served_fault

STRUCTURE = frozenset({"_links", "_embedded", "rel", "etag"})
LINK_ATTRIBUTES = frozenset({"href", "title", "revision"})
ETAG = re.compile(r"\d+")
REVISION = re.compile(r"\d+(\.\d+)?")


def served_findings(
    documented: Documented, exchange: Exchange, place: Place, body: Body
) -> Iterator[Finding]:
    """The resource that is the body of a response, with all that is embedded in it."""
    check = ResourceCheck(documented, body, absolute_links=place.kind is Kind.DISCOVERY)
    for name in body.repeated:
        yield Finding(f"the member '{name}' stands twice in one object")
    if place.kind is Kind.DISCOVERY:
        yield from discovery_findings(check, place)
        return
    rel = body.members.get("rel")
    if not isinstance(rel, str):
        yield Finding("the resource has no rel")
        return
    yield from rel_findings(documented, exchange, place, rel)
    yield from check.resource(rel, body.members)
    yield from etag_header_findings(exchange, body.members)


def discovery_findings(check: ResourceCheck, place: Place) -> Iterator[Finding]:
    yield from check.resource(place.name, {"rel": place.name, **check.body.members})
    links = check.body.members.get("_links")
    if place.name == "root" and isinstance(links, dict) and "redirect" not in links:
        for rel in compatibility.ROOT_LINKS:
            if rel not in links:
                yield Finding(f"root has no link {rel}, on which clients depend")


def rel_findings(
    documented: Documented, exchange: Exchange, place: Place, rel: str
) -> Iterator[Finding]:
    operations = documented.operations(place, exchange.verb)
    expected = place.names.union(*(operation.answers for _, operation in operations))
    if exchange.verb == "POST":  # a collection of ours answers with what was added to it
        added = documented.extensions.on(place.names, "embedded")
        expected |= {one.name for one in added}
    if place.resources and rel not in expected:
        yield Finding(f"the URL is that of {place.name}, but the resource is a {rel}")


def etag_header_findings(exchange: Exchange, members: Members) -> Iterator[Finding]:
    header, etag = exchange.response_header("ETag"), members.get("etag")
    if header is None and etag is None:
        return
    if header is not None and re.fullmatch(r'"\d+"', header) is None:
        yield Finding(f"the header ETag must be a decimal number in quotes, not {header}")
    if etag is not None and header != f'"{etag}"':
        yield Finding(f"the member etag is {etag}, the header ETag {header}")


@dataclass(frozen=True)
class ResourceCheck:
    """Checks the resources of one body; `_embedded` leads it from one to the next."""

    documented: Documented
    body: Body
    absolute_links: bool = False

    def resource(self, name: str, members: Members) -> Iterator[Finding]:
        """A resource that stands where one called `name` belongs."""
        description, rel = self.documented.describe(name), members.get("rel")
        if description is None:
            yield unlisted(f"no page documents a resource {name}", name, "path", "its path")
            return
        if rel not in description.served_as:
            yield Finding(f"{name} must carry its rel, not {rel!r}")
        elif rel != name:
            description = self.documented.describe(name, str(rel)) or description
        yield from self.members(description, members)
        yield from self.put_member(description, members)
        yield from self.order(description, members)
        yield from self.links(description, members.get("_links"))
        yield from self.all_embedded(description, members.get("_embedded", {}))

    def members(self, description: Description, members: Members) -> Iterator[Finding]:
        for name, value in members.items():
            if name == "etag":
                if not isinstance(value, str) or ETAG.fullmatch(value) is None:
                    yield Finding(f"the etag of {description.rel} is no decimal string: {value!r}")
            elif name not in STRUCTURE and not is_put_member(name):
                yield from self.property(description, name, value)

    def property(self, description: Description, name: str, value: object) -> Iterator[Finding]:
        prop = description.property(name)
        if prop is None:
            if not (description.keeps_free_members and isinstance(value, str)):
                rel = description.rel
                yield unlisted(f"{rel} has no documented property {name}", rel, "property", name)
            return
        if prop.type == "ExternalResource":
            yield Finding(f"{name} of {description.rel} belongs under _links")
            return
        fault = served_fault(self.documented.tables, self.body.form, prop, value)
        if fault is not None:
            yield Finding(f"{name} of {description.rel} {fault}")
        elif prop.type == "DateTime" and self.has_unescaped_date(name):
            yield Finding(rf"{name} of {description.rel} must be written \/Date(…)\/")
        if name == "joinUrl" and isinstance(value, str):
            yield from join_url_findings(value)

    def has_unescaped_date(self, name: str) -> bool:
        written = rb'"%s"\s*:\s*"(/Date|\\/Date\([^)]*\)/")' % re.escape(name).encode()
        return self.body.form == "json" and re.search(written, self.body.raw) is not None

    def put_member(self, description: Description, members: Members) -> Iterator[Finding]:
        """The member with a random name, by which a PUT proves to have been a GET before."""
        found = {name: value for name, value in members.items() if is_put_member(name)}
        rel = description.rel
        if found and not description.may_have_put_member:
            yield Finding(f"{rel} has the random PUT member, but documents no PUT")
        if not found and description.is_always_put:
            yield Finding(f"{rel} documents PUT, but has no random PUT member")
        if len(found) > 1:
            yield Finding(f"{rel} has {len(found)} random PUT members")
        for value in found.values():
            if value != compatibility.PUT_MEMBER_VALUE:
                yield Finding(f"the random PUT member of {rel} says {value!r}")

    def order(self, description: Description, members: Members) -> Iterator[Finding]:
        if self.body.form != "json":
            return
        names = [compatibility.PUT_MEMBER_VALUE if is_put_member(n) else n for n in members]
        expected = compatibility.MEMBER_ORDER.get(description.rel, ())
        seen = [name for name in names if name in expected]
        if seen != sorted(seen, key=expected.index):
            yield Finding(
                f"the members of {description.rel} must stand in the order of the "
                f"original, not {', '.join(seen)}"
            )
        comes_first = description.rel in compatibility.PUT_MEMBER_COMES_FIRST
        if comes_first and compatibility.PUT_MEMBER_VALUE in names[1:]:
            yield Finding(f"the random PUT member must be the first of {description.rel}")

    def links(self, description: Description, links: object) -> Iterator[Finding]:
        if not isinstance(links, dict):
            yield Finding(f"{description.rel} has no _links")
            return
        if "self" not in links:
            yield Finding(f"{description.rel} has no link self")
        for rel, value in links.items():
            link = Link("self", many=False) if rel == "self" else description.link(rel)
            if link is None:
                yield unlisted(
                    f"{description.rel} has no documented link {rel}",
                    description.rel,
                    "link",
                    rel,
                )
            else:
                where = f"the link {rel} of {description.rel}"
                yield from self.cardinality(where, link.many, value)
                for target in value if isinstance(value, list) else [value]:
                    yield from self.target(where, link, target)

    def cardinality(self, where: str, many: bool | None, value: object) -> Iterator[Finding]:
        if self.body.form == "json" and many is not None and many != isinstance(value, list):
            yield Finding(f"{where} must be {'an array' if many else 'one object, not an array'}")

    def target(self, where: str, link: Link, target: object) -> Iterator[Finding]:
        if not isinstance(target, dict) or not isinstance(target.get("href"), str):
            yield Finding(f"{where} has no href")
            return
        for name in target.keys() - LINK_ATTRIBUTES:
            yield Finding(f"{where} has an attribute {name}, which no link has")
        if REVISION.fullmatch(str(target.get("revision", "1"))) is None:
            yield Finding(f"{where} has the revision {target['revision']!r}, which is no number")
        yield from self.href(where, link, target["href"])

    def href(self, where: str, link: Link, href: str) -> Iterator[Finding]:
        if link.data_uri:
            scheme, form = r"data:", "a data: URI"
        elif self.absolute_links:
            scheme, form = r"https?://", "absolute"
        else:
            scheme, form = r"/", "a path"
        if re.match(scheme, href) is None:
            yield Finding(f"{where} must be {form}, not {href}")

    def all_embedded(self, description: Description, embedded: object) -> Iterator[Finding]:
        if not isinstance(embedded, dict):
            yield Finding(f"_embedded of {description.rel} is no object")
            return
        for key, value in embedded.items():
            entry = description.embedded(key)
            if entry is None:
                yield unlisted(
                    f"{description.rel} has no documented embedded resource {key}",
                    description.rel,
                    "embedded",
                    key,
                )
            else:
                where = f"{key}, embedded in {description.rel},"
                yield from self.cardinality(where, entry.many, value)
                yield from self.embedded(entry, value)

    def embedded(self, entry: Embedded, value: object) -> Iterator[Finding]:
        for members in value if isinstance(value, list) else [value]:
            if not isinstance(members, dict):
                yield Finding(f"{entry.key} is embedded, but is no object")
            elif entry.rel is not None and members.get("rel") == entry.rel:
                yield from self.resource(entry.rel, members)
            else:
                yield from self.resource(entry.key, members)


def is_put_member(name: str) -> bool:
    return compatibility.PUT_MEMBER_NAME.fullmatch(name) is not None


def join_url_findings(url: str) -> Iterator[Finding]:
    if compatibility.JOIN_URL.fullmatch(url) is None:
        yield Finding(f"joinUrl must be https://meet.HOST/USER/ID, not {url}")
