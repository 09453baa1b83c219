"""What the registry refuses at start: in one sentence, which names the file and the rel."""

from collections.abc import Callable

import msgspec
import pytest

from openucwa.resources.checks import WrongDeclaration
from openucwa.resources.registry import Registry
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.given import Given


class Cup(msgspec.Struct, kw_only=True, rename="camel"):
    cup_id: str = ""
    full_name: str = ""


class Shown(msgspec.Struct, kw_only=True, rename="camel"):
    cup_id: str


def shown(me: Me, cup: Cup) -> Shown:
    return Shown(cup_id=cup.cup_id)


def declared(rel: str, path: str, *aliases: str) -> Resource[Cup]:
    resource = Resource[Cup](rel=rel, path=path, aliases=aliases, properties=shown)

    @resource.find
    def find(tx: Transaction, me: Me, /, **keys: str) -> Cup | None:
        return None

    return resource


Declarations = list[Resource[Cup]]


def without_a_finder() -> Declarations:
    return [Resource[Cup](rel="cup", path="cups/{cup_id}")]


def one_rel_twice() -> Declarations:
    return [declared("cup", "cups/{cup_id}"), declared("cup", "glasses/{cup_id}")]


def one_path_twice() -> Declarations:
    return [declared("cups", "cups"), declared("glasses", "Cups")]


def an_alias_that_is_a_path() -> Declarations:
    return [declared("cups", "cups"), declared("glasses", "glasses", "Cups")]


def an_alias_without_the_keys() -> Declarations:
    return [declared("cup", "cups/{cup_id}", "cup")]


def one_path_twice_with_a_key() -> Declarations:
    return [declared("glass", "cups/{cup_id}"), declared("cup", "cups/{cup_id}")]


def two_names_of_a_key() -> Declarations:
    return [declared("glass", "cups/{cup_id}"), declared("cup", "cups/{id}/handle")]


def a_literal_beside_a_key() -> Declarations:
    return [declared("glass", "cups/{cup_id}"), declared("cup", "cups/first")]


def a_key_beside_a_literal() -> Declarations:
    return [declared("glass", "cups/first/handle"), declared("cup", "cups/{cup_id}")]


def a_link_to_nothing() -> Declarations:
    cup = declared("cup", "cups/{cup_id}")
    cup.link("saucer")
    return [cup]


def a_link_to_what_has_other_keys() -> Declarations:
    cup = declared("cup", "cups/{cup_id}")
    cup.link("saucer")
    return [cup, declared("saucer", "saucers/{saucer_id}")]


def an_event_of_an_unknown_sender() -> Declarations:
    cup = declared("cup", "cups/{cup_id}")
    cup.sends(EventType.ADDED, sender="kitchen")
    return [cup]


def an_event_in_an_unknown_collection() -> Declarations:
    cup = declared("cup", "cups/{cup_id}")
    cup.sends(EventType.ADDED, sender="cup", within="cups")
    return [cup]


def a_member_that_nothing_serves() -> Declarations:
    cup = declared("cup", "cups/{cup_id}")

    @cup.put(Cup)
    def update(tx: Transaction, me: Me, found: Cup, wanted: Given[Cup]) -> Cup:
        return found

    return [cup]


def properties_of_no_type() -> Declarations:
    cup = declared("cup", "cups/{cup_id}")
    cup.properties = lambda me, found: {}
    return [cup]


def capabilities_that_others_would_not_have() -> Declarations:
    cup = declared("cup", "cups/{cup_id}")
    cup.shared_path = "shared/{cup_id}"

    @cup.capability("wash", when=lambda me, found: True)
    def wash(tx: Transaction, me: Me, found: Cup) -> None:
        """Wash it."""

    return [cup]


@pytest.mark.parametrize(
    ("declare", "words"),
    [
        (without_a_finder, "does not tell how it is found"),
        (one_rel_twice, "the rel 'cup'"),
        (one_path_twice, "the same path as cups"),
        (an_alias_that_is_a_path, "the same path as cups"),
        (an_alias_without_the_keys, "an alias with other keys than its path: cup"),
        (one_path_twice_with_a_key, "the same path as glass"),
        (two_names_of_a_key, "a key {id} that glass"),
        (a_literal_beside_a_key, "shadows that of glass"),
        (a_key_beside_a_literal, "shadows that of glass"),
        (a_link_to_nothing, "names 'saucer' as a link, which no resource has"),
        (a_link_to_what_has_other_keys, "has no key 'saucer_id'"),
        (an_event_of_an_unknown_sender, "names 'kitchen' as the sender of an event"),
        (an_event_in_an_unknown_collection, "names 'cups' as the collection of an event"),
        (properties_of_no_type, "has properties without the type that they return"),
        (capabilities_that_others_would_not_have, "has a shared_path and capabilities"),
        (a_member_that_nothing_serves, "takes 'fullName' in a PUT, but does not serve it"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_is_refused_with_its_file_and_its_rel(
    declare: Callable[[], Declarations], words: str
) -> None:
    with pytest.raises(WrongDeclaration) as refused:
        Registry(declare())
    message = str(refused.value)
    assert words in message
    assert message.startswith("tests/resources/test_checks.py: ")
    assert message.removeprefix("tests/resources/test_checks.py: ").startswith(("cup ", "glasses "))
    assert message.endswith(".")
    assert "\n" not in message
