"""openucwa user: one account at a time."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openucwa.cli.main import main
from openucwa.domain import passwords
from openucwa.domain.people import MeetingKey
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.cli.conftest import Look, Run

ALEX = "sip:Alex@contoso.com"


def add(run: Run, address: str = ALEX, *more: str, typed: str = "long secret\n") -> None:
    done = run("user", "add", address, "--name", "Alex Darrow", *more, typed=typed)
    assert done.status == 0, done.err


def found(look: Look, address: str = ALEX) -> Any:
    return look(lambda tx: tx.of(Users).by_uri(address))


def sign_in(look: Look, address: str = ALEX) -> None:
    """Give a user a token."""
    user = found(look, address)
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    look(lambda tx: tx.of(Tokens).add(f"hash of {address}", user, expires_at))


def signed_in(look: Look, address: str = ALEX) -> bool:
    return look(lambda tx: tx.of(Tokens).get(f"hash of {address}")) is not None


def test_adds_a_user_with_a_profile(run: Run, look: Look) -> None:
    done = run(
        *("user", "add", ALEX, "--name", "Alex Darrow", "--email", "alexd@contoso.com"),
        *("--title", "Support Engineer", "--department", "Support", "--company", "Contoso"),
        *("--office", "20/1002", "--work-phone", "+1 (425) 555-0103"),
        *("--mobile-phone", "tel:+14255550113", "--home-phone", "4255550123 x7"),
        *("--other-phone", "+1.425.555.0133;ext=8", "--policy", "default"),
        typed="long secret\n",
    )
    assert (done.status, done.out) == (0, f"Added {ALEX}.\n")
    user = found(look)
    assert user.uri == ALEX
    assert user.name == "Alex Darrow"
    assert user.email == "alexd@contoso.com"
    assert user.title == "Support Engineer"
    assert user.department == "Support"
    assert user.company == "Contoso"
    assert user.office == "20/1002"
    assert user.work_phone == "tel:+14255550103"
    assert user.mobile_phone == "tel:+14255550113"
    assert user.home_phone == "tel:4255550123;ext=7"
    assert user.other_phone == "tel:+14255550133;ext=8"
    assert user.policy == "default"
    assert user.join_name == "alexd"


@pytest.mark.parametrize(
    ("typed", "password"),
    [
        ("long secret\n", "long secret"),
        ("long secret", "long secret"),
        ("long secret\r\n", "long secret"),
        (" an odd one \nsecond line\n", " an odd one "),
        ("pässwörd\n", "pässwörd"),
    ],
)
def test_the_password_is_the_first_line_of_standard_input(
    run: Run, look: Look, typed: str, password: str
) -> None:
    add(run, typed=typed)
    hash = found(look).password_hash
    assert hash.startswith("$argon2id$")
    assert passwords.verify(hash, password)


def answers(monkeypatch: pytest.MonkeyPatch, *texts: str) -> list[str]:
    """Type these at the prompts. Returns a list of those that are left."""
    left = list(texts)

    def prompt(text: str, **how: Any) -> str:
        assert how == {"hide_input": True, "err": True}
        return left.pop(0)

    monkeypatch.setattr("typer.prompt", prompt)
    return left


def test_at_a_terminal_the_password_is_asked_for_twice(
    run: Run, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = answers(monkeypatch, "long secret", "long secret")
    run("user", "add", ALEX, "--name", "Alex", at_terminal=True)
    assert left == []
    assert passwords.verify(found(look).password_hash, "long secret")


def test_at_a_terminal_a_password_that_will_not_do_is_asked_for_again(
    run: Run, look: Look, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At once, before it is repeated; and so is one that is repeated otherwise."""
    left = answers(monkeypatch, "short", "Password1", "typo in this", "other", *["long secret"] * 2)
    named = ("user", "add", ALEX, "--name", "Alex")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    with pytest.raises(SystemExit) as ended:
        main(named)
    assert (ended.value.code, left) == (0, [])
    assert capsys.readouterr().err.splitlines() == [
        "The password must have at least 8 characters. Please type another one.",
        "The password must not be a common one, because attackers try those first. Please type "
        "another one.",
        "The two passwords differ. Please type it again.",
    ]
    assert passwords.verify(found(look).password_hash, "long secret")


@pytest.mark.parametrize("typed", ["", "\n", "\r\n", "\nlong secret\n", b"caf\xe9\n"])
def test_an_empty_or_garbled_password_is_refused(run: Run, look: Look, typed: str | bytes) -> None:
    done = run("user", "add", ALEX, "--name", "Alex", typed=typed)
    assert done.status == 2
    assert "password" in done.err
    assert found(look) is None


