"""Delegates at the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.person.conftest import Person
from tests.passwords import PASSWORD
from tests.sockets.process import USERNAME

pytestmark = pytest.mark.slow

KIM = {"uri": "sip:kim@contoso.com", "name": "kim", "email": "kimb@contoso.com", "title": None}


@pytest.fixture
def kim(tmp_path: Path, root_url: str) -> Person:
    """Kim, signed in."""
    found = Person(tmp_path / "kim", root_url)
    found.home.mkdir()
    done = found.runs("login", "kim@contoso.com", "--at", root_url, typed=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    return found


@pytest.fixture(autouse=True)
def nobody_acts(dana: Person) -> Iterator[None]:
    """Others share the server."""
    yield
    for one in dana.told("delegate", "list")["delegates"]:
        dana.told("delegate", "remove", one["uri"])


def test_are_added_listed_and_removed(dana: Person, kim: Person) -> None:
    assert dana.told("delegate", "list") == {"delegates": [], "delegators": []}
    assert dana.runs("delegate", "list").stdout == ""
    done = dana.runs("delegate", "add", "Kim@contoso.com")
    assert (done.returncode, done.stdout) == (
        0,
        "kim (kim@contoso.com) acts for you from now on.\n",
    )
    assert dana.told("delegate", "list") == {"delegates": [KIM], "delegators": []}
    (boss,) = kim.told("delegate", "list")["delegators"]
    assert boss["uri"] == f"sip:{USERNAME}"
    assert dana.runs("delegate", "list").stdout == "kim\tkim@contoso.com\tacts for you\n"
    assert kim.runs("delegate", "list").stdout == f"Dana\t{USERNAME}\tyou act for\n"
    done = dana.runs("delegate", "remove", "kim")
    assert (done.returncode, done.stdout) == (0, "kim (kim@contoso.com) acts for you no more.\n")
    assert kim.told("delegate", "list") == {"delegates": [], "delegators": []}


def test_for_programs(dana: Person) -> None:
    assert dana.told("delegate", "add", "sip:kim@contoso.com") == KIM
    assert dana.told("delegate", "remove", "KIM@contoso.com") == KIM


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("add", "kim"), 2, "'kim' is not a SIP address. Write it like sip:kim@contoso.com;"),
        (
            ("add", "nobody@contoso.com"),
            2,
            "nobody@contoso.com is not a user: choose a user of this",
        ),
        (("add", "x@fabrikam.com"), 2, "x@fabrikam.com is not an address of contoso.com: choose"),
        (("add", USERNAME), 2, f"{USERNAME} is your own address: a delegate is somebody else."),
        (("add", "pat@contoso.com"), 1, "pat is your delegate already."),
        (
            ("remove", "kim@contoso.com"),
            5,
            "kim@contoso.com does not act for you. Your only delegate",
        ),
        (("remove", "nobody"), 5, "nobody does not act for you. Your only delegate is pat (pat@"),
        (("remove", "a b@c"), 2, "'a b@c' is not a SIP address."),
    ],
)
def test_what_goes_wrong(dana: Person, arguments: tuple[str, ...], status: int, told: str) -> None:
    dana.told("delegate", "add", "pat@contoso.com")
    done = dana.runs("delegate", *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(f"Error: {told}")
    assert done.stderr.count("\n") == 1
    done = dana.runs("delegate", "remove", "pat")
    assert done.returncode == 0


def test_at_a_terminal(dana: Person, kim: Person) -> None:
    with dana.at_terminal("delegate", "list") as terminal:
        terminal.sees("You have no delegates, and act for nobody.")
        assert terminal.ends() == 0
    dana.told("delegate", "add", "kim@contoso.com")
    kim.told("delegate", "add", USERNAME)
    with dana.at_terminal("delegate", "list") as terminal:
        terminal.sees("name address relation")
        terminal.sees("kim kim@contoso.com acts for you")
        terminal.sees("kim kim@contoso.com you act for")
        assert terminal.ends() == 0
    with dana.at_terminal("delegate", "list", columns=40) as terminal:
        terminal.sees("kim kim@contoso.com acts for you")
        assert terminal.ends() == 0
    kim.told("delegate", "remove", USERNAME)


def test_only_who_is_acted_for_can_end_it(dana: Person, kim: Person) -> None:
    dana.told("delegate", "add", "kim@contoso.com")
    done = kim.runs("delegate", "remove", USERNAME)
    assert done.returncode == 5
    assert done.stderr == (
        f"Error: You act for Dana ({USERNAME}). Only Dana can end that: ask Dana.\n"
    )
