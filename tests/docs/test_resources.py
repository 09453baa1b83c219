"""The reference of the resources."""

import enum
import inspect
import re
from typing import Any, get_args

import msgspec
import pytest

from openucwa.resources import description
from openucwa.resources.all import REGISTRY
from openucwa.resources.resource import Resource
from openucwa.resources.verb import Verb
from tools import reference

RESOURCES = {resource.rel: resource for resource in REGISTRY.resources}
VERBS = [
    pytest.param(verb, id=f"{method} {resource.rel}")
    for resource in RESOURCES.values()
    for method, verb in resource.verbs.items()
]
each_resource = pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES.keys())
each_verb = pytest.mark.parametrize("verb", VERBS)


def test_the_reference_is_up_to_date() -> None:
    """Where this fails, `make reference` mends it."""
    assert reference.PAGE.read_text() == reference.page()


def enumeration(type: Any) -> Any:
    """The enumeration whose members a property has; None where it has others."""
    if isinstance(type, enum.EnumMeta):
        return type
    return next(filter(None, map(enumeration, get_args(type))), None)


@each_resource
def test_a_resource_says_what_it_is(resource: Resource[Any]) -> None:
    """Its file does, in a first line that starts with its name; of a capability, its function."""
    first = (description.module_of(resource).__doc__ or "").partition("\n")[0]
    if not description.is_capability(resource):
        assert (resource.twin_of or resource).rel in first.partition(": ")[0]
    assert description.summary(resource)


@each_resource
def test_a_property_says_what_it_is(resource: Resource[Any]) -> None:
    """It does so in a text below it, or with its enumeration's."""
    served = description.properties_of(resource)
    if served is not None:
        words = description.words(served)
        for field in msgspec.structs.fields(served):
            assert field.name in words or enumeration(field.type), field.name


@each_verb
def test_a_verb_says_what_it_does(verb: Verb) -> None:
    assert description.told(verb.function)


@each_verb
def test_a_verb_declares_what_it_raises(verb: Verb) -> None:
    """What the text of its function names is what clients are told of."""
    raised = re.search(r"Raises ([^.]*)\.", inspect.getdoc(verb.function) or "")
    named = re.findall(r"\b[A-Z]\w+", raised[1]) if raised else []
    assert {error.__name__ for error in verb.errors} == set(named)
    assert all(error.__doc__ for error in verb.errors)
