"""PostgreSQL as the database of many: transactions that collide, and what happens without it."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from structlog.testing import capture_logs

from openucwa.domain.communication import Preferences
from openucwa.domain.meetings import Meeting
from openucwa.domain.people import MeetingKey, Profile, User
from openucwa.store import conninfo, postgres, prepared, schema
from openucwa.store.connection import Turn, turn_of_user
from openucwa.store.database import Operation
from openucwa.store.not_ready import NotReady
from openucwa.store.postgres import Postgres
from openucwa.store.schema import check_postgres
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.communications import Communications
from openucwa.store.tables.extensions import Extensions
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.enums import OnlineMeetingRel
from openucwa.wire.errors import BadRequest, PreconditionFailed, ServiceUnavailable
from tests.engines import new_database, server
from tests.store.memory import CHRIS, DANA, NOW, application, details, extension
from tools.postgres import FORGETFUL, running
from tools.postgres import Postgres as Server

pytestmark = pytest.mark.anyio

LONG = 30
"""Seconds after which a test that hangs fails."""


@pytest.fixture
def url() -> str:
    return new_database()


@asynccontextmanager
async def opened(url: str, connections: int = 4) -> AsyncIterator[Postgres]:
    database = Postgres(url, clock=lambda: NOW, connections=connections)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Postgres]:
    async with opened(url) as found:
        yield found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't be done is given up soon."""
    monkeypatch.setattr(postgres, "PATIENCE", 0.3)


@pytest.fixture
def other(url: str) -> Iterator["psycopg.Connection[Any]"]:
    """Another program on the same database."""
    with conninfo.connect(url) as connection:
        yield connection


@pytest.mark.usefixtures("impatient")
async def test_a_database_that_was_dropped(url: str) -> None:
    """Nothing is acknowledged, and the log tells."""
    async with opened(url) as database:
        await database.write(schedule)
        server().drop(str(conninfo_to_dict(url)["dbname"]))
        with capture_logs() as said, pytest.raises(ServiceUnavailable):
            await database.write(schedule)
    assert "dropped" in [one for one in said if one["event"] == "database"][-1]["advice"]


def schedule(tx: Transaction) -> Meeting:
    return tx.of(Meetings).add(
        OnlineMeetingRel.MY_ONLINE_MEETINGS, details("first"), by=application()
    )


def revise(found: Meeting, subject: str) -> Operation[Meeting]:
    """Change a meeting as long as it is in that version."""

    def operation(tx: Transaction) -> Meeting:
        current = tx.of(Meetings).get(DANA, found.online_meeting_id)
        if current is None or current.version != found.version:
            raise PreconditionFailed("It has changed.")
        return tx.of(Meetings).revise(current, details(subject), by=application(), keep=100)

    return operation


def keep(hash: str) -> Operation[None]:
    def operation(tx: Transaction) -> None:
        assert tx.of(Tokens).get(hash) is None
        insert(tx, hash)

    return operation


def insert(tx: Transaction, hash: str, user_id: int = DANA) -> None:
    """Write a row without a turn."""
    tx.connection.execute(
        "INSERT INTO tokens (hash, user_id, expires_at) VALUES (:hash, :user_id, 0)",
        {"hash": hash, "user_id": user_id},
    )


def tell(tx: Transaction) -> None:
    tx.facts.append("user/1", EventType.UPDATED, "user")


def tell_often(count: int) -> Operation[None]:
    def operation(tx: Transaction) -> None:
        for _ in range(count):
            tell(tx)

    return operation


def is_kept(hash: str) -> Operation[bool]:
    return lambda tx: bool(
        tx.of(Users)
        ._connection.execute("SELECT 1 FROM tokens WHERE hash = :hash", {"hash": hash})
        .fetchone()
    )


def in_turn(operation: Operation[Any], *, told: threading.Event, go: threading.Event) -> Any:
    """An operation that tells when it is done, and is committed when it may go on."""

    def waits(tx: Transaction) -> Any:
        found = operation(tx)
        tx.facts.latest()  # whatever was sent has run
        told.set()
        assert go.wait(LONG)
        return found

    return waits


async def happened(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, LONG)


