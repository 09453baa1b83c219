"""openucwa user show, edit and remove."""

import json
from pathlib import Path
from typing import Any

import pytest

from openucwa.domain.people import User
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel
from tests.cli.conftest import Look, Run
from tests.engines import CURRENT
from tests.sockets.line import Line, sign_in
from tests.sockets.process import USERNAME, add_user, serving
from tests.sockets.process import run as run_command
from tests.store.memory import application, details

ALEX = "sip:Alex@contoso.com"


@pytest.fixture
def alex(run: Run) -> None:
    added = run(
        *("user", "add", ALEX, "--name", "Alex Darrow", "--email", "alexd@contoso.com"),
        *("--title", "Support Engineer"),
        typed="a long password\n",
    )
    assert added.status == 0, added.err


def found(look: Look) -> User | None:
    user: User | None = look(lambda tx: tx.of(Users).by_uri(ALEX))
    return user


def schedule(look: Look, *subjects: str) -> None:
    def add(tx: Transaction) -> None:
        user = tx.of(Users).by_uri(ALEX)
        assert user is not None
        for subject in subjects:
            tx.of(Meetings).add(
                OnlineMeetingRel.MY_ONLINE_MEETINGS, details(subject), by=application(user.id)
            )

    look(add)


@pytest.mark.usefixtures("alex")
def test_shows_a_profile_and_what_the_user_has(run: Run, look: Look) -> None:
    schedule(look, "Review", "Interview")
    done = run("user", "show", "alex@contoso.com")
    assert done.status == 0
    shown = dict(line.rstrip().split(maxsplit=1) for line in done.out.splitlines())
    assert shown["address"] == ALEX
    assert shown["e-mail"] == "alexd@contoso.com"
    assert shown["title"] == "Support Engineer"
    assert shown["department"] == "-"
    assert shown["meetings"] == "2"
    members: Any = json.loads(run("user", "show", ALEX, "--json").out)
    assert members["uri"] == ALEX
    assert members["join_name"] == "alexd"
    assert (members["sign_in"], members["meetings"], members["guests"]) == ("yes", 2, 0)
    assert "argon2" not in json.dumps(members)


@pytest.mark.usefixtures("alex")
def test_edits_what_is_given(run: Run, look: Look) -> None:
    before = found(look)
    assert before
    done = run("user", "edit", ALEX, "--name", "Alex D.", "--title", "", "--work-phone", "425 5550")
    assert (done.status, done.out) == (
        0,
        f"Changed {ALEX}.\n"
        "  name: Alex Darrow → Alex D.\n"
        "  title: Support Engineer → -\n"
        "  work phone: - → tel:4255550\n",
    )
    after = found(look)
    assert after
    assert (after.name, after.title, after.work_phone) == ("Alex D.", "", "tel:4255550")
    assert (after.email, after.password_hash) == (before.email, before.password_hash)
    assert run("user", "edit", ALEX, "--name", "Alex D.").out == "Nothing to change.\n"


@pytest.mark.usefixtures("alex")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "No change was given"),
        (["--name", ""], "--name must not be empty"),
        (["--policy", "sales"], "--policy must be one of default, not 'sales'"),
        (["--email", "alexd", "--title", "a\nb"], "--title must be one line"),
    ],
)
def test_a_wrong_edit_changes_nothing(
    run: Run, look: Look, arguments: list[str], said: str
) -> None:
    before = found(look)
    done = run("user", "edit", ALEX, *arguments)
    assert done.status == 2
    assert said in done.err
    assert found(look) == before


@pytest.mark.usefixtures("alex")
def test_removes_nobody_where_nobody_can_be_asked(run: Run, look: Look) -> None:
    schedule(look, *(f"Review {number}" for number in range(12)))
    done = run("user", "remove", ALEX, typed="y\n")
    assert done.status == 2
    assert (
        "This permanently removes Alex Darrow (sip:Alex@contoso.com), with 12 meetings, 0 guests"
        in (done.out)
    )
    assert done.out.count("  Review") == 10
    assert "  and 2 more\n" in done.out
    assert f"openucwa user disable {ALEX}" in done.out
    assert done.err == (
        "Error: Nothing was removed, because nobody can confirm it here. Give --yes to remove it.\n"
    )
    assert found(look)


@pytest.mark.usefixtures("alex")
def test_removes_when_told_to(run: Run, look: Look) -> None:
    schedule(look, "Review")
    done = run("user", "remove", "alex@contoso.com", "--yes")
    assert (done.status, done.out) == (
        0,
        f"Removed {ALEX}, with 1 meeting, 0 guests, 0 applications, 0 sessions.\n",
    )
    assert found(look) is None


@pytest.mark.usefixtures("alex")
@pytest.mark.parametrize(("answer", "goes"), [("n\n", False), ("\n", False), ("y\n", True)])
def test_asks_at_a_terminal(run: Run, look: Look, answer: str, goes: bool) -> None:
    done = run("user", "remove", ALEX, typed=answer, at_terminal=True)
    assert done.status == 0
    assert (found(look) is None) == goes
    assert ("Nothing was removed." in done.out) != goes


@pytest.mark.usefixtures("alex")
def test_a_question_mark_tells_what_a_removal_does(run: Run, look: Look) -> None:
    done = run("user", "remove", ALEX, typed="?\nno\n", at_terminal=True)
    assert f"Remove {ALEX}? [y]es [n]o " in done.err
    assert "  y  remove the user and everything listed above permanently" in done.err
    assert found(look) is not None


@pytest.mark.usefixtures("alex")
def test_tells_that_a_user_is_disabled_already(run: Run) -> None:
    run("user", "disable", ALEX)
    done = run("user", "remove", ALEX, typed="n\n", at_terminal=True)
    assert "already disabled, which keeps all data" in done.out
    assert "openucwa user disable" not in done.out


@pytest.mark.usefixtures("alex")
@pytest.mark.parametrize("command", ["show", "edit", "remove"])
def test_somebody_unknown_is_a_failure(run: Run, command: str) -> None:
    more = {"edit": ["--name", "Nobody"], "remove": ["--yes"]}.get(command, [])
    done = run("user", command, "sip:nobody@contoso.com", *more)
    assert done.status == 1
    assert "There is no user sip:nobody@contoso.com. Use openucwa user list" in done.err


@pytest.mark.slow
def test_a_running_server_heeds_a_removal(tmp_path: Path) -> None:
    """The pending GET of who is removed ends, and the token is not taken any more."""
    add_user(tmp_path)
    with serving(tmp_path) as server, Line(server) as line, Line(server) as waiting:
        dana = sign_in(server)
        assert line.ask(dana.post(dana.meetings, {"subject": "Review"})).status == 200
        events = dana.application["_links"]["events"]["href"] + "&extended=true"
        following = line.ask(dana.get(events)).json["_links"]["next"]["href"]
        waiting.send(dana.get(following))
        where = ("--data", "data", *CURRENT.options(tmp_path))
        removed = run_command(tmp_path, "user", "remove", USERNAME, "--yes", *where)
        assert removed.returncode == 0, removed.stderr
        assert "with 2 meetings, 0 guests, 1 application, 1 session" in removed.stdout
        assert waiting.answer().status == 403
        with Line(server) as another:  # the first one was idle for as long as the command took
            assert another.ask(dana.get(events)).status == 403
