"""All that a user has, and removing it."""

import re
from datetime import timedelta

import pytest

from openucwa.domain.people import MeetingKey, Profile, User
from openucwa.store.belongings import Belongings
from openucwa.store.connection import Connection
from openucwa.store.copying.tables import CopiedTable, tables
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel
from tests.store.memory import NOW, application, details

OF_A_USER = re.compile(r"(user|organizer|delegate|author)_id|guest_organizer_id")
SOON = NOW + timedelta(hours=1)


def add(tx: Transaction, name: str) -> User:
    user = tx.of(Users).add(Profile(uri=f"sip:{name}@contoso.com", name=name), "hash")
    assert user is not None
    return user


def settle(tx: Transaction, user: User) -> MeetingKey:
    """Let a user have something of each kind, and a guest who has, too."""
    hers = application(user.id)
    tx.of(Applications).add(hers)
    tx.of(Channels).open(hers)
    tx.of(Tokens).add(f"token {user.id}", user, SOON)
    tx.of(Tokens).add(f"old token {user.id}", user, NOW)
    meeting = tx.of(Meetings).add(
        OnlineMeetingRel.MY_ONLINE_MEETINGS, details(f"Review {user.id}"), by=hers
    )
    key = MeetingKey(organizer_id=user.id, online_meeting_id=meeting.online_meeting_id)
    guest = tx.of(Users).add_guest(key)
    tx.of(Tokens).add(f"guest's token {user.id}", guest, SOON)
    theirs = application(guest.id, id=7 * hers.id)
    tx.of(Applications).add(theirs)
    tx.of(Channels).open(theirs)
    return key


def test_tells_what_a_user_has(tx: Transaction) -> None:
    dana, chris = add(tx, "dana"), add(tx, "chris")
    settle(tx, dana)
    owned = tx.of(Belongings).of(dana)
    assert owned.meetings == [f"Review {dana.id}"]
    assert (owned.guests, owned.applications, owned.tokens) == (1, 1, 1)
    nothing = tx.of(Belongings).of(chris)
    assert (nothing.meetings, nothing.guests, nothing.applications, nothing.tokens) == ([], 0, 0, 0)


def test_removes_it_and_nothing_of_others(tx: Transaction) -> None:
    dana, chris = add(tx, "dana"), add(tx, "chris")
    meeting, others = settle(tx, dana), settle(tx, chris)
    before = tx.of(Belongings).of(chris)
    tx.of(Belongings).remove(dana)
    assert tx.of(Users).all() == [chris]
    assert tx.of(Belongings).of(chris) == before
    assert tx.of(Tokens).get(f"token {chris.id}")
    assert tx.of(Users).guests(others, NOW) == 1
    assert tx.of(Users).guests(meeting, NOW) == 0
    assert tx.of(Meetings).get(dana.id, meeting.online_meeting_id) is None
    for owner in (dana, chris):
        for whose in ("", "old ", "guest's "):
            assert bool(tx.of(Tokens).get(f"{whose}token {owner.id}")) == (owner is chris)


@pytest.mark.parametrize(
    "table",
    [one for one in tables() if any(OF_A_USER.fullmatch(column) for column in one.columns)],
    ids=lambda table: table.name,
)
def test_no_table_keeps_anything_of_her(
    tx: Transaction, connection: Connection, table: CopiedTable
) -> None:
    """Whichever tables there are: this fails for one that the removal does not know."""
    dana, chris = add(tx, "dana"), add(tx, "chris")
    for user in (dana, chris):
        values: dict[str, object] = {
            column: user.id if OF_A_USER.fullmatch(column) else f"{user.id}{number}"
            for number, column in enumerate(table.columns)
        }
        if table.name == "users":
            values["id"] = -user.id
        names = ", ".join(f":{name}" for name in values)
        connection.execute(f"INSERT INTO {table.name} VALUES ({names})", values)  # noqa: S608 - of the catalog
    tx.of(Belongings).remove(dana)
    column = next(one for one in table.columns if OF_A_USER.fullmatch(one))
    found = connection.execute(f"SELECT {column} FROM {table.name} WHERE {column} > 0", {})  # noqa: S608 - of the catalog
    assert {int(id) for (id,) in found.fetchall()} == {chris.id}


def test_the_id_is_not_used_again_while_its_facts_are_told(tx: Transaction) -> None:
    """A client that still waits can't be shown what another user does."""
    dana = add(tx, "dana")
    tx.of(Belongings).remove(dana)
    assert add(tx, "chris").id > dana.id


def test_the_address_and_the_join_name_are_free_again(tx: Transaction) -> None:
    dana = add(tx, "dana")
    tx.of(Belongings).remove(dana)
    again = add(tx, "dana")
    assert (again.uri, again.join_name) == (dana.uri, dana.join_name)
    assert tx.of(Belongings).of(again).meetings == []