class TestTogether:
    async def test_one_of_many_writers_wins(self, database: Postgres) -> None:
        """The others find it changed: not as a failure of the database, but by looking again."""
        meeting = await database.write(schedule)
        outcomes = await asyncio.gather(
            *(database.write(revise(meeting, str(number))) for number in range(8)),
            return_exceptions=True,
        )
        won = [one for one in outcomes if isinstance(one, Meeting)]
        assert len(won) == 1
        assert sum(isinstance(one, PreconditionFailed) for one in outcomes) == 7
        assert (
            await database.read(lambda tx: tx.of(Meetings).get(DANA, meeting.online_meeting_id))
            == (won[0])
        )

    async def test_a_transaction_sees_one_moment(self, database: Postgres) -> None:
        told, go = threading.Event(), threading.Event()

        def twice(tx: Transaction) -> tuple[int, int]:
            before = len(tx.of(Meetings).of(DANA))
            told.set()
            assert go.wait(LONG)
            return before, len(tx.of(Meetings).of(DANA))

        looking = asyncio.create_task(database.read(twice))
        await happened(told)
        await database.write(schedule)
        go.set()
        assert await looking == (0, 0)

    async def test_a_limit_holds_for_all_together(self, database: Postgres) -> None:
        def schedule_some(tx: Transaction) -> bool:
            if tx.of(Meetings).count(DANA) >= 3:
                return False
            schedule(tx)
            return True

        done = await asyncio.gather(*(database.write(schedule_some) for _ in range(12)))
        assert sum(done) == 3
        assert await database.read(lambda tx: tx.of(Meetings).count(DANA)) == 3

    async def test_who_asks_for_a_turn_waits_for_nobody_else(self, database: Postgres) -> None:
        told, go = threading.Event(), threading.Event()
        first = asyncio.create_task(database.write(in_turn(schedule, told=told, go=go)))
        await happened(told)
        by_chris = lambda tx: tx.of(Meetings).add(  # noqa: E731
            OnlineMeetingRel.MY_ONLINE_MEETINGS, details(), by=application(CHRIS)
        )
        await asyncio.wait_for(database.write(by_chris), LONG)
        second = asyncio.create_task(database.write(schedule))
        await asyncio.sleep(0.1)
        assert not second.done()
        go.set()
        await asyncio.gather(first, second)

    async def test_an_operation_that_raises_undoes_what_it_did(self, database: Postgres) -> None:
        def fails(tx: Transaction) -> None:
            keep("lost")(tx)
            raise KeyError

        with pytest.raises(KeyError):
            await database.write(fails)
        assert not await database.read(is_kept("lost"))
        await database.write(keep("kept"))
        assert await database.read(is_kept("kept"))

    @pytest.mark.usefixtures("impatient")
    async def test_a_statement_that_fails_is_the_operations_end(self, database: Postgres) -> None:
        """Also when nobody looks at what it has found."""

        def twice(tx: Transaction) -> None:
            for _ in range(2):
                insert(tx, "twice")

        began = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            await database.write(twice)
        assert time.monotonic() - began < LONG
        assert not await database.read(is_kept("twice"))

    @pytest.mark.usefixtures("impatient")
    async def test_what_was_sent_after_a_statement_that_fails_can_be_sent_again(
        self, url: str
    ) -> None:
        def fails(tx: Transaction) -> None:
            for _ in range(2):
                insert(tx, "twice")
            tell(tx)  # for the first time on its connection

        async with opened(url, connections=1) as database:
            with pytest.raises(ServiceUnavailable):
                await database.write(fails)
            await database.write(tell)

    async def test_prepared_statements_that_got_lost(self, url: str) -> None:
        async with opened(url, connections=1) as database:
            await database.write(schedule)
            await database.write(lambda tx: tx.connection.execute("DEALLOCATE ALL", {}))
            await database.write(schedule)

    async def test_what_is_larger_than_the_network_takes_at_once(self, database: Postgres) -> None:
        large = "x" * 2**25
        sql = "SELECT length(:text)"
        found = await database.read(
            lambda tx: tx.connection.execute(sql, {"text": large}).fetchone()
        )
        assert found == (len(large),)

    @pytest.mark.parametrize(
        "sql",
        [
            "RESET ALL",
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED",
        ],
    )
    async def test_snapshots_need_no_setting(self, url: str, sql: str) -> None:
        """Somebody between us and the server may lose it."""
        look = "SELECT current_setting('transaction_isolation')"
        async with opened(url, connections=1) as database:
            await database.write(lambda tx: tx.connection.execute(sql, {}))
            for run in (database.read, database.write):
                found = await run(lambda tx: tx.connection.execute(look, {}).fetchone())
                assert found == ("repeatable read",)

    @pytest.mark.usefixtures("impatient")
    async def test_reading_may_change_nothing(self, database: Postgres) -> None:
        with pytest.raises(ServiceUnavailable):
            await database.read(keep("read"))

    async def test_what_no_text_can_hold(self, database: Postgres) -> None:
        with pytest.raises(BadRequest, match=r"U\+0000"):
            await database.write(keep("a\0b"))
        with pytest.raises(BadRequest, match="64 bits"):
            await database.write(lambda tx: insert(tx, "large", 2**70))

    async def test_chores_are_done_by_one(self, url: str, database: Postgres) -> None:
        told, go = threading.Event(), threading.Event()
        async with opened(url) as another:
            first = asyncio.create_task(database.chore(in_turn(lambda _: "done", told=told, go=go)))
            await happened(told)
            assert await another.chore(lambda _: "done, too") is None
            go.set()
            assert await first == "done"
            assert await another.chore(lambda _: "done, too") == "done, too"


