"""Descriptions of resources, derived from their declarations.

The OpenAPI document and docs/reference are both written from this, so they tell the same.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from types import ModuleType, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from openucwa.domain.applications import Application
from openucwa.resources.relation import Relation
from openucwa.resources.resource import Audience, Resource, no_properties
from openucwa.resources.verb import Existing, Verb

ByRel = Callable[[str], Resource[Any]]
"""A function that finds the resource of a rel, such as the registry's `of`."""

_PACKAGE = __package__
_RAISES = re.compile(r"\s*\bRaises\b[^.]*\.")


@dataclass(frozen=True)
class RelationSummary:
    """A link or an embedded resource: one or many, always there or not.

    `when` tells which, or when, if the declaration has words for it.
    """

    rel: str
    is_many: bool
    is_optional: bool
    when: str


def summary(resource: Resource[Any]) -> str:
    """Return the summary of a resource: the first line of its file, behind its name.

    What a capability does is told with its function, since it shares the file.
    """
    if is_capability(resource):
        return told(resource.verbs["POST"].function)
    first = (module_of(resource).__doc__ or "").partition("\n")[0]
    return sentence(first.partition(": ")[2])


def is_capability(resource: Resource[Any]) -> bool:
    """Return True for a capability: its path is below that of an entity."""
    return resource.is_capability


def area(resource: Resource[Any]) -> str:
    """Return the area of a resource: the folder of its file."""
    return module_of(resource).__name__.removeprefix(f"{_PACKAGE}.").partition(".")[0]


def module_of(resource: Resource[Any]) -> ModuleType:
    """The file that declares a resource."""
    return sys.modules[resource.module]


def told(function: Callable[..., object]) -> str:
    """Return a function's docstring on one line, without what it raises: that is declared."""
    text = " ".join((inspect.getdoc(function) or "").split())
    return _RAISES.sub("", text).strip()


def sentence(text: str) -> str:
    """The text with a capital letter in front."""
    return text[:1].upper() + text[1:]


def properties_of(resource: Resource[Any]) -> type[msgspec.Struct] | None:
    """The structure of what is served; None where there is none, or clients choose the names."""
    if resource.properties is no_properties:
        return None
    (served,), _ = returned(resource.properties)
    return served if get_origin(served) is None else None


@cache
def words(structure: type[msgspec.Struct]) -> Mapping[str, str]:
    """Return the descriptions of a structure's members, by attribute: the text below each.

    Python does not keep it, so it comes from the source; where there is none, there are no words.
    `described_in` of a structure names another one, whose texts describe members that were added.
    """
    other = getattr(structure, "described_in", None)
    found = {**words(other)} if other else {}
    for one in reversed(structure.__mro__):
        if issubclass(one, msgspec.Struct) and one is not msgspec.Struct:
            found |= _own_words(one)
    return found


