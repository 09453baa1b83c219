"""Extensions of meetings, and their versions."""

import msgspec
import pytest

from openucwa.domain.extensions import Extension
from openucwa.store.tables.extensions import Extensions
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingExtensionType
from openucwa.wire.errors import NotFound, PreconditionFailed
from tests.store.memory import CHRIS, DANA, extension


@pytest.fixture
def notes(tx: Transaction) -> Extension:
    found = extension()
    tx.of(Extensions).add(found)
    return found


def revised(found: Extension, **members: str) -> Extension:
    return msgspec.structs.replace(found, members=members)


def test_an_extension_is_found_as_added(tx: Transaction, notes: Extension) -> None:
    found = tx.of(Extensions).get(DANA, "ABC", "notes")
    assert found == notes
    assert list(found.members) == list(notes.members)


def test_it_belongs_to_its_meeting_and_organizer(tx: Transaction, notes: Extension) -> None:
    for organizer, meeting, id in (
        (CHRIS, "ABC", "notes"),
        (DANA, "abc", "notes"),
        (DANA, "ABC", "Notes"),
    ):
        assert tx.of(Extensions).get(organizer, meeting, id) is None
    assert tx.of(Extensions).of(CHRIS, "ABC") == tx.of(Extensions).of(DANA, "DEF") == []


def test_extensions_are_listed_in_the_order_of_their_ids(tx: Transaction) -> None:
    for id in ("c", "a", "b"):
        tx.of(Extensions).add(extension(id))
    tx.of(Extensions).add(extension("d", meeting="DEF"))
    assert [one.id for one in tx.of(Extensions).of(DANA, "ABC")] == ["a", "b", "c"]


def test_what_replaces_has_a_new_version(tx: Transaction, notes: Extension) -> None:
    tx.of(Extensions).add(extension("others"))
    wanted = msgspec.structs.replace(
        notes, type=OnlineMeetingExtensionType.UNDEFINED, members={"a": "b"}
    )
    replaced = tx.of(Extensions).replace(notes, wanted)
    assert replaced.version > notes.version
    assert replaced == msgspec.structs.replace(wanted, version=replaced.version)
    assert tx.of(Extensions).of(DANA, "ABC") == [replaced, extension("others")]


def test_only_the_current_version_is_replaced(tx: Transaction, notes: Extension) -> None:
    first = tx.of(Extensions).replace(notes, revised(notes, by="first"))
    with pytest.raises(PreconditionFailed):
        tx.of(Extensions).replace(notes, revised(notes, by="second"))
    assert tx.of(Extensions).of(DANA, "ABC") == [first]


def test_what_is_gone_is_not_replaced(tx: Transaction, notes: Extension) -> None:
    tx.of(Extensions).delete(notes)
    with pytest.raises(PreconditionFailed):
        tx.of(Extensions).replace(notes, revised(notes, by="second"))
    assert tx.of(Extensions).of(DANA, "ABC") == []


def test_only_the_current_version_is_deleted(tx: Transaction, notes: Extension) -> None:
    current = tx.of(Extensions).replace(notes, revised(notes))
    with pytest.raises(PreconditionFailed):
        tx.of(Extensions).delete(notes)
    tx.of(Extensions).add(extension("others"))
    tx.of(Extensions).delete(current)
    assert [one.id for one in tx.of(Extensions).of(DANA, "ABC")] == ["others"]


def test_what_is_gone_is_not_deleted_again(tx: Transaction, notes: Extension) -> None:
    tx.of(Extensions).delete(notes)
    with pytest.raises(NotFound):
        tx.of(Extensions).delete(notes)