class TestTurns:
    """What one decides on, and another changes or removes meanwhile, without changing a row."""

    async def test_tokens_are_revoked_while_one_is_issued(self, database: Postgres) -> None:
        """Whoever has signed in with a password that is replaced meanwhile is signed out."""
        dana = await database.write(added)
        await overlapping(
            database,
            lambda tx: tx.of(Tokens).add("late", dana, NOW),
            lambda tx: tx.of(Tokens).revoke(dana.id),
        )
        assert not await database.read(is_kept("late"))

    async def test_a_meeting_is_deleted_while_its_guest_renews_a_token(
        self, database: Postgres
    ) -> None:
        meeting = await database.write(schedule)
        key = MeetingKey(organizer_id=DANA, online_meeting_id=meeting.online_meeting_id)
        guest = await database.write(lambda tx: tx.of(Users).add_guest(key))
        await overlapping(
            database,
            lambda tx: tx.of(Tokens).add("late", guest, NOW),
            lambda tx: tx.of(Meetings).delete(meeting),
        )
        assert not await database.read(is_kept("late"))

    async def test_meetings_are_swept_while_one_is_extended(self, database: Postgres) -> None:
        old = await database.write(
            lambda tx: tx.of(Meetings).add(
                OnlineMeetingRel.MY_ONLINE_MEETINGS,
                details(expiration_time=NOW),
                by=application(),
            )
        )
        late = extension(meeting=old.online_meeting_id)
        await overlapping(
            database,
            lambda tx: tx.of(Extensions).add(late),
            lambda tx: tx.of(Meetings).sweep(NOW + timedelta(days=1)),
        )
        left = await database.read(lambda tx: tx.of(Extensions).of(DANA, old.online_meeting_id))
        assert left == []

    async def test_an_application_ends_while_it_tells_what_it_can_do(
        self, database: Postgres
    ) -> None:
        async def rows() -> int:
            sql = "SELECT count(*) FROM communications"
            (count,) = await database.read(lambda tx: tx.connection.execute(sql, {}).fetchone())
            return int(count)

        await database.write(lambda tx: tx.of(Applications).add(application()))
        await database.write(lambda tx: tx.of(Channels).open(application()))
        await overlapping(
            database,
            lambda tx: tx.of(Communications).replace(
                tx.of(Communications).get(application()), Preferences()
            ),
            lambda tx: tx.of(Applications).delete(application()),
        )
        assert await rows() == 0

    async def test_who_asks_for_several_waits_for_nobody_who_waits_for_him(
        self, database: Postgres
    ) -> None:
        def asks(*user_ids: int) -> Operation[None]:
            def operation(tx: Transaction) -> None:
                for user_id in user_ids:
                    tx.connection.alone(turn_of_user(user_id))

            return operation

        began = time.monotonic()
        each = [asks(DANA, CHRIS), asks(CHRIS, DANA)] * 20
        await asyncio.gather(*(database.write(one) for one in each))
        assert time.monotonic() - began < LONG

    async def test_all_guests_of_a_meeting_take_few_locks(self, database: Postgres) -> None:
        """The system has a fixed number of locks, for all transactions together."""
        guests = range(-20_000, 0)

        def locked(tx: Transaction) -> int:
            tx.connection.alone(*map(turn_of_user, (DANA, *guests)))
            sql = (
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                " AND pid = pg_backend_pid()"
            )
            (count,) = tx.connection.execute(sql, {}).fetchone()
            return int(count)

        assert 1 < await database.write(locked) < 1000

    async def test_guests_whose_locks_are_the_same(self, database: Postgres) -> None:
        """They take their turns as others do."""
        order: list[str] = []

        def first(tx: Transaction) -> None:
            tx.connection.alone(turn_of_user(-1))
            time.sleep(0.2)  # in which the other would run if it did not wait
            order.append("first")

        def second(tx: Transaction) -> None:
            tx.connection.alone(turn_of_user(-1 - postgres._TURNS_OF_GUESTS))
            order.append("second")

        await overlapping(database, first, second)
        assert order == ["first", "second"]

    @pytest.mark.parametrize(
        ("other", "waits"),
        [
            (Turn("conversation", 1), True),
            (Turn("conversation", 2), False),
            (Turn("conversation", "1/2"), False),
            (Turn("user", 1), False),
        ],
    )
    async def test_a_turn_is_that_of_its_kind_and_id(
        self, database: Postgres, other: Turn, waits: bool
    ) -> None:
        """So a conversation keeps nobody waiting but who acts in it."""
        order: list[str] = []

        def takes(turn: Turn, name: str) -> Operation[None]:
            def operation(tx: Transaction) -> None:
                tx.connection.alone(turn)
                order.append(name)

            return operation

        told, go = threading.Event(), threading.Event()
        held = in_turn(takes(Turn("conversation", 1), "first"), told=told, go=go)
        one = asyncio.create_task(database.write(held))
        await happened(told)
        two = asyncio.create_task(database.write(takes(other, "second")))
        done, _ = await asyncio.wait([two], timeout=0.3 if waits else None)
        assert bool(done) is not waits
        go.set()
        await asyncio.gather(one, two)
        assert order == ["first", "second"]

    def test_locks_of_turns_are_apart(self) -> None:
        """Of users, guests, others, and of the chores."""
        locks = [
            postgres._lock_of(turn)
            for turn in (
                *map(turn_of_user, (0, 1, 2**40, -1)),
                Turn("conversation", 1),
                Turn("conversation", "one"),
                Turn("user", "one"),
            )
        ]
        assert len({*locks, postgres._CHORES}) == len(locks) + 1
        assert all(-(2**63) <= lock < 2**62 for lock in locks)