def _own_words(structure: type[msgspec.Struct]) -> Mapping[str, str]:
    """The same of those members that its base has not."""
    body: list[ast.stmt] = []
    with suppress(OSError):
        (found,) = ast.parse(textwrap.dedent(inspect.getsource(structure))).body
        assert isinstance(found, ast.ClassDef)
        body = found.body
    return {
        field.target.id: " ".join(str(text.value.value).split())
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def has_free_properties(resource: Resource[Any]) -> bool:
    """Return True if clients choose the names of some properties."""
    return resource.properties is not no_properties and properties_of(resource) is None


def is_versioned(resource: Resource[Any]) -> bool:
    """Return True if what it shows has an ETag."""
    entity = _entity(resource)
    return hasattr(entity, "version")


def is_in_application(resource: Resource[Any]) -> bool:
    """Return True if it lies within an application."""
    return "{application_id}" in resource.template.segments


def keys(resource: Resource[Any]) -> Sequence[str]:
    """The keys in its path and its query."""
    return re.findall(r"\{(\w+)\}", resource.path)


def place(resource: Resource[Any], key: str) -> tuple[str, str]:
    """Return where a key stands, and under which name: `("query", "groupId")`, for example."""
    name = resource.template.queried.get(key)
    return ("path", key) if name is None else ("query", name)


def links(by_rel: ByRel, resource: Resource[Any]) -> Sequence[RelationSummary]:
    """Return the links of a resource, and when they are there."""
    return [
        _for_audience(_link(by_rel(one.rel), one), resource, by_rel(one.rel))
        for one in resource.links
    ]


def parts(by_rel: ByRel, resource: Resource[Any]) -> Sequence[RelationSummary]:
    """Return what a resource embeds, and when. A list is left out when it is empty."""
    return [
        _for_audience(_part(resource, one), resource, by_rel(one.rel)) for one in resource.embedded
    ]


def may_be_known(verb: Verb) -> bool:
    """Return True if what POST was to make may be there already."""
    parts, _ = returned(verb.function)
    return any(get_origin(part) is Existing for part in parts)


def is_application(resource: Resource[Any]) -> bool:
    """Return True if it shows applications, within which others are found."""
    return _entity(resource) is Application


def has_entities(resource: Resource[Any]) -> bool:
    """Return True if there can be anything to show."""
    parts, may_be_none = returned(resource.finder) if resource.finder else ((), True)
    return bool(parts) or not may_be_none


def _link(target: Resource[Any], relation: Relation[Any]) -> RelationSummary:
    if relation.when is not None:
        return RelationSummary(
            relation.rel, is_many=False, is_optional=True, when=told(relation.when)
        )
    if relation.target is not None:
        return _lead(relation.rel, relation.target)
    if target.template.has_keys:
        return RelationSummary(relation.rel, is_many=False, is_optional=False, when="")
    return _lead(relation.rel, target.finder)


def _part(resource: Resource[Any], relation: Relation[Any]) -> RelationSummary:
    if relation.target is not None:
        return _lead(relation.rel, relation.target)
    if relation.load is not None:
        return _lead(relation.rel, relation.load, of_many=True)
    entity = _entity(resource)
    is_many = entity is not None and issubclass(entity, Sequence)
    return RelationSummary(relation.rel, is_many, is_optional=is_many, when="")


def _for_audience(
    lead: RelationSummary, resource: Resource[Any], target: Resource[Any]
) -> RelationSummary:
    """Return a relation that is left out for viewers whom its target is not for."""
    if target.audience in (Audience.EVERYBODY, resource.audience):
        return lead
    whom = "users alone" if target.audience is Audience.USERS else "guests alone"
    when = f"{lead.when} For {whom}.".strip()
    return replace(lead, is_optional=True, when=when)


def _lead(
    rel: str, function: Callable[..., object] | None, *, of_many: bool = False
) -> RelationSummary:
    if function is None:
        return RelationSummary(rel, is_many=False, is_optional=True, when="")
    parts, is_optional = _of_each(function) if of_many else returned(function)
    is_many = any(issubclass(get_origin(part) or part, Sequence) for part in parts)
    words = told(function) if is_many or is_optional else ""
    return RelationSummary(rel, is_many, is_many or is_optional, words)


def _entity(resource: Resource[Any]) -> type | None:
    """The type of what is shown; None for the viewer herself, whom dashboards show."""
    parts, _ = returned(resource.finder) if resource.finder else ((), True)
    return parts[0] if parts else None


def returned(function: Callable[..., object]) -> tuple[Sequence[Any], bool]:
    """The types that a function returns beside None, and whether it may return None."""
    hints: Mapping[str, Any] = get_type_hints(function)
    return _parts(hints["return"]) if "return" in hints else ((), False)


def _of_each(function: Callable[..., object]) -> tuple[Sequence[Any], bool]:
    """The same of what a function returns for each of many entities, as a sequence."""
    (each,) = get_args(get_type_hints(function)["return"])
    return _parts(each)


def _parts(hint: Any) -> tuple[Sequence[Any], bool]:
    union = isinstance(hint, UnionType) or get_origin(hint) is Union
    parts = get_args(hint) if union else (hint,)
    known = [part for part in parts if part not in (None, NoneType)]
    return known, len(known) < len(parts)