def test_a_password_is_no_argument_and_is_not_shown(run: Run) -> None:
    done = run("user", "add", ALEX, "--name", "Alex", typed="very-secret\n")
    assert "very-secret" not in done.out + done.err
    assert "very-secret" not in run("user", "list", "--json").out
    assert "argon2" not in run("user", "list", "--json").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["alex"], "The address must be a SIP address such as sip:alex@contoso.com, not 'alex'"),
        (["sip:alex"], "The address must be a SIP address"),
        (["sip:alex@contoso.com;transport=tls"], "The address must be a SIP address"),
        (["sip:alex@contoso.com:5061"], "The address must be a SIP address"),
        (["sips:alex@contoso.com"], "The address must be a SIP address"),
        (["sip:a%6cex@contoso.com"], "The address must be a SIP address"),
        ([""], "The address must be a SIP address"),
        (["alex@fabrikam.com"], "must be in contoso.com, not alex@fabrikam.com; --domain names"),
        ([ALEX, "--name", " "], "--name must not be empty"),
        ([ALEX, "--name", "a\nb"], "--name must be one line"),
        ([ALEX, "--title", "a" * 257], "--title must be one line, of at most 256"),
        ([ALEX, "--email", "alexd"], "--email must be an e-mail address"),
        ([ALEX, "--work-phone", "phone"], "--work-phone must be a telephone number"),
        ([ALEX, "--policy", "sales"], "--policy must be one of default, not 'sales'"),
    ],
)
def test_names_what_is_wrong_and_adds_nobody(
    run: Run, folder: Path, arguments: list[str], said: str
) -> None:
    named = [] if "--name" in arguments else ["--name", "Alex"]
    done = run("user", "add", *arguments, *named, typed="long secret\n")
    assert done.status == 2
    assert said in done.err
    assert not (folder / "openucwa-data").exists()


def test_names_all_that_is_wrong_at_once(run: Run) -> None:
    done = run("user", "add", "a", "--name", "", "--email", "b", "--mobile-phone", "c", typed="d")
    assert len(done.err.splitlines()) == 4


def test_the_address_may_lack_its_scheme(run: Run, look: Look) -> None:
    add(run, "Alex@Contoso.com")
    assert found(look).uri == "sip:Alex@Contoso.com"


def test_refuses_an_address_that_there_is_in_any_spelling(run: Run, look: Look) -> None:
    add(run)
    done = run("user", "add", ALEX.lower(), "--name", "Other", typed="long secret\n")
    assert done.status == 1
    assert "The user sip:alex@contoso.com already exists" in done.err
    assert found(look).name == "Alex Darrow"


def test_a_password_for_a_user_who_is_there_already_is_not_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(run)
    answers(monkeypatch)
    done = run("user", "add", ALEX, "--name", "Other", at_terminal=True)
    assert f"The user {ALEX} already exists" in done.err


def test_a_policy_is_one_of_the_configuration(run: Run, look: Look, folder: Path) -> None:
    (folder / "openucwa.toml").write_text("[policies.sales]\nmeeting_size = 10")
    add(run, ALEX, "--policy", "sales")
    assert found(look).policy == "sales"


def test_takes_directory_and_domain(run: Run, folder: Path) -> None:
    done = run(
        *("user", "add", "--data", "elsewhere", "--domain", "fabrikam.com"),
        *("jon@fabrikam.com", "--name", "Jon"),
        typed="long secret\n",
    )
    assert done.status == 0
    assert (folder / "elsewhere" / "openucwa.sqlite3").exists()
    assert "jon@fabrikam.com" in run("user", "list", "--data", "elsewhere").out


def test_the_data_can_be_read_by_nobody_else(run: Run, folder: Path) -> None:
    add(run)
    assert (folder / "openucwa-data").stat().st_mode & 0o077 == 0
    (folder / "open").mkdir(mode=0o755)
    add(run, ALEX, "--data", "open")
    assert (folder / "open" / "openucwa.sqlite3").stat().st_mode & 0o077 == 0


def test_lists_everybody_and_who_can_sign_in(run: Run, look: Look) -> None:
    add(run)
    add(run, "sip:dana@contoso.com")
    add(run, "sip:chris@contoso.com")
    run("user", "disable", "sip:chris@contoso.com")
    user = msgspec.structs.replace(found(look, "sip:dana@contoso.com"), password_hash="")
    look(lambda tx: tx.of(Users).save(user))
    lines = run("user", "list").out.splitlines()
    assert [(line.split("\t")[0], line.split("\t")[-1]) for line in lines] == [
        (ALEX, "yes"),
        ("sip:chris@contoso.com", "disabled"),
        ("sip:dana@contoso.com", "no password"),
    ]
    listed = json.loads(run("user", "list", "--json").out)
    assert [user["sign_in"] for user in listed] == ["yes", "disabled", "no password"]
    assert listed[0]["uri"] == ALEX
    assert listed[0]["name"] == "Alex Darrow"


def test_markup_in_a_name_is_shown_as_it_is(run: Run) -> None:
    run("user", "add", ALEX, "--name", "[bold]Alex[/bold]", typed="long secret\n")
    assert "[bold]Alex[/bold]" in run("user", "list").out


