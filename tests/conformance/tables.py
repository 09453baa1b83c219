"""The fact tables, read into typed values. What a row means is told by its file's `_schema`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent / "tables"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Property:
    """A property or a parameter."""

    name: str
    type: str | None = None
    array: bool = False
    nullable: bool = False
    enum: str | None = None
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    required: bool = False

    @classmethod
    def of(cls, name: str, row: Row) -> Property:
        return cls(
            name=name,
            type=row.get("type"),
            array=row.get("array", False),
            nullable=row.get("nullable", False),
            enum=row.get("enum"),
            max_length=row.get("max_length"),
            minimum=row.get("min"),
            maximum=row.get("max"),
            required=row.get("required", False),
        )


@dataclass(frozen=True)
class Link:
    rel: str
    many: bool | None = None
    """None where no sample tells."""
    data_uri: bool = False

    @classmethod
    def of(cls, rel: str, row: Row) -> Link:
        return cls(rel, cardinality(row), row.get("data_uri", False))


@dataclass(frozen=True)
class Embedded:
    key: str
    many: bool | None = None
    rel: str | None = None
    """The embedded object's own rel, where it differs from the key."""

    @classmethod
    def of(cls, key: str, row: Row) -> Embedded:
        return cls(key, cardinality(row), row.get("rel"))


def cardinality(row: Row) -> bool | None:
    return {"one": False, "many": True}.get(row.get("card", ""))


class Failure(NamedTuple):
    """What an error says: HTTP status, code, and the subcode if any."""

    status: int
    code: str
    subcode: str | None = None

    @classmethod
    def of(cls, text: str) -> Failure:
        code, status, subcode = text.split("/")
        return cls(int(status), code, None if subcode == "None" else subcode)

    def __str__(self) -> str:
        return f"{self.status} {self.code}" + (f" {self.subcode}" if self.subcode else "")


@dataclass(frozen=True)
class Operation:
    verb: str
    statuses: frozenset[int]
    body: Mapping[str, Property]
    query: Mapping[str, Property]
    other_input: frozenset[str]
    """Members that only samples of the request show."""
    takes_json: bool
    content_type: str | None
    """Of the answer, if it is neither JSON nor XML."""
    answers: frozenset[str]
    """Rels that the response's body may have, beside the resource's own."""
    failures: frozenset[Failure]

    @classmethod
    def of(cls, verb: str, row: Row, usual: Iterable[str]) -> Operation:
        response, request = row["response"], row.get("request", {})
        missing = row.get("errors_missing", [])
        rows = [*row["errors"], *(e for e in usual if e not in missing and "all" not in missing)]
        return cls(
            verb=verb,
            statuses=frozenset([response.get("status") or 200]),
            body=properties(row.get("body", {})),
            query=properties(row.get("query", {})),
            other_input=frozenset(request.get("json", {})),
            takes_json=not request.get("raw_body", False),
            content_type=response.get("content_type"),
            answers=frozenset(filter(None, [response.get("rel"), *named_rels(response)])),
            failures=frozenset(map(Failure.of, rows)),
        )


def properties(rows: Mapping[str, Row]) -> dict[str, Property]:
    return {name: Property.of(name, row) for name, row in rows.items()}


def named_rels(response: Row) -> list[str]:
    documented = response.get("doc")
    return documented if isinstance(documented, list) else []


@dataclass(frozen=True)
class Resource:
    """One reference page."""

    page: str
    rel: str
    served_as: frozenset[str]
    """Every rel under which the documentation shows this resource."""
    paths: tuple[str, ...]
    properties: Mapping[str, Property]
    links: Mapping[str, Link]
    embedded: Mapping[str, Embedded]
    operations: Mapping[str, Operation]

    @classmethod
    def own(cls, rel: str) -> Resource:
        """A resource that no page knows; the extensions page tells the rest."""
        return cls(rel, rel, frozenset([rel]), (), {}, {}, {}, {})

    @property
    def is_capability(self) -> bool:
        """It can be done, but there is nothing to be seen at its address."""
        return bool(self.operations) and "GET" not in self.operations


class Event(NamedTuple):
    sender: str
    target: str
    type: str

    def __str__(self) -> str:
        return f"{self.sender} -> {self.target} {self.type}"


@dataclass(frozen=True)
class Sample:
    """A request on a concept or task page, where it tells more than the reference."""

    verb: str
    path: str
    status: int | None
    members: frozenset[str]


