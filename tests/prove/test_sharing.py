"""The checker of races for a shared meeting: it lets pass all that can be, and finds the rest."""

from __future__ import annotations

import re
from typing import Any

import pytest

from prove.linearizability.operation import Kind, Operation, Seen
from prove.sharing.check import Race, Version, check
from prove.sharing.grant import Grant, Role, Timeline
from tests.prove.test_prove import figure, proven

MEETING = "dana/4711"


def grant(
    role: Role, invoked: int, returned: int, person: str = "chris", status: int = 200
) -> Grant:
    return Grant(
        person=person, what="it", role=role, invoked=invoked, returned=returned, status=status
    )


NOTHING = grant(Role.NONE, 0, 0)
GRANTS = [NOTHING, grant(Role.EDITOR, 20, 30), grant(Role.READER, 100, 110)]
"""Chris may change the meeting from 20 on at the earliest, and until 110 at the latest."""
MADE = Operation(
    client="dana-",
    kind=Kind.CREATE,
    within="dana",
    key=MEETING,
    mark="a",
    etag="1",
    invoked=0,
    returned=1,
    status=201,
)


def put(
    who: str, etag: str, parent: str, when: tuple[int, int], status: int = 200, **more: Any
) -> Operation:
    return Operation(
        client=f"{who}-0",
        kind=Kind.PUT,
        key=MEETING,
        mark=f"{who} {etag}",
        parent=parent,
        invoked=when[0],
        returned=when[1],
        status=status,
        etag=etag if status == 200 else "",
        **more,
    )


def read(who: str, when: tuple[int, int], status: int) -> Operation:
    return Operation(
        client=f"{who}-0",
        kind=Kind.READ,
        key=MEETING,
        invoked=when[0],
        returned=when[1],
        status=status,
    )


BY_CHRIS, BY_DANA = put("chris", "2", "1", (40, 50)), put("dana", "3", "2", (60, 70))
VERSIONS = [
    Version(etag="3", author="dana", on_behalf=False),
    Version(etag="2", author="chris", on_behalf=False),
    Version(etag="1", author="dana", on_behalf=False),
]


def wrong(
    *operations: Operation, grants: list[Grant] = GRANTS, versions: list[Version] = VERSIONS
) -> list[str]:
    race = Race(
        meeting=MEETING,
        organizer="dana",
        operations=[MADE, BY_CHRIS, BY_DANA, *operations],
        grants=grants,
        versions=versions,
    )
    _longest, violations = check(race)
    return [one.what for one in violations]


@pytest.mark.parametrize(
    "operation",
    [
        put("chris", "9", "3", (0, 10), status=404),
        put("chris", "9", "3", (15, 35), status=404),
        put("chris", "9", "3", (115, 120), status=403),
        put("chris", "9", "3", (105, 108), status=403),
        put("chris", "9", "1", (90, 120), status=412),
        read("chris", (5, 25), 200),
        read("chris", (5, 10), 404),
        read("chris", (5, 25), 404),
    ],
)
def test_passes_what_can_be(operation: Operation) -> None:
    assert wrong(operation) == []


@pytest.mark.parametrize("when", [(15, 22), (105, 108), (109, 120)])
def test_passes_a_write_at_the_edge_of_a_grant(when: tuple[int, int]) -> None:
    """Its moment may be any of those between request and answer."""
    by_chris = put("chris", "4", "3", (when[0] + 1000, when[1] + 1000))
    grants = [
        NOTHING,
        grant(Role.EDITOR, 20, 30),
        grant(Role.NONE, 900, 910),
        grant(Role.EDITOR, 1020, 1030),
        grant(Role.READER, 1100, 1110),
    ]
    versions = [Version(etag="4", author="chris", on_behalf=False), *VERSIONS]
    assert wrong(by_chris, grants=grants, versions=versions) == []


@pytest.mark.parametrize(
    ("what", "operation"),
    [
        ("put of chris, reader .* with 200", put("chris", "4", "3", (111, 120))),
        ("put of chris, reader .* with 412", put("chris", "4", "1", (111, 120), status=412)),
        ("put of chris, none .* with 412", put("chris", "4", "1", (5, 10), status=412)),
        ("put of chris, none .* with 403", put("chris", "4", "1", (5, 10), status=403)),
        ("put of chris, editor .* with 404", put("chris", "4", "3", (50, 60), status=404)),
        ("put of chris, editor .* with 403", put("chris", "4", "3", (50, 60), status=403)),
        ("put of dana, organizer .* with 404", put("dana", "4", "3", (50, 60), status=404)),
        ("read of chris, none .* with 200", read("chris", (5, 10), 200)),
        ("read of chris, reader .* with 404", read("chris", (115, 120), 404)),
        ("read of chris, reader .* with 403", read("chris", (115, 120), 403)),
        ("an update was lost", put("chris", "4", "1", (50, 60))),
        ("although its ETag, 3, was current", put("chris", "4", "3", (80, 90), status=412)),
        ("was answered with 500", put("dana", "4", "3", (80, 90), status=500)),
        ("not in the history", put("dana", "4", "3", (80, 90))),
    ],
)
def test_finds_answers_that_may_not_be(what: str, operation: Operation) -> None:
    found = wrong(operation)
    assert [one for one in found if re.search(what, one)], found


def test_finds_a_write_under_way_that_came_after_the_revocation() -> None:
    """Somebody saw the version before it when the revocation had been answered."""
    late = put("chris", "4", "3", (95, 130))
    seen = read("dana", (115, 120), 200)
    seen.saw = [Seen(MEETING, "3", BY_DANA.mark)]
    versions = [Version(etag="4", author="chris", on_behalf=False), *VERSIONS]
    assert wrong(late, versions=versions) == []
    (found,) = wrong(late, seen, versions=versions)
    assert "put of chris, reader all the time" in found


@pytest.mark.parametrize(
    ("what", "versions"),
    [
        ("is another's", [VERSIONS[0], Version(etag="2", author="robin", on_behalf=False)]),
        ("was no delegate", [VERSIONS[0], Version(etag="2", author="chris", on_behalf=True)]),
        ("another order", [*reversed(VERSIONS[:2]), VERSIONS[2]]),
        ("nobody was told of", [Version(etag="4", author="dana", on_behalf=False), *VERSIONS]),
        ("not in the history", VERSIONS[1:]),
    ],
)
def test_finds_wrong_histories(what: str, versions: list[Version]) -> None:
    found = wrong(versions=[*versions, *(VERSIONS[2:] if len(versions) == 2 else [])])
    assert [one for one in found if what in one], found


def test_finds_revocations_that_are_refused() -> None:
    assert wrong(grants=[*GRANTS, grant(Role.NONE, 200, 210, status=412)]) == [
        "it was answered with 412"
    ]


def test_roles_last_until_the_next_grant_is_answered() -> None:
    times = Timeline(GRANTS)
    assert times.roles(0, 19) == {Role.NONE}
    assert times.roles(25, 25) == {Role.NONE, Role.EDITOR}
    assert times.roles(31, 99) == {Role.EDITOR}
    assert times.roles(0, 500) == {Role.NONE, Role.EDITOR, Role.READER}
    assert times.roles(111, 500) == {Role.READER}


@pytest.mark.slow
def test_the_proof() -> None:
    found = proven("sharing", "--engine", "sqlite", "--seconds", "3")
    for name in ("accepted of dana", "accepted of chris", "accepted of robin", "not granted"):
        assert figure(name, found) > 0
    assert figure("violations", found) == 0
