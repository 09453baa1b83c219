"""How the tests put an exchange to the oracle, and spoil what it serves."""

from __future__ import annotations

from tests.conformance.bodies import Members
from tests.conformance.oracle import Exchange, Oracle


def findings(seen: Exchange, oracle: Oracle | None = None) -> list[str]:
    return [str(finding) for finding in (oracle or Oracle.load()).check(seen)]


def assert_found(seen: Exchange, expected: str) -> None:
    found = findings(seen)
    assert any(expected in finding for finding in found), found or "nothing was found"


def without(members: Members, *names: str) -> Members:
    return {name: value for name, value in members.items() if name not in names}


def with_links(members: Members, **links: object) -> Members:
    own = members["_links"]
    assert isinstance(own, dict)
    return {**members, "_links": {**own, **links}}