def added(tx: Transaction) -> User:
    user = tx.of(Users).add(Profile(uri="sip:dana@contoso.com", name="Dana"), "hash")
    assert user is not None
    return user


async def overlapping(database: Postgres, first: Operation[Any], second: Operation[Any]) -> None:
    """Run an operation, and another that begins before the first one is committed."""
    told, go = threading.Event(), threading.Event()
    one = asyncio.create_task(database.write(in_turn(first, told=told, go=go)))
    await happened(told)
    other = asyncio.create_task(database.write(second))
    await asyncio.wait([other], timeout=0.3)
    go.set()
    await asyncio.gather(one, other)


class TestFacts:
    async def test_who_commits_late_is_not_passed_over(self, database: Postgres) -> None:
        """A fact is told when all that began before it have ended, and then in order."""
        told, go = threading.Event(), threading.Event()
        slow = asyncio.create_task(database.write(in_turn(tell, told=told, go=go)))
        await happened(told)
        before = await database.read(lambda tx: tx.facts.latest())
        channel = await database.write(lambda tx: tx.of(Channels).open(application()))
        await database.write(tell)
        facts, more = await database.read(lambda tx: tx.facts.after(before))
        assert (facts, more) == ([], True)
        assert await database.read(lambda tx: tx.facts.of(channel, after=before, most=9)) == []
        assert await database.read(lambda tx: tx.facts.latest()) == before
        go.set()
        await slow
        facts, more = await database.read(lambda tx: tx.facts.after(before))
        assert (len(facts), more) == (2, False)
        assert before < facts[0].position < facts[1].position
        assert await database.read(lambda tx: tx.facts.latest()) >= facts[1].position

    async def test_a_transaction_without_facts_holds_up_others_until_it_ends(
        self, database: Postgres, other: "psycopg.Connection[Any]"
    ) -> None:
        """Nobody can know that it writes none."""
        before = await database.read(lambda tx: tx.facts.latest())
        with other.transaction():
            other.execute("SELECT pg_current_xact_id()")
            await database.write(tell)
            assert await database.read(lambda tx: tx.facts.after(before)) == ([], True)
        facts, more = await database.read(lambda tx: tx.facts.after(before))
        assert (len(facts), more) == (1, False)

    async def test_many_of_one_transaction(self, database: Postgres) -> None:
        """As when a file changes all people."""
        before = await database.read(lambda tx: tx.facts.latest())
        await database.write(tell_often(5000))
        facts, more = await database.read(lambda tx: tx.facts.after(before))
        assert (len(facts), more) == (5000, False)

    async def test_more_than_a_transaction_can_have(
        self, database: Postgres, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(conninfo, "FACTS_A_TRANSACTION", 3)
        await database.write(tell_often(3))
        with pytest.raises(BadRequest, match="Split it"):
            await database.write(tell_often(4))
        assert len((await database.read(lambda tx: tx.facts.after(0)))[0]) == 3

    async def test_positions_grow_in_another_cluster(
        self, url: str, other: "psycopg.Connection[Any]"
    ) -> None:
        """As after a dump was restored where fewer transactions have been."""
        async with opened(url) as database:
            await database.write(tell)
        far = 10**15
        other.execute("UPDATE facts SET position = position + %s", (far,))
        async with opened(url) as database:
            last = await database.read(lambda tx: tx.facts.after(0))
            assert last[0][-1].position > far
            await database.write(tell)
            facts, more = await database.read(lambda tx: tx.facts.after(last[0][-1].position))
            assert (len(facts), more) == (1, False)

    async def test_opening_changes_no_position_while_others_write(
        self, url: str, database: Postgres, other: "psycopg.Connection[Any]"
    ) -> None:
        await database.write(tell)
        base = other.execute("SELECT base FROM log").fetchone()
        told, go = threading.Event(), threading.Event()
        slow = asyncio.create_task(database.write(in_turn(tell, told=told, go=go)))
        await happened(told)
        await database.write(tell)
        check_postgres(url)
        go.set()
        await slow
        assert other.execute("SELECT base FROM log").fetchone() == base


class TestNotices:
    async def test_others_hear_of_facts(self, url: str, database: Postgres) -> None:
        async with opened(url) as another:
            woken = asyncio.Event()
            another.watch(woken.set)
            await another.read(lambda tx: None)
            await until_listening(database)
            woken.clear()
            database.watch(lambda: None)
            await database.write(tell)
            await asyncio.wait_for(woken.wait(), LONG)

    async def test_what_is_told_is_heard_by_others_alone(
        self, url: str, database: Postgres
    ) -> None:
        async with opened(url) as another:
            own: list[str] = []
            theirs: asyncio.Queue[str] = asyncio.Queue()
            for one, ear in ((database, own.append), (another, theirs.put_nowait)):
                one.watch(lambda: None)
                one.hear(ear)
                await one.read(lambda tx: None)
            await until_listening(database, 2)
            database.tell("x" * 10_000)  # is more than PostgreSQL takes
            database.tell("first")
            assert await asyncio.wait_for(theirs.get(), LONG) == "first"
            another.tell("second")
            await true(lambda: own == ["second"])

    async def test_they_go_on_when_who_hears_them_fails(self, url: str, database: Postgres) -> None:
        heard: asyncio.Queue[str] = asyncio.Queue()

        def fail(message: str) -> None:
            heard.put_nowait(message)
            raise KeyError(message)

        async with opened(url) as another:
            for one in (database, another):
                one.watch(lambda: None)
                await one.read(lambda tx: None)
            another.hear(fail)
            for message in ("first", "second"):
                await until_listening(database, 2)
                database.tell(message)
                assert await asyncio.wait_for(heard.get(), LONG) == message

    async def test_they_go_on_when_their_connections_were_lost(
        self, url: str, database: Postgres, other: "psycopg.Connection[Any]"
    ) -> None:
        async with opened(url) as another:
            woken = asyncio.Event()
            for one in (another, database):
                one.watch(woken.set if one is another else lambda: None)
                await one.read(lambda tx: None)
            await until_listening(database, 2)
            woken.clear()
            disconnect_all(other)
            await asyncio.wait_for(woken.wait(), LONG)  # for it may have missed something
            await until_listening(database, 2)
            woken.clear()
            await database.write(tell)
            await asyncio.wait_for(woken.wait(), LONG)


async def until_listening(database: Postgres, count: int = 1) -> None:
    """Wait until so many connections listen and so many are ready to send."""

    def listening(tx: Transaction) -> int:
        found = (
            tx.of(Users)
            ._connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND query LIKE :query AND state = 'idle'",
                {"query": "LISTEN%"},
            )
            .fetchone()
        )
        return int(found[0])

    for _ in range(1000):
        if await database.read(listening) >= count:
            return
        await asyncio.sleep(0.01)
    pytest.fail("nobody listens")


