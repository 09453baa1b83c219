"""An installation that is copied to another database, and back, as its clients see it."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest

from openucwa.store import conninfo
from openucwa.store.copying.copy import copy
from openucwa.store.transaction import Transaction
from tests.engines import bare_database, server
from tests.installation import Clock, Person, installed
from tools.postgres import FORGETFUL, binaries, running

Place = Path | str


@pytest.fixture
def places(tmp_path: Path) -> list[Place]:
    """From SQLite to PostgreSQL, and back, and again."""
    return [
        tmp_path / "first" / "openucwa.sqlite3",
        bare_database(),
        tmp_path / "second" / "openucwa.sqlite3",
        bare_database(),
    ]


def quiet(doing: str, done: int, of: int) -> None:
    """Tell nobody."""


def package(person: Person, href: str) -> dict[str, Any]:
    answer = person.get(href)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def subjects(package: Mapping[str, Any]) -> list[str]:
    """Of the meetings that events tell of."""
    return [
        event["_embedded"]["myOnlineMeeting"]["subject"]
        for sender in package["sender"]
        for event in sender["events"]
    ]


class Follower:
    """A client that follows its events. `told` are the subjects of the meetings they tell of."""

    def __init__(self, href: str) -> None:
        self.next = href
        self.told: list[str] = []

    def take(self, person: Person) -> bool:
        """Take one package, and ask for it a second time. Whether it has told anything."""
        found = package(person, self.next)
        assert list(found["_links"]) == ["self", "next"]  # it has not lost its place
        assert package(person, self.next) == found
        self.told += subjects(found)
        self.next = found["_links"]["next"]["href"]
        return bool(found["sender"])

    def catch_up(self, person: Person, last: str) -> None:
        """Take packages until that meeting was told of."""
        tries = count()
        while last not in self.told:
            assert next(tries) < 50, self.told
            self.take(person)


def served(person: Person) -> dict[str, Any]:
    """What each address gives that the application leads to, with its ETag."""
    found: dict[str, Any] = {}
    waiting = [person.application["_links"]["self"]["href"]]
    while waiting:
        href = waiting.pop()
        if href in found or "{" in href or "/events" in href:
            continue
        answer = person.get(href)
        body: Any = answer.content
        if answer.status_code != 200:
            body = None  # it has the id of the request
        elif answer.headers["Content-Type"].startswith("application/json"):
            body = answer.json()
            waiting += leads_to(body)
            if body["rel"] == "application":
                body |= {"etag": "", "expires": ""}  # which every request changes
        found[href] = (answer.status_code, answer.headers.get("ETag"), body)
    return found


def leads_to(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("href"), str):
            yield value["href"]
        for one in value.values():
            yield from leads_to(one)
    elif isinstance(value, list):
        for one in value:
            yield from leads_to(one)


def changed_since(person: Person, meeting: Mapping[str, Any]) -> list[str]:
    """What its history tells to who would overwrite a meeting."""
    answer = person.request(
        "PUT",
        meeting["_links"]["self"]["href"],
        json={**meeting, "subject": "Lost"},
        headers={"If-Match": f'"{meeting["etag"]}"', "Prefer": "return=representation"},
    )
    assert answer.status_code == 412
    found: list[str] = answer.json()["changedProperties"]
    return found


def let_transactions_pass(url: str) -> None:
    """Let the numbers of transactions, and with them all cursors, go on without facts."""
    with conninfo.connect(url) as connection:
        for _ in range(5):
            connection.execute("SELECT pg_current_xact_id()")


def test_all_that_is_served_is_the_same(tmp_path: Path, clock: Clock, places: list[Place]) -> None:
    """Every address gives the same; a client that is behind is told the same of what it missed."""
    with installed(tmp_path, clock, location=places[0]) as here:
        dana = here.sign_in()
        old = dana.schedule(subject="Weekly")
        dana.schedule(subject="Größe \U0001f600 \\ 100%", description="line\nline", attendees=[])
        extensions = old["_links"]["onlineMeetingExtensions"]["href"]
        dana.post(extensions, json={"id": "notes", "type": "RoamedOrganizerData", "z": "\u2028"})
        new = dana.put({**old, "subject": "Moved"}).json()
        before = served(dana)
    assert sum(status == 200 for status, *_ in before.values()) > 10
    for source, target in pairwise(places):
        copy(source, target, quiet)
        with installed(tmp_path, clock, location=target) as there:
            dana = replace(dana, installation=there)
            assert served(dana) == before
            assert changed_since(dana, old) == ["subject"]
            assert dana.put(new).status_code == 200
            new = dana.get(new["_links"]["self"]["href"]).json()
            before = served(dana)


def test_events_go_on(tmp_path: Path, clock: Clock, places: list[Place]) -> None:
    """What was not told before the copy is told after it, and all of it once and in order."""
    expected = ["at first", "pending 0"]
    with installed(tmp_path, clock, location=places[0]) as here:
        dana = here.sign_in()
        follower = Follower(dana.href("events") + "&extended=true")
        dana.schedule(subject="at first")
        follower.catch_up(dana, "at first")
        dana.schedule(subject="pending 0")
    for number, (source, target) in enumerate(pairwise(places)):
        copy(source, target, quiet)
        with installed(tmp_path, clock, location=target) as there:
            dana = replace(dana, installation=there)
            follower.catch_up(dana, f"pending {number}")
            dana.schedule(subject=f"new {number}")
            follower.catch_up(dana, f"new {number}")
            dana.schedule(subject=f"pending {number + 1}")
            expected += [f"new {number}", f"pending {number + 1}"]
    with installed(tmp_path, clock, location=places[-1]) as there:
        follower.catch_up(replace(dana, installation=there), expected[-1])
    assert follower.told == expected


def test_events_go_on_for_a_client_that_is_ahead_of_all_of_them(
    tmp_path: Path, clock: Clock, places: list[Place]
) -> None:
    """On PostgreSQL its cursor stands above the last fact, at which SQLite goes on counting."""
    expected: list[str] = []
    with installed(tmp_path, clock, location=places[1]) as here:
        dana = here.sign_in()
        follower = Follower(dana.href("events") + "&extended=true")
    for source, target in pairwise(places[1:]):
        with installed(tmp_path, clock, location=source) as here:
            dana = replace(dana, installation=here)
            dana.schedule(subject=f"before {target}")
            follower.catch_up(dana, f"before {target}")
            if isinstance(source, str):
                let_transactions_pass(source)
                follower.take(dana)
                assert here.transact(is_ahead)
        copy(source, target, quiet)
        with installed(tmp_path, clock, location=target) as there:
            dana = replace(dana, installation=there)
            dana.schedule(subject=f"after {target}")
            follower.catch_up(dana, f"after {target}")
            expected += [f"before {target}", f"after {target}"]
    assert follower.told == expected


def is_ahead(tx: Transaction) -> bool:
    connection = tx.facts._connection
    (ahead,) = connection.execute(
        "SELECT max(until) > (SELECT max(position) FROM facts) FROM channels", {}
    ).fetchone()
    return bool(ahead)


@pytest.mark.slow
def test_events_go_on_when_a_dump_was_restored_in_another_cluster(
    tmp_path: Path, clock: Clock, places: list[Place]
) -> None:
    """There the numbers of transactions are lower."""
    source = str(places[1])
    for _ in range(100):
        let_transactions_pass(source)
    with installed(tmp_path, clock, location=source) as here:
        dana = here.sign_in()
        follower = Follower(dana.href("events") + "&extended=true")
        dana.schedule(subject="before")
        follower.catch_up(dana, "before")
        dana.schedule(subject="pending")
    with running(FORGETFUL) as another:
        target = another.create("restored")
        dump = str(tmp_path / "dump")
        for command in (
            ["pg_dump", "--format=custom", f"--file={dump}", source],
            ["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={target}", dump],
        ):
            subprocess.run([binaries() / command[0], *command[1:]], check=True)
        with installed(tmp_path, clock, location=target) as there:
            dana = replace(dana, installation=there)
            follower.catch_up(dana, "pending")
            dana.schedule(subject="new")
            follower.catch_up(dana, "new")
    assert follower.told == ["before", "pending", "new"]


def test_who_writes_for_long_elsewhere_in_the_cluster_only_delays(
    tmp_path: Path, clock: Clock, places: list[Place]
) -> None:
    """What was copied is settled at once. What is new is told when the other has ended, once."""
    with installed(tmp_path, clock, location=places[1]) as here:
        dana = here.sign_in()
        follower = Follower(dana.href("events") + "&extended=true")
        dana.schedule(subject="at first")
        follower.catch_up(dana, "at first")
        let_transactions_pass(str(places[1]))
        follower.take(dana)
        dana.schedule(subject="pending")
    with ExitStack() as elsewhere:
        other = elsewhere.enter_context(conninfo.connect(server().url()))
        other.execute("BEGIN")
        other.execute("SELECT pg_current_xact_id()")
        copy(places[1], places[3], quiet)
        with installed(tmp_path, clock, location=places[3]) as there:
            dana = replace(dana, installation=there)
            follower.catch_up(dana, "pending")
            dana.schedule(subject="new")
            assert not follower.take(dana)
            other.execute("COMMIT")
            follower.catch_up(dana, "new")
    assert follower.told == ["at first", "pending", "new"]
