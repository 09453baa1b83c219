"""Writes docs/reference/resources.md from the resources, as `make reference`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from openucwa.http.openapi.document import document
from openucwa.http.openapi.failures import OF_APPLICATIONS, OF_BODIES, OF_USERS, Errors, errors_of
from openucwa.http.openapi.operations import SPECIAL, operation_id
from openucwa.http.openapi.special import EVENT_ERRORS
from openucwa.resources import description
from openucwa.resources.all import REGISTRY
from openucwa.resources.description import RelationSummary, sentence
from openucwa.resources.path import ROOT
from openucwa.resources.registry import Registry
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.verb import Verb
from openucwa.wire.errors import (
    NotFound,
    ParameterValidationFailure,
    PreconditionFailed,
    PreconditionRequired,
    TooManyRequests,
    UcwaError,
)

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "resources.md"

_COMMON: Errors = (*OF_USERS, *OF_APPLICATIONS, NotFound, TooManyRequests)
_OF_INPUT: Errors = (*OF_BODIES, ParameterValidationFailure)
_OF_VERSIONS: Errors = (PreconditionFailed, PreconditionRequired)

_AUDIENCES = {
    Audience.USERS: "",
    Audience.GUESTS: ", for guests alone",
    Audience.EVERYBODY: ", for guests, too",
}

_INTRODUCTION = f"""\
# Resources

For developers of UCWA clients: what this server serves, and takes. This page is written by
`make reference` from the declarations of the resources, as is the OpenAPI document that the server
has at `/openapi.json`. What UCWA itself says of a resource, its page in UCWA's documentation tells;
[What OpenUCWA adds](../extensions.md) is not to be found there.

- Follow links: a path is here so that you recognize it, not so that you make it up. All of them lie
  below `{ROOT}`.
- Ignore what you do not know. A property that is not always there is left out when it has no value.
- The members of a request may be left out unless they are required, and null counts as left out.
  Their names compare without case. Where this page says "its default", policy may set it.
- A resource with an `etag` has it in the `ETag` header, too. Send it with GET as `If-None-Match`,
  and you do not get again what you have; with PUT or DELETE as `If-Match`, and you overwrite only
  what you have seen.