async def true(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("that never was so")


def disconnect_all(connection: "psycopg.Connection[Any]") -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def commit_slowly(connection: "psycopg.Connection[Any]") -> None:
    """Let whoever has added a token wait for a minute when it commits."""
    connection.execute(
        "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$"
    )
    connection.execute(
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON tokens DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION slowly()"
    )


class TestTrouble:
    async def test_connections_that_were_lost_are_opened_again(
        self, database: Postgres, other: "psycopg.Connection[Any]"
    ) -> None:
        for number in range(5):
            await asyncio.gather(*(database.write(keep(f"{number}-{n}")) for n in range(8)))
            disconnect_all(other)
        assert await database.read(is_kept("4-7"))

    async def test_an_operation_whose_connection_is_lost_runs_again(
        self, database: Postgres, other: "psycopg.Connection[Any]"
    ) -> None:
        runs: list[int] = []

        def operation(tx: Transaction) -> None:
            keep("once")(tx)
            tx.facts.latest()
            runs.append(1)
            if len(runs) == 1:
                disconnect_all(other)

        # The second statement of the first run tells that the connection is gone.
        def all(tx: Transaction) -> int:
            operation(tx)
            return tx.facts.latest()

        await database.write(all)
        assert len(runs) == 2
        assert await database.read(is_kept("once"))

    async def test_lost_at_the_end_it_is_not_known_how_it_went(
        self, database: Postgres, other: "psycopg.Connection[Any]"
    ) -> None:
        """So it is not done twice, and the client is told to look."""
        commit_slowly(other)
        writing = asyncio.create_task(database.write(keep("slow")))
        committing = "SELECT 1 FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"
        await true(lambda: other.execute(committing).fetchone() is not None)
        disconnect_all(other)
        with pytest.raises(ServiceUnavailable, match="executed or not") as failed:
            await writing
        assert failed.value.headers["Retry-After"]

    async def test_whatever_ends_it_while_it_commits(
        self, url: str, other: "psycopg.Connection[Any]"
    ) -> None:
        """Also when the server breaks down: what it wrote last may be there afterwards."""
        commit_slowly(other)
        async with opened(url + "?options=-c%20transaction_timeout%3D1s") as database:
            with pytest.raises(ServiceUnavailable, match="executed or not"):
                await database.write(keep("slow"))

    @pytest.mark.usefixtures("impatient")
    async def test_what_a_silent_server_answers_late_is_nobodys_answer(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def sleep(tx: Transaction) -> object:
            return tx.connection.execute("SELECT pg_sleep(0.75)", {}).fetchone()

        async with opened(url, connections=1) as database:
            await database.write(keep("before"))
            with monkeypatch.context() as impatient:
                impatient.setattr(prepared, "_SILENCE", 500)
                with pytest.raises(ServiceUnavailable):
                    await database.read(sleep)
            for _ in range(3):
                assert await database.read(is_kept("before"))
                assert not await database.read(is_kept("after"))

    async def test_who_holds_a_lock_for_long_delays_nobody_for_ever(
        self, url: str, other: "psycopg.Connection[Any]"
    ) -> None:
        async with opened(url + "?options=-c%20lock_timeout%3D200") as database:
            with other.transaction():
                other.execute("LOCK TABLE tokens")
                with pytest.raises(ServiceUnavailable):
                    await database.write(keep("late"))
            await database.write(keep("later"))

    @pytest.mark.slow
    async def test_a_server_that_is_away_and_comes_back(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgres, "PATIENCE", 0.5)
        with running(FORGETFUL) as own:
            async with opened(own.create("away")) as database:
                await database.write(keep("before"))
                own.kill()
                asked = [database.write(keep("never")), database.read(is_kept("before"))]
                failed = await asyncio.gather(*asked, return_exceptions=True)
                assert all(isinstance(one, ServiceUnavailable) for one in failed)
                monkeypatch.setattr(postgres, "PATIENCE", float(LONG))
                waiting = asyncio.create_task(database.write(keep("meanwhile")))
                await asyncio.to_thread(own.start)
                await waiting
                assert await database.read(is_kept("before"))
                assert await database.read(is_kept("meanwhile"))

    @pytest.mark.slow
    async def test_another_server_takes_over(self) -> None:
        """The standby, once it is promoted: the URL names both."""
        with running(FORGETFUL) as primary:
            standby = Server(primary.folder.with_name("standby"), FORGETFUL)
            try:
                url = primary.create("shared")
                standby.follow(primary)
                standby.start()
                both = url.replace("/shared", f",127.0.0.1:{standby.port}/shared")
                async with opened(both) as database:
                    await database.write(keep("before"))
                    await asyncio.to_thread(wait_for_standby, primary, standby)
                    primary.kill()
                    standby.promote()
                    await database.write(keep("after"))
                    assert await database.read(is_kept("before"))
            finally:
                standby.kill()


def wait_for_standby(primary: Server, standby: Server) -> None:
    with conninfo.connect(primary.url()) as one:
        (position,) = one.execute("SELECT pg_current_wal_lsn()::text").fetchone() or ("",)
    with psycopg.connect(standby.url(), autocommit=True) as one:
        while one.execute(
            "SELECT pg_last_wal_replay_lsn() < %s::pg_lsn", (position,)
        ).fetchone() == (True,):
            time.sleep(0.01)


class TestSchema:
    async def test_an_empty_database_is_made_up(self) -> None:
        url = server().create("empty")
        async with opened(url) as database:
            await database.write(keep("first"))
        server().drop("empty")

    def test_by_many_at_once(self) -> None:
        url = server().create("many")
        failures: list[BaseException] = []

        def check() -> None:
            try:
                check_postgres(url)
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=check) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        server().drop("many")

    def test_of_a_newer_program(self, url: str, other: "psycopg.Connection[Any]") -> None:
        other.execute("INSERT INTO _yoyo_migration VALUES ('unknown', '9999.new', '2030-01-01')")
        with pytest.raises(NotReady, match="was written by a newer OpenUCWA"):
            check_postgres(url)

    def test_of_an_older_program(self, url: str, other: "psycopg.Connection[Any]") -> None:
        """Others may serve from it, so it is not changed beneath them."""
        other.execute("DELETE FROM _yoyo_migration WHERE migration_id = '0004.processes'")
        with pytest.raises(NotReady, match="run openucwa migrate"):
            check_postgres(url)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda url: url.replace("/test", "/nothing"), "does not exist"),
            (lambda url: "postgresql://postgres@127.0.0.1:1/x", "can't be used"),
        ],
    )
    def test_what_can_not_be_opened(
        self, url: str, change: Callable[[str], str], says: str
    ) -> None:
        with pytest.raises(NotReady, match=says):
            check_postgres(change(url))

    def test_order_is_that_of_the_bytes(self, other: "psycopg.Connection[Any]") -> None:
        """Whatever the database's own is."""
        found = other.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'text' AND table_name NOT LIKE '%yoyo%'"
            " AND collation_name IS DISTINCT FROM 'C'"
        ).fetchall()
        assert found == []

    def test_every_number_has_64_bits(self, other: "psycopg.Connection[Any]") -> None:
        found = other.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type NOT IN ('text', 'bigint')"
            " AND table_name NOT LIKE '%yoyo%'"
        ).fetchall()
        assert found == []


def test_the_migrations_are_the_same_for_both() -> None:
    assert sorted(schema._MIGRATIONS.glob("*.sql"))
