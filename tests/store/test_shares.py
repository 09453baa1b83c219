"""Shares on PostgreSQL: limits and grants hold, whatever happens at the same moment."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from openucwa.domain.deployment import Deployment
from openucwa.domain.meetings import Meeting
from openucwa.domain.people import Profile, User
from openucwa.domain.schedules import Schedule, Times
from openucwa.domain.sharing import MOST_SHARED, MOST_SHARES, Share
from openucwa.resources.online_meetings import online_meeting_shares
from openucwa.resources.online_meetings.access import keep_grants
from openucwa.resources.online_meetings.online_meeting_shares import Wanted
from openucwa.resources.viewer import Me
from openucwa.store.postgres import Postgres
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.schedules import Schedules
from openucwa.store.tables.shares import Shares
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire import given
from openucwa.wire.enums import MeetingRole, OnlineMeetingRel, ShareRole
from openucwa.wire.errors import LimitExceeded
from tests.engines import new_database
from tests.store.memory import NOW, application, details

DEPLOYMENT = Deployment(domain="contoso.com", meet_url="https://meet.contoso.com")
LONG = 30
"""Seconds after which a test that hangs fails."""
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

    def scene(tx: Transaction) -> tuple[User, User, list[tuple[User, Meeting]]]:
        dana, chris = add(tx, "dana"), add(tx, "chris")
        others = [add(tx, f"user{n}") for n in range(8)]
        return dana, chris, [(one, schedule(tx, one)) for one in others]

    dana, chris, given_ones = await database.write(scene)

    def fill(tx: Transaction, count: int) -> None:
        for _ in range(count):
            tx.of(Shares).add(schedule(tx, dana), chris, ShareRole.READER)

    left = MOST_SHARED - 3
    while left:  # a few at a time, since a transaction may not take long
        await database.write(partial(fill, count=min(left, 100)))
        left -= min(left, 100)
    shares = [partial(share, meeting=one, owner=owner, person=chris) for owner, one in given_ones]
    assert await outcomes(database, shares) == {Share: 3, LimitExceeded: 5}
    assert await database.read(lambda tx: tx.of(Shares).count(chris.id)) == MOST_SHARED


class Held:
    """An operation that stands still at a point while others run."""

    def __init__(self, database: Postgres) -> None:
        self._database = database
        self._looked, self._go = threading.Event(), threading.Event()

    def here(self) -> None:
        """Stand still, the first time."""
        self._looked.set()
        assert self._go.wait(LONG)

    async def against(self, first: Any, then: Any) -> tuple[Any, bool]:
        """Run `first` until it stands still, then `then`.

        Returns what the first returned, and whether the other one had to wait for it.
        """
        one = asyncio.create_task(self._database.write(first))
        assert await asyncio.to_thread(self._looked.wait, LONG)
        other = asyncio.create_task(self._database.write(then))
        done, _ = await asyncio.wait([other], timeout=0.5)
        self._go.set()
        found = await one
        await other
        return found, not done


@pytest.mark.parametrize("how", ["demoted", "unshared"])
async def test_who_loses_a_role_waits_for_nobody_who_writes_after_it(
    database: Postgres, how: str
) -> None:
    """A write beside the meeting keeps the grant until it is done: the loss comes after it."""

    def scene(tx: Transaction) -> tuple[User, Share]:
        dana, chris = add(tx, "dana"), add(tx, "chris")
        return chris, tx.of(Shares).add(schedule(tx, dana), chris, ShareRole.EDITOR)

    _, made = await database.write(scene)
    held = Held(database)

    def write(tx: Transaction) -> int:
        keep_grants(tx, made.organizer_id, MeetingRole.EDITOR)
        held.here()
        return len(tx.of(Shares).of(made.meeting))

    def lose(tx: Transaction) -> None:
        if how == "demoted":
            tx.of(Shares).change(made, ShareRole.READER)
        else:
            tx.of(Shares).remove(made)

    found, has_waited = await held.against(write, lose)
    assert (found, has_waited) == (1, True)


async def test_a_channel_that_is_opened_meanwhile_follows_nothing_that_was_taken_away(
    database: Postgres,
) -> None:
    def scene(tx: Transaction) -> tuple[User, Share]:
        dana, chris = add(tx, "dana"), add(tx, "chris")
        return chris, tx.of(Shares).add(schedule(tx, dana), chris, ShareRole.EDITOR)

    chris, made = await database.write(scene)
    held = Held(database)
    mine = application(chris.id)

    def start(tx: Transaction) -> None:
        tx.of(Channels).open(mine)
        held.here()

    await held.against(start, lambda tx: tx.of(Shares).remove(made))

    def topics(tx: Transaction) -> list[tuple[str, str]]:
        channel = tx.of(Channels).get(mine)
        assert channel is not None
        return tx.of(Channels).topics(channel)

    parts = [part for _, part in await database.read(topics)]
    assert made.online_meeting_id not in parts


async def test_a_meeting_outlives_its_end_whoever_lets_it_expire_earlier(
    database: Postgres,
) -> None:
    def scene(tx: Transaction) -> Meeting:
        return schedule(tx, add(tx, "dana"))

    meeting = await database.write(scene)
    held = Held(database)
    by = application(meeting.organizer_id)
    far = NOW + timedelta(days=90)

    def expire(tx: Transaction) -> None:
        found = tx.of(Meetings).get(meeting.organizer_id, meeting.online_meeting_id)
        assert found is not None
        wanted = details(expiration_time=NOW + timedelta(days=1))
        tx.of(Meetings).revise(found, wanted, by=by, keep=9)
        held.here()

    def move(tx: Transaction) -> None:
        found = tx.of(Meetings).get(meeting.organizer_id, meeting.online_meeting_id)
        assert found is not None
        time = Schedule(
            organizer_id=meeting.organizer_id,
            organizer=meeting.organizer,
            online_meeting_id=meeting.online_meeting_id,
        )
        times = Times(start_time=far - timedelta(hours=1), end_time=far, time_zone="UTC")
        tx.of(Schedules).replace(time, times, by=by)

    await held.against(expire, move)
    found = await database.read(
        lambda tx: tx.of(Meetings).get(meeting.organizer_id, meeting.online_meeting_id)
    )
    assert found is not None
    assert found.expires_at == far
