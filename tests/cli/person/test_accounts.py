"""Several accounts on one machine."""

from pathlib import Path

import pytest

from openucwa.cli.failure import SignInNeeded, WrongInput
from openucwa.cli.person import account as accounts
from openucwa.cli.person import logout, tokens
from openucwa.cli.person.account import Account
from openucwa.client import Client, ConnectionFailed
from tests.cli.person.conftest import Person
from tests.passwords import PASSWORD
from tests.sockets.process import USERNAME

DANA = Account("dana@contoso.com", "https://ucwa.contoso.com/", "one")
CHRIS = Account("chris@contoso.com", "https://ucwa.contoso.com/", "two")
ELSEWHERE = Account("dana@contoso.com", "https://other.contoso.com/", "three")


def test_the_latest_is_chosen_and_the_others_stay() -> None:
    accounts.remember(DANA)
    accounts.remember(CHRIS)
    assert accounts.current() == CHRIS
    assert accounts.everybody().all == [CHRIS, DANA]
    accounts.remember(DANA)
    assert accounts.current() == DANA
    assert accounts.everybody().all == [DANA, CHRIS]


def test_a_command_can_name_another() -> None:
    accounts.remember(DANA)
    accounts.remember(CHRIS)
    accounts.choose("sip:Dana@contoso.com")
    assert accounts.current() == DANA
    accounts.choose("dan")
    assert accounts.current() == DANA
    accounts.choose("kim@contoso.com")
    with pytest.raises(SignInNeeded, match=r"kim@contoso.com is not signed in here"):
        accounts.current()


def test_an_account_is_one_however_it_was_typed() -> None:
    accounts.remember(DANA)
    again = Account("Dana@contoso.com", "https://ucwa.contoso.com", "two")
    accounts.remember(again)
    assert accounts.everybody().all == [again]
    assert accounts.current() == again
    assert again.place == DANA.place


def test_one_address_at_two_servers_is_told_apart() -> None:
    accounts.remember(DANA)
    accounts.remember(ELSEWHERE)
    accounts.choose("dana@contoso.com")
    with pytest.raises(WrongInput, match=r"dana@contoso.com https://other.contoso.com/"):
        accounts.current()
    accounts.choose("dana@contoso.com https://ucwa.contoso.com/")
    assert accounts.current() == DANA


def test_the_only_one_that_is_left_is_current() -> None:
    for one in (DANA, ELSEWHERE, CHRIS):
        accounts.remember(one)
    accounts.forget(CHRIS)
    with pytest.raises(SignInNeeded, match=r"switch ADDRESS with one of dana@contoso.com or dana@"):
        accounts.current()
    accounts.forget(ELSEWHERE)
    assert accounts.current() == DANA
    accounts.forget(DANA)
    with pytest.raises(SignInNeeded, match="Nobody is signed in"):
        accounts.current()


def test_signs_out_the_account_that_was_current_when_it_began(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another sign-out ends meanwhile, and leaves one account, which is then the current one."""
    accounts.remember(CHRIS)
    accounts.remember(DANA)
    for one in (CHRIS, DANA):
        tokens.keep(one, f"token of {one.address}", None)
    signed_out: list[str] = []

    def discover(address: str, *_: object, **named: object) -> object:
        signed_out.append(address)
        raise ConnectionFailed("The server can't be reached.")

    monkeypatch.setattr(Client, "discover", discover)
    known = iter([DANA, CHRIS, CHRIS])
    monkeypatch.setattr(accounts, "current", lambda: next(known))
    logout.command()
    assert signed_out == [DANA.address]
    assert accounts.everybody().all == [CHRIS]
    assert "The next commands use chris@contoso.com." in capsys.readouterr().out


def test_a_variable_that_names_an_account_is_told_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.remember(CHRIS)
    accounts.remember(DANA)
    monkeypatch.setenv("UCWA_ACCOUNT", DANA.address)
    accounts.choose(DANA.address)
    logout.command()
    told = capsys.readouterr().out
    assert "The next commands use the account that UCWA_ACCOUNT names" in told


def test_each_has_a_token_of_its_own(home: Path) -> None:
    for one in (DANA, CHRIS):
        accounts.remember(one)
        tokens.keep(one, f"cwt={one.address}", None)
    for one in (DANA, CHRIS):
        assert tokens.find(one) == (f"cwt={one.address}", None)
    tokens.forget(DANA)
    assert tokens.find(DANA) is None
    assert tokens.find(CHRIS) == ("cwt=chris@contoso.com", None)
    tokens.forget(CHRIS)
    assert not list(home.rglob("token.json"))


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"accounts": 1}', '{"accounts": [1]}', '{"accounts": [{}]}']
)
def test_a_file_that_can_not_be_read_is_none(home: Path, content: str) -> None:
    accounts.remember(DANA)
    (file,) = home.rglob("accounts.json")
    assert file.stat().st_mode & 0o077 == 0
    file.write_text(content)
    assert not accounts.everybody().all


@pytest.mark.slow
def test_a_second_sign_in_leaves_the_first(dana: Person) -> None:
    done = dana.runs("login", "kim@contoso.com", "--at", dana.root_url, typed=f"{PASSWORD}\n")
    assert "You are also signed in as" in done.stdout
    told = dana.told("whoami")
    assert told["address"] == "kim@contoso.com"
    assert [one["address"] for one in told["accounts"]] == ["kim@contoso.com", USERNAME]
    assert dana.told("whoami", "--account", "dana@contoso.com")["address"] == USERNAME
    assert dana.told("--account=dana", "whoami")["address"] == USERNAME
    assert "Also signed in: kim@contoso.com at" in dana.runs("whoami", UCWA_ACCOUNT="dana").stdout
    done = dana.runs("meeting", "list", "--account", "alex@contoso.com")
    assert (done.returncode, done.stdout) == (3, "")
    assert dana.runs("switch", "dana").stdout == f"Switched to {USERNAME} at {dana.root_url}.\n"
    assert dana.told("whoami")["address"] == USERNAME
    done = dana.runs("logout", "--account", "kim")  # the other sign-in is shared between tests
    assert done.stdout.splitlines() == [
        "Signed out kim@contoso.com.",
        f"You are still signed in as {USERNAME}. The next commands use {USERNAME}.",
    ]
    assert dana.told("whoami")["address"] == USERNAME
