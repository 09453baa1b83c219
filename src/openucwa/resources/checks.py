"""Refusing declarations that can't be served as they are, when the server starts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import msgspec

from openucwa.resources import description
from openucwa.resources.path import ADDRESS
from openucwa.resources.resource import Resource, no_properties
from openucwa.resources.verb import Verb
from openucwa.wire.channel import EventType

_Resource = Resource[Any]


class WrongDeclaration(ValueError):
    """A resource is declared wrongly. The message names its file and its rel."""

    def __init__(self, resource: _Resource, what: str) -> None:
        file = resource.module.replace(".", "/")
        super().__init__(f"{file}.py: {resource.rel} {what}.")


def check(resources: Sequence[_Resource], by_rel: Mapping[str, _Resource]) -> None:
    """Raise WrongDeclaration for the first thing that is wrong."""
    _check_rels(resources)
    _check_paths(resources)
    for resource in resources:
        if resource.finder is None:
            _refuse(resource, "does not tell how it is found: declare it with find")
        if resource.properties is not no_properties:
            shown, _ = description.returned(resource.properties)
            if len(shown) != 1:
                _refuse(resource, "has properties without the type that they return")
        if resource.shared_path and resource.capabilities:
            _refuse(resource, "has a shared_path and capabilities, which its twin would not have")
        can_be_deleted = any(type is EventType.DELETED for type, _ in resource.notices)
        if resource.shared_path and can_be_deleted and resource.deletion is None:
            _refuse(resource, "tells others of deletions: declare to whom with tells_deletion")
        for rel, why in _named(resource):
            if rel not in by_rel:
                _refuse(resource, f"names {rel!r} as {why}, which no resource has")
        for rel, why in _with_its_keys(resource):
            for key in by_rel[rel].template.keys:
                if key not in resource.template.keys:
                    _refuse(
                        resource, f"names {rel!r} as {why}, but has no key {key!r} for its path"
                    )
        for method, verb in resource.verbs.items():
            _check_verb(resource, method, verb)


def _check_rels(resources: Iterable[_Resource]) -> None:
    declared: dict[str, _Resource] = {}
    for resource in resources:
        for rel in resource.rels:
            other = declared.setdefault(rel, resource)
            if other is not resource and not resource.is_twin_by_path:
                _refuse(resource, f"has the rel {rel!r}, which {_name(other)} has already")


def _check_paths(resources: Iterable[_Resource]) -> None:
    """See that each path leads to one resource, and each key in it has one name."""
    served: dict[tuple[str, ...], _Resource] = {}
    keys: dict[tuple[str, ...], tuple[str, _Resource]] = {}
    literals: dict[tuple[str, ...], _Resource] = {}
    for resource, path in ((one, path) for one in resources for path in one.templates):
        shape: tuple[str, ...] = ()
        for segment in path.segments:
            is_key = segment.startswith("{")
            if is_key:
                known, other = keys.setdefault(shape, (segment, resource))
                if known != segment:
                    _refuse(resource, f"calls a key {segment} that {_name(other)} calls {known}")
            else:
                literals.setdefault(shape, resource)
            if shape in keys and shape in literals and keys[shape][0] != ADDRESS:
                other = literals[shape] if is_key else keys[shape][1]
                _refuse(
                    resource,
                    f"has a path that shadows that of {_name(other)}: {path.without_query}",
                )
            shape += ("{}" if is_key else segment.lower(),)
        if shape in served:
            _refuse(resource, f"has the same path as {_name(served[shape])}: {path.without_query}")
        served[shape] = resource
        if path.keys != resource.template.keys:
            _refuse(resource, f"has an alias with other keys than its path: {path.without_query}")


def _check_verb(resource: _Resource, method: str, verb: Verb) -> None:
    returned, _ = description.returned(verb.function)
    if verb.answers is None and method == "POST":
        if returned:
            _refuse(resource, "has a POST that returns an entity: declare what it answers")
        if verb.repeatable:
            _refuse(resource, "has a repeatable POST: declare what it answers")
    served = description.properties_of(resource)
    if method == "PUT" and verb.input and served:
        names = {field.encode_name for field in msgspec.structs.fields(served)}
        for field in msgspec.structs.fields(verb.input):
            if field.encode_name not in names:
                _refuse(
                    resource,
                    f"takes {field.encode_name!r} in a PUT, but does not serve it: add it to "
                    f"{served.__name__}",
                )


def _named(resource: _Resource) -> Iterator[tuple[str, str]]:
    """The rels that a resource names, and as what."""
    yield from ((one.rel, "a link") for one in resource.links)
    yield from ((one.rel, "an embedded resource") for one in resource.embedded)
    yield from _of_events(resource)
    yield from ((verb.answers, "an answer") for verb in resource.verbs.values() if verb.answers)


def _with_its_keys(resource: _Resource) -> Iterator[tuple[str, str]]:
    """Those of them whose path has the keys of the resource itself."""
    yield from ((one.rel, "a link") for one in resource.links if one.target is None)
    yield from _of_events(resource)


def _of_events(resource: _Resource) -> Iterator[tuple[str, str]]:
    for notice in resource.notices.values():
        yield notice.sender, "the sender of an event"
        if notice.within:
            yield notice.within, "the collection of an event"


def _name(resource: _Resource) -> str:
    return f"{resource.rel} ({resource.module.replace('.', '/')}.py)"


def _refuse(resource: _Resource, what: str) -> NoReturn:
    raise WrongDeclaration(resource, what)
