"""What the server took: every member of a request that succeeded must mean something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.conformance import compatibility
from tests.conformance.bodies import Body, Form, Members, UnreadableBody, read_body
from tests.conformance.documented import Description, Documented
from tests.conformance.exchange import Exchange
from tests.conformance.finding import Finding, unlisted
from tests.conformance.places import Place
from tests.conformance.served import is_put_member
from tests.conformance.tables import Operation, Property, Resource
from tests.conformance.values import accepted_fault

TAKES_INPUT = frozenset({"POST", "PUT"})


def accepted_findings(
    documented: Documented, exchange: Exchange, place: Place
) -> Iterator[Finding]:
    operations = documented.operations(place, exchange.verb)
    if exchange.verb not in TAKES_INPUT or not operations:
        return
    try:
        content_type = exchange.request_header("Content-Type") or "application/json"
        body = read_body(content_type, exchange.request_body)
    except UnreadableBody as error:
        yield Finding(f"{error}, yet the request succeeded")
        return
    check = InputCheck(documented, exchange, place, operations)
    yield from check.required(given(body))
    if body is not None:
        yield from check.members(body.form, body.members)


def given(body: Body | None) -> frozenset[str]:
    """The names of the members that are there; null says "not given"."""
    members = {} if body is None else body.members
    links = members.get("_links")
    names = [name for name, value in members.items() if value is not None]
    return frozenset(name.lower() for name in [*names, *(links if isinstance(links, dict) else ())])


@dataclass(frozen=True)
class InputCheck:
    documented: Documented
    exchange: Exchange
    place: Place
    operations: list[tuple[Resource, Operation]]

    def members(self, form: Form, members: Members) -> Iterator[Finding]:
        parameters, known = self.parameters(), self.known_names()
        for name, value in members.items():
            parameter = parameters.get(name.lower())
            if parameter is not None:
                yield from self.value(form, name, parameter, value)
            elif value is not None and not self.is_ignorable(name, value, known):
                rel = self.place.name
                yield unlisted(
                    f"{self.exchange.verb} on {rel} took a member {name}, which no page documents",
                    rel,
                    "parameter",
                    name,
                )

    def value(self, form: Form, name: str, parameter: Property, value: object) -> Iterator[Finding]:
        fault = accepted_fault(self.documented.tables, form, parameter, value)
        if parameter.type != "ExternalResource" and fault is not None:
            yield Finding(f"{self.exchange.verb} on {self.place.name} took {name}, which {fault}")

    def is_ignorable(self, name: str, value: object, known: frozenset[str]) -> bool:
        return (
            name.lower() in known
            or name.lower() in compatibility.IGNORED_INPUT
            or is_put_member(name)
            or self.ignores_unknown
            or (self.keeps_free_members and isinstance(value, str))
        )

    @property
    def ignores_unknown(self) -> bool:
        ignoring = compatibility.IGNORES_UNKNOWN_INPUT
        return any((page.rel, self.exchange.verb) in ignoring for page, _ in self.operations)

    @property
    def keeps_free_members(self) -> bool:
        return any(page.rel in compatibility.FREE_MEMBERS for page, _ in self.operations)

    def parameters(self) -> Mapping[str, Property]:
        """By their name in lower case: clients write UserAgent and userAgent."""
        parameters = dict[str, Property]()
        for _, operation in self.operations:
            for prop in (*operation.query.values(), *operation.body.values()):
                parameters[prop.name.lower()] = prop
        for extension in self.documented.extensions.on(
            self.place.names, "parameter", self.exchange.verb
        ):
            parameters[extension.name.lower()] = extension.as_property()
        return parameters

    def known_names(self) -> frozenset[str]:
        """What clients send back because they were served it, and what only samples show."""
        names = set(self.documented.samples(self.place, self.exchange.verb))
        for page, operation in self.operations:
            names |= operation.other_input
            for rel in (page.rel, *operation.answers):
                description = self.documented.describe(rel)
                names |= property_names(description) if description else set()
        return frozenset(name.lower() for name in names)

    def required(self, given: frozenset[str]) -> Iterator[Finding]:
        """Enough that one revision of the operation has all that it requires."""
        given = given | self.exchange.query_names
        missing = [self.missing(page, op, given) for page, op in self.operations if told(op)]
        if missing and all(missing):
            fewest = min(missing, key=len)
            yield Finding(
                f"{self.exchange.verb} on {self.place.name} succeeded without the "
                f"required {', '.join(sorted(fewest))}"
            )

    def missing(self, page: Resource, operation: Operation, given: frozenset[str]) -> set[str]:
        rows = (operation.query, operation.body if operation.takes_json else {})
        required = {prop.name for row in rows for prop in row.values() if prop.required}
        return {
            name
            for name in required
            if name.lower() not in given
            and (page.rel, name.lower()) not in compatibility.NOT_REQUIRED
        }


def told(operation: Operation) -> bool:
    return bool(operation.body or operation.query)


def property_names(description: Description) -> set[str]:
    extended = description.extensions.on(description.names, "property")
    own = {name for page in description.pages for name in page.properties}
    return own | {extension.name for extension in extended}