@dataclass(frozen=True)
class Tables:
    resources: Mapping[str, Resource]
    enums: Mapping[str, frozenset[str]]
    failures_anywhere: frozenset[Failure]
    failures_of_operations: frozenset[Failure]
    failures_of_verb: Mapping[str, frozenset[Failure]]
    error_members: frozenset[str]
    codes_outside_events: frozenset[str]
    events: frozenset[Event]
    samples: tuple[Sample, ...]
    pages_of_rel: Mapping[str, tuple[Resource, ...]]
    """All revisions of a resource, under its rel."""

    @classmethod
    @cache
    def load(cls) -> Tables:
        documents = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.iterdir()}
        errors = documents["errors"]
        resources = read_resources(documents["resources"]["resources"], errors["boilerplate"])
        return cls(
            resources=resources,
            enums=read_enums(documents["enums"]["enums"]),
            failures_anywhere=read_failures_anywhere(errors),
            failures_of_operations=frozenset(map(Failure.of, errors["pairs"])),
            failures_of_verb={
                verb: frozenset(map(Failure.of, rows))
                for verb, rows in errors["boilerplate"].items()
            },
            error_members=frozenset(errors["body"]),
            codes_outside_events=read_codes_outside_events(errors),
            events=read_events(documents["events"]),
            samples=read_samples(documents["resources"]["concept_http"]),
            pages_of_rel=by_rel(resources.values()),
        )


def read_resources(
    rows: Mapping[str, Row], usual_errors: Mapping[str, list[str]]
) -> dict[str, Resource]:
    return {page: read_resource(page, rows, usual_errors) for page in rows}


def read_resource(
    page: str, rows: Mapping[str, Row], usual_errors: Mapping[str, list[str]]
) -> Resource:
    row = rows[page]
    alias = rows.get(row.get("alias_of", ""), {})  # the page whose tables hold for this one too
    links = {**alias.get("links", {}), **row["links"]}
    embedded = {**alias.get("embedded", {}), **row.get("embedded", {})}
    return Resource(
        page=page,
        rel=row["rel"],
        served_as=frozenset(
            filter(None, [page, row["rel"], row.get("sample_rel"), row.get("alias_of")])
        ),
        paths=(*row.get("concept_paths", []), *row["paths"]),
        properties=properties({**alias.get("properties", {}), **row["properties"]}),
        links={rel: Link.of(rel, link) for rel, link in links.items()},
        embedded={key: Embedded.of(key, value) for key, value in embedded.items()},
        operations={
            verb: Operation.of(verb, operation, usual_errors.get(verb, []))
            for verb, operation in row["operations"].items()
        },
    )


def by_rel(resources: Iterable[Resource]) -> dict[str, tuple[Resource, ...]]:
    pages: dict[str, tuple[Resource, ...]] = {}
    for resource in resources:
        pages[resource.rel] = (*pages.get(resource.rel, ()), resource)
    return pages


def read_enums(rows: Mapping[str, Row]) -> dict[str, frozenset[str]]:
    return {
        name: frozenset([*row["members"], *row.get("not_on_page", [])])
        for name, row in rows.items()
    }


def read_failures_anywhere(errors: Row) -> frozenset[Failure]:
    generic = [
        Failure(row["status"], row["code"], row["subcode"])
        for row in errors["generic"].values()
        if row["status"] and row["code"]
    ]
    by_code = [Failure(row["status"], spelled(code)) for code, row in errors["http"].items()]
    told = [
        Failure(status, code, subcode) for _, status, code, subcode in errors["stated_elsewhere"]
    ]
    return frozenset([*generic, *by_code, *told])


def spelled(code: str) -> str:
    """The table of HTTP codes writes PreCondition…, the enumeration ErrorCode Precondition…"""
    return code.replace("PreCondition", "Precondition")


def read_codes_outside_events(errors: Row) -> frozenset[str]:
    return frozenset(
        spelled(code) for code, row in errors["http"].items() if not row["event_channel"]
    )


def read_events(document: Row) -> frozenset[Event]:
    told = [event for page in document["concept"].values() for event in page]
    shown = [
        {**sample, "type": type_}
        for page in document["events"].values()
        for type_, event in page.items()
        for sample in event["samples"]
    ]
    listed = [
        Event(row["sender"], row["resource"], type_)
        for page in document["events"].values()
        for type_, event in page.items()
        for row in event["rows"]
    ]
    samples = [Event(row["sender"], row["target"], row["type"]) for row in [*told, *shown]]
    return frozenset([*listed, *samples])


def read_samples(rows: Iterable[Row]) -> tuple[Sample, ...]:
    return tuple(
        Sample(row["verb"], row["path"], row.get("status"), frozenset(row.get("json_keys", [])))
        for row in rows
        if "verb" in row and "path" in row
    )
