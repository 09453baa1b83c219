"""The limits of shares hold, whoever shares at the same moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from openucwa.domain.deployment import Deployment
from openucwa.domain.meetings import Meeting
from openucwa.domain.people import Profile, User
from openucwa.domain.sharing import MOST_SHARED, MOST_SHARES, Share
from openucwa.resources.online_meetings import online_meeting_shares
from openucwa.resources.online_meetings.online_meeting_shares import Wanted
from openucwa.resources.viewer import Me
from openucwa.store.postgres import Postgres
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.shares import Shares
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire import given
from openucwa.wire.enums import OnlineMeetingRel, ShareRole
from openucwa.wire.errors import LimitExceeded
from tests.engines import new_database
from tests.store.memory import NOW, application, details

DEPLOYMENT = Deployment(domain="contoso.com", meet_url="https://meet.contoso.com")
pytestmark = pytest.mark.anyio


@pytest.fixture
async def database() -> AsyncIterator[Postgres]:
    found = Postgres(new_database(), clock=lambda: NOW, connections=8)
    yield found
    await found.close()


def add(tx: Transaction, name: str) -> User:
    user = tx.of(Users).add(Profile(uri=f"sip:{name}@contoso.com", name=name), "hash")
    assert user is not None
    return user


def schedule(tx: Transaction, owner: User) -> Meeting:
    rel = OnlineMeetingRel.MY_ONLINE_MEETINGS
    return tx.of(Meetings).add(rel, details(), by=application(owner.id), told=False)


def share(tx: Transaction, meeting: Meeting, owner: User, person: User) -> Share:
    """As POST does."""
    me = Me(owner, DEPLOYMENT, application(owner.id))
    found = online_meeting_shares.find(tx, me, meeting.online_meeting_id)
    assert found is not None
    wanted = given.read(Wanted, {"uri": person.uri})
    made: Share = online_meeting_shares.share(tx, me, found, wanted)
    return made


async def outcomes(database: Postgres, shares: list[Any]) -> Counter[type]:
    """Share all at once, and return how often that succeeded, and how often it did not."""
    found = await asyncio.gather(*map(database.write, shares), return_exceptions=True)
    return Counter(map(type, found))


async def test_a_meeting_is_shared_with_so_many_people(database: Postgres) -> None:
    def scene(tx: Transaction) -> tuple[User, list[User], Meeting]:
        dana = add(tx, "dana")
        return dana, [add(tx, f"user{n:02}") for n in range(30)], schedule(tx, dana)

    dana, people, meeting = await database.write(scene)
    shares = [partial(share, meeting=meeting, owner=dana, person=one) for one in people]
    assert await outcomes(database, shares) == {Share: MOST_SHARES, LimitExceeded: 5}
    assert len(await database.read(lambda tx: tx.of(Shares).of(meeting))) == MOST_SHARES


async def test_so_many_meetings_are_shared_with_a_person(database: Postgres) -> None:
    """Those of several organizers, who share them at once, one more than there is room for."""

    def scene(tx: Transaction) -> tuple[User, list[tuple[User, Meeting]]]:
        dana, chris = add(tx, "dana"), add(tx, "chris")
        for _ in range(MOST_SHARED - 3):
            tx.of(Shares).add(schedule(tx, dana), chris, ShareRole.READER)
        others = [add(tx, f"user{n}") for n in range(8)]
        return chris, [(one, schedule(tx, one)) for one in others]

    chris, given_ones = await database.write(scene, is_long=True)
    shares = [partial(share, meeting=one, owner=owner, person=chris) for owner, one in given_ones]
    assert await outcomes(database, shares) == {Share: 3, LimitExceeded: 5}
    assert await database.read(lambda tx: tx.of(Shares).count(chris.id)) == MOST_SHARED
