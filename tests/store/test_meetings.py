"""Meetings and their versions."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from openucwa.domain.meetings import Details, Meeting, Version
from openucwa.store.belongings import Belongings
from openucwa.store.connection import Connection
from openucwa.store.tables import meetings
from openucwa.store.tables.delegates import Delegates
from openucwa.store.tables.extensions import Extensions
from openucwa.store.tables.meeting_versions import MeetingVersions
from openucwa.store.tables.meetings import Meetings
from openucwa.store.transaction import Transaction
from openucwa.wire.dates import from_milliseconds
from openucwa.wire.enums import MeetingRole, OnlineMeetingRel, PhoneUserAdmission
from openucwa.wire.errors import NotFound, PreconditionFailed
from tests.store.memory import CHRIS, DANA, NOW, application, connect, details, extension, user

KEPT = 3
GRACE = timedelta(days=14)
SCHEDULED, STANDING = OnlineMeetingRel
SECOND = timedelta(seconds=1)


def add(
    tx: Transaction,
    wanted: Details | None = None,
    *,
    organizer: int = DANA,
    rel: OnlineMeetingRel = SCHEDULED,
) -> Meeting:
    wanted = wanted or details()
    return tx.of(Meetings).add(rel, wanted, by=application(organizer))


def revise(
    tx: Transaction,
    found: Meeting,
    wanted: Details,
    *,
    with_: str = "test",
) -> Meeting:
    by = application(found.organizer_id, user_agent=with_)
    return tx.of(Meetings).revise(found, wanted, by=by, keep=KEPT)


class Calendars(RuleBasedStateMachine):
    """Two people who schedule, change and cancel meetings, with versions both current and stale.

    A version is written once a second, so that its time tells which it is.
    """

    seen: Bundle[Meeting] = Bundle("seen")

    def __init__(self) -> None:
        super().__init__()
        self.connection = connect()
        self.now = NOW
        self.alive: dict[str, list[Version]] = {}
        self.current: dict[str, Meeting] = {}
        self.numbers: dict[str, list[int]] = {}
        self.said: dict[int, Details] = {}

    def teardown(self) -> None:
        self.connection.close()

    @property
    def tx(self) -> Transaction:
        return Transaction(self.connection, self.now)

    def written(self, meeting: Meeting, client: str = "test") -> Meeting:
        id = meeting.online_meeting_id
        before = self.current.get(id)
        self.current[id] = meeting
        self.said[meeting.version] = meeting.details
        changed = meeting.details != before.details if before else None
        self.alive.setdefault(id, []).append(
            Version(
                version=meeting.version,
                author_id=meeting.organizer_id,
                application_id=application(meeting.organizer_id).id,
                client=client,
                on_behalf=False,
                written_at=self.now,
                changed=None if changed is None else ("subject",) * changed,
            )
        )
        self.numbers.setdefault(id, []).append(meeting.version)
        assert meeting.latest == self.alive[id][-1]
        return meeting

    @rule(target=seen, organizer=st.sampled_from([DANA, CHRIS]), subject=st.text(max_size=5))
    def schedule(self, organizer: int, subject: str) -> Meeting:
        meeting = add(self.tx, details(subject), organizer=organizer)
        assert meeting.online_meeting_id not in self.numbers
        assert (meeting.organizer_id, meeting.details) == (organizer, details(subject))
        return self.written(meeting)

    @rule(
        target=seen,
        found=seen,
        subject=st.text(max_size=5),
        client=st.sampled_from(["test", "Größe 1", ""]),
    )
    def change(self, found: Meeting, subject: str, client: str) -> Meeting:
        self.now += SECOND
        if found != self.current.get(found.online_meeting_id):
            with pytest.raises(PreconditionFailed):
                revise(self.tx, found, details(subject))
            return found
        wanted = details(subject)
        meeting = revise(self.tx, found, wanted, with_=client)
        assert meeting == msgspec.structs.replace(
            found,
            version=meeting.version,
            ordinal=found.ordinal + 1,
            bytes=meeting.bytes,
            kept_bytes=meeting.kept_bytes,
            details=wanted,
            latest=meeting.latest,
        )
        return self.written(meeting, client)

    @rule(found=seen)
    def cancel(self, found: Meeting) -> None:
        current = self.current.get(found.online_meeting_id)
        if found == current:
            self.tx.of(Meetings).delete(found)
            del self.current[found.online_meeting_id], self.alive[found.online_meeting_id]
        else:
            with pytest.raises(PreconditionFailed if current else NotFound):
                self.tx.of(Meetings).delete(found)

    @rule(found=seen)
    def look(self, found: Meeting) -> None:
        id = found.online_meeting_id
        assert self.tx.of(Meetings).get(found.organizer_id, id) == self.current.get(id)
        kept = {one.version: one for one in self.alive.get(id, [])[-KEPT:]}
        for number in self.numbers[id]:
            said = self.tx.of(MeetingVersions).details(
                self.current.get(id, found), number, keep=KEPT
            )
            assert said == (self.said[number] if number in kept else None)
        if kept:
            told = self.tx.of(MeetingVersions).of(self.current[id], keep=KEPT)
            assert told == self.alive[id][-KEPT:][::-1]

    @rule(found=seen)
    def pry(self, found: Meeting) -> None:
        stranger = DANA + CHRIS - found.organizer_id
        assert self.tx.of(Meetings).get(stranger, found.online_meeting_id) is None
        claimed = msgspec.structs.replace(found, organizer_id=stranger)
        assert self.tx.of(MeetingVersions).details(claimed, found.version, keep=KEPT) is None
        with pytest.raises(PreconditionFailed):
            revise(self.tx, claimed, details("pried"))
        with pytest.raises(NotFound):
            self.tx.of(Meetings).delete(claimed)

    @invariant()
    def no_version_comes_back(self) -> None:
        for numbers in self.numbers.values():
            assert numbers == sorted(set(numbers))

    @invariant()
    def everybody_sees_her_own_meetings(self) -> None:
        for organizer in (DANA, CHRIS):
            own = [one for one in self.current.values() if one.organizer_id == organizer]
            own.sort(key=lambda one: one.online_meeting_id)
            assert self.tx.of(Meetings).of(organizer) == own
            assert self.tx.of(Meetings).count(organizer) == len(own)


TestCalendars = Calendars.TestCase
TestCalendars.settings = settings(max_examples=50, stateful_step_count=40)


whole_milliseconds = st.integers(0, 2**42).map(from_milliseconds)
people = st.lists(st.text(), max_size=3).map(tuple)


@given(
    st.builds(
        details,
        subject=st.text(),
        description=st.text(),
        attendees=people,
        leaders=people,
        expiration_time=st.none() | whole_milliseconds,
        phone_user_admission=st.sampled_from(PhoneUserAdmission),
    )
)
def test_whatever_a_meeting_says_is_kept(wanted: Details) -> None:
    connection = connect()
    tx = Transaction(connection, NOW)
    added = add(tx, wanted)
    found = tx.of(Meetings).get(DANA, added.online_meeting_id)
    connection.close()
    assert found == added
    assert found.details == wanted


def test_the_standing_meeting_is_found_as_such_and_not_counted(tx: Transaction) -> None:
    add(tx, organizer=CHRIS, rel=STANDING)
    scheduled, standing = add(tx), add(tx, rel=STANDING)
    assert tx.of(Meetings).assigned(DANA) == standing
    assert tx.of(Meetings).count(DANA) == 1
    by_id = sorted([scheduled, standing], key=lambda one: one.online_meeting_id)
    assert tx.of(Meetings).of(DANA) == by_id


def test_not_everybody_has_a_standing_meeting(tx: Transaction) -> None:
    add(tx)
    assert tx.of(Meetings).assigned(DANA) is None


def test_ids_that_are_taken_are_not_given_again(
    tx: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, conference_ids = iter("AABAC"), iter("112133")
    monkeypatch.setattr(meetings, "new_id", lambda: next(ids))
    monkeypatch.setattr(meetings, "new_conference_id", lambda: next(conference_ids))
    added = [add(tx), add(tx), add(tx, organizer=CHRIS)]
    assert [one.online_meeting_id for one in added] == ["A", "B", "A"]
    assert [one.conference_id for one in added] == ["1", "2", "3"]


def test_a_cancelled_meeting_takes_its_versions_and_extensions_along(
    tx: Transaction, connection: Connection
) -> None:
    kept, cancelled = add(tx), revise(tx, add(tx), details("new"))
    for meeting in (kept, cancelled):
        tx.of(Extensions).add(extension(meeting=meeting.online_meeting_id))
    tx.of(Meetings).delete(cancelled)
    for table in ("meetings", "meeting_versions", "extensions"):
        rows = connection.execute(f"SELECT online_meeting_id FROM {table}", {})  # noqa: S608
        assert rows.fetchall() == [(kept.online_meeting_id,)]


def test_old_versions_are_forgotten(tx: Transaction, connection: Connection) -> None:
    found = [add(tx)]
    for _ in range(40):
        found.append(tx.of(Meetings).revise(found[-1], details(), by=application(), keep=5))
    known = [one for one in found if tx.of(MeetingVersions).details(found[-1], one.version, keep=5)]
    (rows,) = connection.execute("SELECT count(*) FROM meeting_versions", {}).fetchone()
    assert [one.version for one in known] == [one.version for one in found[-5:]]
    assert 5 <= rows < 20


def test_a_version_tells_what_wrote_it_and_for_whom(tx: Transaction) -> None:
    chris = application(CHRIS, user_agent="openucwa on laptop-2 \N{GRINNING FACE}")
    wanted = details("new", description="x" * 10_000)
    tx.of(Delegates).add(user(DANA), user(CHRIS))
    found = tx.of(Meetings).revise(add(tx), wanted, by=chris, role=MeetingRole.DELEGATE, keep=KEPT)
    latest = found.latest
    assert (latest.author_id, latest.application_id) == (CHRIS, chris.id)
    assert (latest.client, latest.on_behalf) == (chris.user_agent, True)
    assert latest.changed == ("description", "subject")
    assert tx.of(Meetings).get(DANA, found.online_meeting_id) == found
    assert tx.of(Meetings).of(DANA) == [found]
    newest, oldest = tx.of(MeetingVersions).of(found, keep=KEPT)
    assert newest == latest
    assert (oldest.author_id, oldest.client, oldest.on_behalf) == (DANA, "test", False)


def test_versions_are_told_from_the_newest_on(tx: Transaction) -> None:
    found = [add(tx)]
    for _ in range(9):
        found.append(tx.of(Meetings).revise(found[-1], details(), by=application(), keep=100))
    numbers = [one.version for one in found[::-1]]

    def told(**limits: int) -> list[int]:
        return [
            one.version for one in tx.of(MeetingVersions).of(found[-1], **{"keep": 8, **limits})
        ]

    assert told() == numbers[:8]
    assert told(since=numbers[3]) == numbers[:4]
    assert told(since=numbers[9]) == numbers[:8]
    assert told(until=numbers[6], most=2) == numbers[6:8]
    assert told(until=numbers[7], most=2) == [numbers[7]]
    assert told(until=numbers[8], most=2) == []


@pytest.fixture
def swept(connection: Connection) -> Callable[[datetime], int]:
    """Sweeps at some time; tells how many meetings went."""
    return lambda at: Transaction(connection, at).of(Meetings).sweep(at - GRACE)


def test_a_meeting_is_removed_when_it_expired_a_grace_period_ago(
    tx: Transaction, swept: Callable[[datetime], int]
) -> None:
    expiry = NOW + timedelta(days=1)
    expiring = add(tx, details(expiration_time=expiry))
    tx.of(Extensions).add(extension(meeting=expiring.online_meeting_id))
    add(tx, details(expiration_time=None))
    add(tx, details(expiration_time=expiry), rel=STANDING)
    add(tx, details(expiration_time=expiry + SECOND))
    assert swept(expiry + GRACE) == 0
    assert swept(expiry + GRACE + SECOND) == 1
    assert tx.of(Meetings).get(DANA, expiring.online_meeting_id) is None
    assert tx.of(Extensions).of(DANA, expiring.online_meeting_id) == []
    assert len(tx.of(Meetings).of(DANA)) == 3


def test_the_grace_period_of_what_has_expired_starts_with_its_last_change(
    connection: Connection, swept: Callable[[datetime], int]
) -> None:
    expired = details(expiration_time=NOW - timedelta(days=300))
    found = add(Transaction(connection, NOW), expired)
    changed = NOW + timedelta(days=7)
    revise(Transaction(connection, changed), found, expired)
    assert swept(changed + GRACE) == 0
    assert swept(changed + GRACE + SECOND) == 1


def test_a_meeting_that_is_put_off_is_not_removed(
    tx: Transaction, swept: Callable[[datetime], int]
) -> None:
    revise(tx, add(tx), details(expiration_time=NOW + timedelta(days=365)))
    assert swept(NOW + timedelta(days=100)) == 0


def test_a_sweep_removes_some_at_a_time(
    tx: Transaction, swept: Callable[[datetime], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(51):
        add(tx)
    later = NOW + timedelta(days=100)
    assert [swept(later), swept(later), swept(later)] == [50, 1, 0]


def test_earlier_versions_are_kept_while_they_are_small_together(
    tx: Transaction, connection: Connection
) -> None:
    found = add(tx, details(description="x" * 10_000))
    numbers = [found.version]
    for number in range(8):
        found = tx.of(Meetings).revise(
            found,
            details(str(number), description="x" * 10_000),
            by=application(),
            keep=100,
            keep_bytes=35_000,
        )
        numbers.append(found.version)
    told = [one.version for one in tx.of(MeetingVersions).of(found, keep=100)]
    assert told == numbers[:-5:-1]  # the current one, and three that fit
    sizes = connection.execute("SELECT length(details) FROM meeting_versions", {}).fetchall()
    assert tx.of(Meetings).get(DANA, found.online_meeting_id) == found
    assert found.kept_bytes == sum(size for (size,) in sizes)


def test_the_version_before_is_kept_however_large_it_is(tx: Transaction) -> None:
    large = add(tx, details(description="x" * 30_000))
    small = tx.of(Meetings).revise(large, details(), by=application(), keep=100, keep_bytes=10)
    assert tx.of(MeetingVersions).details(small, large.version, keep=100) == large.details
    smaller = tx.of(Meetings).revise(small, details(), by=application(), keep=100, keep_bytes=10)
    assert tx.of(MeetingVersions).details(smaller, large.version, keep=100) is None
    assert tx.of(MeetingVersions).details(smaller, small.version, keep=100) == small.details


def test_what_a_user_has_is_counted_with_extensions_and_without_history(tx: Transaction) -> None:
    assert tx.of(Belongings).bytes_of(DANA) == 0
    add(tx, details(description="x" * 5000), organizer=CHRIS)
    small = revise(tx, add(tx, details(description="x" * 9000)), details())
    before = tx.of(Belongings).bytes_of(DANA)
    assert before == small.bytes
    tx.of(Extensions).add(extension(meeting=small.online_meeting_id, members={"a": "ü" * 1000}))
    assert 2000 < tx.of(Belongings).bytes_of(DANA) - before < 2100
    ((size, entry),) = tx.of(Meetings).sizes(DANA)
    assert (entry.online_meeting_id, size) == (
        small.online_meeting_id,
        tx.of(Belongings).bytes_of(DANA),
    )
    assert tx.of(Meetings).of(DANA, up_to=(size - 1, "Z")) == []
    assert tx.of(Meetings).of(DANA, up_to=(size, "")) == []
    assert len(tx.of(Meetings).of(DANA, up_to=(size, entry.online_meeting_id))) == 1
