"""The meeting of the README's page: three people in three terminals, and a guest who knocks."""

from pathlib import Path

import pytest

from tests.cli.person.conftest import Person
from tests.passwords import PASSWORD

pytestmark = pytest.mark.slow

_F2 = "\x1bOQ"


@pytest.fixture
def pat(tmp_path: Path, root_url: str) -> Person:
    """Pat, signed in."""
    found = Person(tmp_path / "pat", root_url)
    found.home.mkdir()
    done = found.runs("login", "pat@contoso.com", "--at", root_url, typed=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    return found


def test_three_people_and_a_guest_meet(dana: Person, kim: Person, pat: Person) -> None:
    made = dana.told("meeting", "schedule", "--subject", "Weekly")
    id, url = made["onlineMeetingId"], made["joinUrl"]
    with (
        dana.at_terminal("meeting", "join", id, columns=80) as hers,
        kim.at_terminal("meeting", "join", url, columns=80) as his,
        pat.at_terminal("meeting", "join", url, columns=80) as other,
        pat.at_terminal(
            *("meeting", "join", url, "--name", "Gwen", "--at", kim.root_url), columns=80
        ) as guest,
    ):
        for window in (hers, his, other):
            window.sees("3 here")
        guest.sees("waiting")
        hers.sees("Waiting (1)")
        hers.sends(_F2)
        for window in (hers, his, other, guest):
            window.sees("4 here")
        guest.sends("Hello, everybody\r")
        his.sends("Welcome\r")
        for window in (hers, his, other):
            window.sees("Gwen (guest): Hello, everybody")
        hers.sees("kim: Welcome")
        hers.presses("c")
        assert hers.ends() == 0
        guest.sees("3 here")
