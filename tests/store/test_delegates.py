"""Who acts for whom."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from itertools import permutations
from random import Random
from types import NoneType
from typing import Any

import pytest

from openucwa.domain.meetings import Meeting
from openucwa.domain.people import Profile, User
from openucwa.store.belongings import Belongings
from openucwa.store.connection import Connection
from openucwa.store.postgres import Postgres
from openucwa.store.tables.delegates import MOST, Delegates
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel
from openucwa.wire.errors import AlreadyExists, LimitExceeded
from tests.engines import new_database
from tests.store.memory import NOW, application, details

LONG = 30
"""Seconds after which a test that hangs fails."""


def add(tx: Transaction, name: str) -> User:
    user = tx.of(Users).add(Profile(uri=f"sip:{name}@contoso.com", name=name), "hash")
    assert user is not None
    return user


@pytest.fixture
def dana(tx: Transaction) -> User:
    return add(tx, "dana")


@pytest.fixture
def chris(tx: Transaction) -> User:
    return add(tx, "chris")


def told(tx: Transaction, connection: Connection) -> list[tuple[str, str, str]]:
    """What has been told since the last time, to whom."""
    found = connection.execute("SELECT topic, kind, type FROM facts ORDER BY position", {})
    rows = [(str(topic), str(kind), str(type)) for topic, kind, type in found.fetchall()]
    connection.execute("DELETE FROM facts", {})
    return rows


def test_acting_for_somebody_has_one_direction(tx: Transaction, dana: User, chris: User) -> None:
    delegates = tx.of(Delegates)
    delegates.add(dana, chris)
    assert (delegates.of(dana.id), delegates.organizers(chris.id)) == ([chris], [dana])
    assert (delegates.of(chris.id), delegates.organizers(dana.id)) == ([], [])
    assert delegates.is_delegate(chris.id, organizer_id=dana.id)
    assert not delegates.is_delegate(dana.id, organizer_id=chris.id)


def test_twice_is_refused(tx: Transaction, dana: User, chris: User) -> None:
    tx.of(Delegates).add(dana, chris)
    with pytest.raises(AlreadyExists, match="chris is your delegate already"):
        tx.of(Delegates).add(dana, chris)
    assert tx.of(Delegates).of(dana.id) == [chris]


def test_removing_who_is_none_changes_nothing(tx: Transaction, dana: User, chris: User) -> None:
    tx.of(Delegates).add(dana, chris)
    assert not tx.of(Delegates).remove(chris, dana)
    assert tx.of(Delegates).remove(dana, chris)
    assert not tx.of(Delegates).remove(dana, chris)
    assert tx.of(Delegates).of(dana.id) == []


def test_both_limits(tx: Transaction, dana: User) -> None:
    others = [add(tx, f"user{number:02}") for number in range(MOST + 1)]
    for other in others[:MOST]:
        tx.of(Delegates).add(dana, other)
        tx.of(Delegates).add(other, dana)
    with pytest.raises(LimitExceeded, match="You have 25 delegates"):
        tx.of(Delegates).add(dana, others[-1])
    with pytest.raises(LimitExceeded, match="dana acts for 25 people"):
        tx.of(Delegates).add(others[-1], dana)
    assert tx.of(Delegates).of(dana.id) == others[:MOST]
    tx.of(Delegates).remove(dana, others[0])
    tx.of(Delegates).add(dana, others[-1])


def test_both_sides_are_told(
    tx: Transaction, connection: Connection, dana: User, chris: User
) -> None:
    alex = add(tx, "alex")
    told(tx, connection)
    tx.of(Delegates).add(dana, chris)
    hers, his = f"user/{dana.id}", f"user/{chris.id}"
    assert told(tx, connection) == [
        (hers, "group membership", "added"),
        (hers, "delegates", "updated"),
        (hers, "group contacts", "updated"),
        (his, "delegators", "added"),
        (his, "group contacts", "updated"),
        (his, "shared meetings", "updated"),
    ]
    tx.of(Delegates).add(alex, chris)
    assert (his, "delegators", "updated") in told(tx, connection)
    tx.of(Delegates).remove(dana, chris)
    assert (his, "delegators", "updated") in told(tx, connection)
    tx.of(Delegates).remove(alex, chris)
    assert told(tx, connection)[-2:] == [
        (his, "delegators", "deleted"),
        (his, "shared meetings", "updated"),
    ]


@pytest.mark.parametrize("removed", ["dana", "chris"])
def test_goes_with_either_side(
    tx: Transaction, connection: Connection, dana: User, chris: User, removed: str
) -> None:
    alex = add(tx, "alex")
    tx.of(Delegates).add(dana, chris)
    tx.of(Delegates).add(dana, alex)
    told(tx, connection)
    gone, stays = (dana, chris) if removed == "dana" else (chris, dana)
    tx.of(Belongings).remove(gone)
    kind = "delegators" if removed == "dana" else "delegates"
    assert (f"user/{stays.id}", kind) in {(topic, kind) for topic, kind, _ in told(tx, connection)}
    assert tx.of(Delegates).of(dana.id) == ([] if removed == "dana" else [alex])
    (count,) = connection.execute("SELECT count(*) FROM delegates", {}).fetchone()
    assert count == (0 if removed == "dana" else 1)


def test_who_is_removed_loses_what_was_granted(
    tx: Transaction, connection: Connection, dana: User, chris: User
) -> None:
    """The rows of the meetings change, so that a change under way starts anew; versions stay."""
    hers = tx.of(Meetings).add(
        OnlineMeetingRel.MY_ONLINE_MEETINGS, details("hers"), by=application(dana.id)
    )
    his = tx.of(Meetings).add(
        OnlineMeetingRel.MY_ONLINE_MEETINGS, details("his"), by=application(chris.id)
    )
    tx.of(Delegates).add(dana, chris)
    tx.of(Delegates).remove(dana, chris)
    rows = connection.execute("SELECT organizer_id, grants FROM meetings", {}).fetchall()
    assert dict(rows) == {dana.id: 1, chris.id: 0}
    assert tx.of(Meetings).get(dana.id, hers.online_meeting_id) == hers
    assert tx.of(Meetings).get(chris.id, his.online_meeting_id) == his


class TestTogether:
    """Transactions that race on PostgreSQL."""

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    async def database(self) -> AsyncIterator[Postgres]:
        found = Postgres(new_database(), clock=lambda: NOW, connections=8)
        yield found
        await found.close()

    async def test_the_limits_hold(self, database: Postgres) -> None:
        """Thirty people become Dana's delegates at once, while she becomes that of all of them."""

        def people(tx: Transaction) -> tuple[User, list[User]]:
            return add(tx, "dana"), [add(tx, f"user{number:02}") for number in range(30)]

        def let(tx: Transaction, organizer: User, delegate: User) -> None:
            tx.of(Delegates).add(organizer, delegate)

        dana, others = await database.write(people)
        pairs = [pair for other in others for pair in ((dana, other), (other, dana))]
        Random(12).shuffle(pairs)
        outcomes = await asyncio.gather(
            *(
                database.write(partial(let, organizer=organizer, delegate=delegate))
                for organizer, delegate in pairs
            ),
            return_exceptions=True,
        )
        assert Counter(map(type, outcomes)) == {NoneType: 2 * MOST, LimitExceeded: 10}
        count = await database.read(
            lambda tx: (
                len(tx.of(Delegates).of(dana.id)),
                len(tx.of(Delegates).organizers(dana.id)),
            )
        )
        assert count == (MOST, MOST)

    async def test_who_is_removed_meanwhile_acts_for_nobody(self, database: Postgres) -> None:
        """Users are removed while they become delegates, and while others become theirs."""

        def people(tx: Transaction) -> list[User]:
            return [add(tx, f"user{number}") for number in range(8)]

        def let(tx: Transaction, organizer: int, delegate: int) -> None:
            users = tx.of(Users).get(organizer), tx.of(Users).get(delegate)
            if users[0] and users[1]:
                tx.of(Delegates).add(users[0], users[1])

        def remove(tx: Transaction, user: User) -> None:
            tx.of(Belongings).remove(user)

        users = await database.write(people)
        pairs = list(permutations(users, 2))
        Random(7).shuffle(pairs)
        adding = [partial(let, organizer=one.id, delegate=other.id) for one, other in pairs]
        removing = [partial(remove, user=user) for user in users[::2]]
        writes: list[Any] = [*adding[:28], *removing, *adding[28:]]
        await asyncio.gather(*map(database.write, writes))
        left = await database.read(lambda tx: tx.of(Users).all())
        assert left == users[1::2]
        rows = await database.read(
            lambda tx: tx.connection.execute("SELECT * FROM delegates", {}).fetchall()
        )
        assert {tuple(row) for row in rows} == {
            (one.id, other.id) for one, other in permutations(left, 2)
        }

    async def test_a_change_under_way_sees_that_its_grant_is_gone(self, database: Postgres) -> None:
        """What was granted when it began does not help it: it starts anew, and looks again."""

        def scene(tx: Transaction) -> tuple[User, User, Meeting]:
            dana, chris = add(tx, "dana"), add(tx, "chris")
            tx.of(Delegates).add(dana, chris)
            meeting = tx.of(Meetings).add(
                OnlineMeetingRel.MY_ONLINE_MEETINGS, details(), by=application(dana.id)
            )
            return dana, chris, meeting

        dana, chris, meeting = await database.write(scene)
        looked, go = threading.Event(), threading.Event()
        grants = []

        def change(tx: Transaction) -> bool:
            grants.append(tx.of(Delegates).is_delegate(chris.id, organizer_id=dana.id))
            looked.set()
            assert go.wait(LONG)
            if not grants[-1]:
                return False
            tx.of(Meetings).revise(meeting, details("his"), by=application(chris.id), keep=9)
            return True

        changing = asyncio.create_task(database.write(change))
        assert await asyncio.to_thread(looked.wait, LONG)
        await database.write(lambda tx: tx.of(Delegates).remove(dana, chris))
        go.set()
        assert await changing is False
        assert grants == [True, False]