"""


_TYPES = {"Date": "date", "DateSent": "date", "SpanSent": "span of time"}
"""The types that have no section of their own."""


def page(registry: Registry = REGISTRY) -> str:
    """The page as it has to be."""
    written = document(registry)
    areas = _areas(registry)
    blocks = [_INTRODUCTION, *_contents(areas), *_errors()]
    for area, resources in areas.items():
        blocks.append(f"## {_title(area)}\n")
        for resource in resources:
            blocks.extend(_resource(registry, resource, written))
    blocks.extend(_enumerations(written))
    return "\n".join(blocks)


def _areas(registry: Registry) -> Mapping[str, Sequence[Resource[Any]]]:
    areas: dict[str, list[Resource[Any]]] = {}
    for resource in registry.resources:
        if resource.twin_of is not None:
            continue
        areas.setdefault(description.area(resource), []).append(resource)
    return areas


def _contents(areas: Mapping[str, Sequence[Resource[Any]]]) -> Iterator[str]:
    for area, resources in areas.items():
        names = ", ".join(_link(one.rel) for one in resources)
        yield f"- {_title(area)}: {names}"
    yield "- [Enumerations](#enumerations)\n"


def _errors() -> Iterator[str]:
    yield "## Errors\n"
    yield (
        "An error has a status, a `code`, often a `subcode`, and a `message` that says what to do. "
        "Any request may meet these:\n"
    )
    yield from _error_table(_COMMON)
    yield "A request without a token, or with one that has expired, is answered with 401 and the"
    yield "headers that say where to get one. A request with input may also meet these:\n"
    yield from _error_table(_OF_INPUT)
    yield "A request that names a version, or has to, as PUT with its `If-Match`, may meet these."
    yield "With `Prefer: return=representation` the 412 contains the current resource.\n"
    yield from _error_table(_OF_VERSIONS)


def _resource(
    registry: Registry, resource: Resource[Any], written: Mapping[str, Any]
) -> Iterator[str]:
    yield f"### {resource.rel}\n"
    for rel in resource.variants:
        yield f'<a id="{rel.lower()}"></a>Also served as **{rel}**, at the same path.\n'
    for rel in resource.synonyms:
        yield f'<a id="{rel.lower()}"></a>Links of the rel **{rel}** lead here, too.\n'
    yield f"{description.summary(resource)}\n"
    yield f"`{resource.path}`{_AUDIENCES[resource.audience]}\n"
    if resource.as_table:
        yield f"With `Accept: text/csv`, a table of {_link(resource.as_table)}.\n"
    for alias in resource.aliases:
        yield f"The path `{alias}` leads there, too.\n"
    if resource.shared_path:
        rel = resource.shared_rel
        there = f'<a id="{rel.lower()}"></a>Of others, as **{rel}**' if rel else "Of others"
        yield f"{there}: `{resource.shared_path}`\n"
    if not description.is_capability(resource):
        yield from _properties(resource, written["components"]["schemas"])
    if description.has_free_properties(resource):
        yield "Further properties are those that its application has given it.\n"
    yield from _table(
        "link", "when it is there", map(_lead, description.links(registry.of, resource))
    )
    yield from _table(
        "embedded", "when it is there", map(_lead, description.parts(registry.of, resource))
    )
    if resource.asked:
        yield "GET takes these parameters in the query:\n"
        asked = written["paths"][ROOT + resource.template.without_query]["get"]["parameters"]
        yield from _parameters(one for one in asked if one.get("in") == "query")
    yield from _events(resource)
    if resource.rel in SPECIAL:
        yield from _special(resource, written["paths"][ROOT + resource.template.without_query])
    for method, verb in resource.verbs.items():
        yield from _verb(resource, method, verb, written)


def _properties(resource: Resource[Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    schema = schemas[resource.rel]
    rows = []
    for name, one in schema["properties"].items():
        if name not in ("_links", "_embedded", "rel"):
            there = "" if name in schema["required"] else "Not always there."
            rows.append((f"`{name}`", _type(one), f"{_words(one, schemas)} {there}".strip()))
    yield from _table3("property", "type", "what it is", rows)


def _events(resource: Resource[Any]) -> Iterator[str]:
    rows = []
    for (type, _), notice in resource.notices.items():
        told = [f"sent by {_link(notice.sender)}", f"priority {notice.priority}"]
        if notice.within and type in ("added", "deleted"):
            told.append(f"in {_link(notice.within)}")
        if notice.embedded and type != "deleted":
            told.append("carries the resource")
        rows.append((f"`{resource.rel} {type}`", ", ".join(told)))
    yield from _table("event", "how it is told", rows)


def _special(resource: Resource[Any], item: Mapping[str, Any]) -> Iterator[str]:
    (method,) = item.keys() - {"parameters"}
    operation = item[method]
    yield f"#### {method.upper()} {resource.rel}\n"
    yield f"{operation['description']}\n"
    yield from _parameters(operation.get("parameters", ()))
    if resource.rel == "events":
        yield from _error_table(EVENT_ERRORS)


def _parameters(parameters: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    rows = [(f"`{one['name']}`", _type(one["schema"]), one["description"]) for one in parameters]
    yield from _table3("parameter", "type", "what it is", rows)


def _verb(
    resource: Resource[Any], method: str, verb: Verb, written: Mapping[str, Any]
) -> Iterator[str]:
    yield f"#### {method} {resource.rel}\n"
    yield f"{description.told(verb.function)}\n"
    if verb.raw:
        kinds = " or ".join(f"`{one}`" for one in verb.raw.media_types)
        most = f"{verb.raw.longest:,} characters at most"
        yield f"Its body is {kinds}, {most}. It takes these parameters in the query:\n"
        asked = written["paths"][ROOT + resource.template.without_query][method.lower()]
        yield from _parameters(one for one in asked["parameters"] if one.get("in") == "query")
    elif verb.input:
        schema = written["components"]["schemas"][operation_id(method, resource)]
        required = schema.get("required", ())
        rows = [
            (f"`{name}`", _type(one), "required" if name in required else _default(one))
            for name, one in schema["properties"].items()
        ]
        yield from _table3("member", "type", "if it is left out", rows)
    yield f"Answers {_answer(verb)}.\n"
    if verb.repeatable:
        yield "With an `Idempotency-Key` it can be repeated, and answers with what it has made.\n"
    common = {*_COMMON, *_OF_INPUT, *_OF_VERSIONS}
    yield from _error_table(one for one in errors_of(resource, method) if one not in common)


def _answer(verb: Verb) -> str:
    if verb.answers is None:
        return f"{verb.status}, without a body"
    known = ", or 200 where it was there already" if description.may_be_known(verb) else ""
    return f"{verb.status} with {_link(verb.answers)}{known}"


def _default(schema: Mapping[str, Any]) -> str:
    if "default" not in schema:
        return "its default"
    default = schema["default"]
    text = ", ".join(default) if isinstance(default, (list, tuple)) else str(default)
    return f"`{text}`" if text else "empty"


def _type(schema: Mapping[str, Any]) -> str:
    """A type in words; enumerations and resources as links."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _TYPES.get(name) or _link(name)
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        return _type(schema["anyOf"][0])
    type = schema.get("type")
    type = type[0] if isinstance(type, list) else type
    if type == "array":
        most = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
        return f"list of {_type(schema['items'])}{most}"
    most = f", at most {schema['maxLength']} characters" if "maxLength" in schema else ""
    return f"{type or 'any'}{most}"


def _words(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Return the description of a property, or else that of its enumeration."""
    enumeration = schema.get("items", schema).get("$ref", "").rpartition("/")[2]
    words = schema.get("description") or schemas.get(enumeration, {}).get("description", "")
    assert isinstance(words, str)
    return words


def _lead(lead: RelationSummary) -> tuple[str, str]:
    many = "many; " if lead.is_many else ""
    when = lead.when or ("not always" if lead.is_optional else "always")
    return _link(lead.rel), f"{many}{when}"


def _enumerations(written: Mapping[str, Any]) -> Iterator[str]:
    yield "## Enumerations\n"
    for name, schema in sorted(written["components"]["schemas"].items()):
        if "enum" in schema:
            yield f"### {name}\n"
            yield f"{schema['description']}\n"
            yield ", ".join(f"`{value}`" for value in schema["enum"]) + "\n"


def _error_table(errors: Iterable[type[UcwaError]]) -> Iterator[str]:
    rows = sorted((one.status, one.subcode or one.code, one.__doc__ or "") for one in errors)
    yield from _table3(
        "status", "code", "means", [(str(status), f"`{code}`", text) for status, code, text in rows]
    )


def _table(first: str, second: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield from _rows((first, second), list(rows))


def _table3(
    first: str, second: str, third: str, rows: Iterable[tuple[str, str, str]]
) -> Iterator[str]:
    yield from _rows((first, second, third), list(rows))


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield f"| {' | '.join(head)} |"
        yield "|" + "---|" * len(head)
        yield from (f"| {' | '.join(row)} |" for row in rows)
        yield ""


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _title(area: str) -> str:
    return sentence(area.replace("_", " "))


if __name__ == "__main__":
    PAGE.write_text(page())