def test_a_new_password_ends_what_is_signed_in(run: Run, look: Look) -> None:
    add(run)
    add(run, "sip:dana@contoso.com")
    sign_in(look)
    sign_in(look, "sip:dana@contoso.com")
    done = run("user", "password", "alex@contoso.com", typed="another one\n")
    assert (done.status, done.out) == (0, f"{ALEX} has a new password.\n")
    assert passwords.verify(found(look).password_hash, "another one")
    assert not signed_in(look)
    assert signed_in(look, "sip:dana@contoso.com")


def test_an_empty_new_password_changes_nothing(run: Run, look: Look) -> None:
    add(run)
    sign_in(look)
    assert run("user", "password", ALEX, typed="\n").status == 2
    assert passwords.verify(found(look).password_hash, "long secret")
    assert signed_in(look)


def test_who_is_disabled_is_signed_out_and_can_be_enabled(run: Run, look: Look) -> None:
    add(run)
    sign_in(look)
    done = run("user", "disable", ALEX)
    assert (done.status, done.out) == (0, f"{ALEX} can no longer sign in.\n")
    assert found(look).disabled
    assert not signed_in(look)
    done = run("user", "enable", ALEX)
    assert (done.status, done.out) == (0, f"{ALEX} can sign in.\n")
    assert not found(look).disabled
    assert passwords.verify(found(look).password_hash, "long secret")


def test_enabling_tells_that_a_password_is_missing(run: Run, look: Look) -> None:
    add(run)
    user = msgspec.structs.replace(found(look), password_hash="")
    look(lambda tx: tx.of(Users).save(user))
    assert "after you set a password with openucwa user password" in run("user", "enable", ALEX).out


@pytest.mark.parametrize("command", ["password", "disable", "enable"])
def test_somebody_unknown_is_a_failure(run: Run, command: str) -> None:
    add(run)
    done = run("user", command, "sip:nobody@contoso.com", typed="long secret\n")
    assert done.status == 1
    assert "There is no user sip:nobody@contoso.com. Use openucwa user list" in done.err
    done = run("user", command, "nobody", typed="long secret\n")
    assert done.status == 2
    assert "must be a SIP address" in done.err


@pytest.mark.parametrize(
    "arguments", [["list"], ["password", ALEX], ["disable", ALEX], ["enable", ALEX]]
)
def test_a_wrong_directory_is_told_and_not_made(
    run: Run, folder: Path, arguments: list[str]
) -> None:
    done = run("user", *arguments, "--data", "wrong", typed="long secret\n")
    assert done.status == 1
    assert "There is no database in wrong" in done.err
    assert not (folder / "wrong").exists()


def test_a_database_that_is_none_is_told(run: Run, folder: Path) -> None:
    (folder / "openucwa-data").mkdir()
    (folder / "openucwa-data" / "openucwa.sqlite3").write_text("not a database" * 100)
    done = run("user", "list")
    assert done.status == 1
    assert "openucwa.sqlite3 can't be used: file is not a database" in done.err


def test_a_directory_that_is_none_is_told(run: Run, folder: Path) -> None:
    (folder / "file").touch()
    done = run("user", "add", ALEX, "--name", "Alex", "--data", "file", typed="long secret\n")
    assert done.status == 1
    assert "file can't be used: File exists. Name another directory with --data." in done.err


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("seven77", "must have at least 8 characters"),
        ("x" * 1025, "must have at most 1024 characters"),
        ("Password1", "must not be a common one"),
        ("alex@contoso.com", "must not be the name or the address"),
        ("Alex Darrow", "must not be the name or the address"),
        ("AlexDarrow", "must not be the name or the address"),
        ("zzzzzzzzzzzz", "must not be one character repeated"),
    ],
)
def test_a_password_that_is_soon_guessed_is_refused(
    run: Run, look: Look, password: str, why: str
) -> None:
    named = ("user", "add", ALEX, "--name", "Alex Darrow")
    done = run(*named, typed=f"{password}\n")
    assert (done.status, why in done.err) == (2, True)
    assert password not in done.out + done.err
    run(*named, typed="long secret\n")
    done = run("user", "password", ALEX, typed=f"{password}\n")
    assert (done.status, why in done.err) == (2, True)
    assert passwords.verify(found(look).password_hash, "long secret")


def test_disabling_ends_what_guests_of_her_meetings_have_signed_in(run: Run, look: Look) -> None:
    add(run)
    user = found(look)

    def join(tx: Transaction) -> None:
        meeting = MeetingKey(organizer_id=user.id, online_meeting_id="PYC58WSY")
        tx.of(Tokens).add("a guest's", tx.of(Users).add_guest(meeting), tx.now + timedelta(hours=1))

    look(join)
    assert look(lambda tx: tx.of(Tokens).get("a guest's")) is not None
    run("user", "disable", ALEX)
    assert look(lambda tx: tx.of(Tokens).get("a guest's")) is None
