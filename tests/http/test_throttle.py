"""Slowing down those who guess passwords, and nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from httpx2 import Response
from structlog.testing import capture_logs

from openucwa.domain import passwords
from openucwa.http.grants.throttle import Attempt
from openucwa.store.tables.networks import Networks
from openucwa.store.tables.throttle import Throttle
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.http.test_tokens import FORM, TOKENS
from tests.installation import Clock, Installation, Person

STRANGER = "203.0.113.7"
WRONG = {**FORM, "password": "a wrong one"}


def ask(installation: Installation, **form: str) -> Response:
    answer: Response = installation.client.post(TOKENS, data={**FORM, **form})
    return answer


def guess(installation: Installation, number: int, **form: str) -> list[int]:
    """Guess so often. Returns the seconds to wait that were told, 0 for a guess that was heard."""
    answers = [ask(installation, **{**WRONG, **form}) for _ in range(number)]
    assert {one.status_code for one in answers} == {400}
    assert {one.json()["error"] for one in answers} == {"invalid_grant"}
    return [int(one.headers.get("Retry-After", 0)) for one in answers]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords of users who don't exist take their time."""
    verify = passwords.verify
    monkeypatch.setattr(
        "openucwa.domain.passwords.verify",
        lambda hash, password: verify(hash, password) if hash else False,
    )


def test_a_stranger_is_slowed_down(installation: Installation, dana: Person, clock: Clock) -> None:
    """Ten guesses, and one more every five minutes."""
    with installation.at(STRANGER):
        assert guess(installation, 11) == 10 * [0] + [300]
        assert ask(installation).headers["Retry-After"] == "300"
        clock.advance(timedelta(seconds=299))
        assert ask(installation).headers["Retry-After"] == "1"
        clock.advance(timedelta(seconds=1))
        assert guess(installation, 2) == [0, 300]
        clock.advance(timedelta(seconds=300))
        assert ask(installation).status_code == 200


def test_strangers_do_not_keep_a_user_out_where_she_has_signed_in(
    installation: Installation, dana: Person, quick: None
) -> None:
    for number in range(10):
        with installation.at(f"203.0.113.{number}"):
            guess(installation, 10)
    with installation.at(STRANGER.replace("113", "114")):
        assert guess(installation, 2) == [30, 30]
    assert ask(installation).status_code == 200


def test_a_hundred_guesses_are_heard_from_all_strangers_and_then_two_a_minute(
    installation: Installation, dana: Person, clock: Clock
) -> None:
    def heard(networks: range) -> int:
        count = 0
        for number in networks:
            with installation.at(f"203.0.113.{number}"):
                count += guess(installation, 5).count(0)
        return count

    assert heard(range(30)) == 100
    clock.advance(timedelta(minutes=2))
    assert heard(range(30, 40)) == 4


def test_where_a_user_has_signed_in_guesses_are_slowed_down_less(
    installation: Installation, dana: Person, clock: Clock
) -> None:
    assert guess(installation, 12) == 10 * [0] + [30, 30]
    clock.advance(timedelta(seconds=30))
    assert ask(installation).status_code == 200


def test_failures_before_the_first_sign_in_do_not_count_after_it(
    installation: Installation, dana: Person
) -> None:
    with installation.at(STRANGER):
        guess(installation, 5)
        for _ in range(2):
            assert ask(installation).status_code == 200


def test_a_new_password_forgets_where_the_old_one_was_used(
    installation: Installation, dana: Person
) -> None:
    installation.transact(lambda tx: tx.of(Networks).forget(1))
    assert guess(installation, 11)[-1] == 300


def test_other_accounts_are_not_slowed_down(
    installation: Installation, dana: Person, chris: Person
) -> None:
    with installation.at(STRANGER):
        guess(installation, 11)
        assert ask(installation, username="chris@contoso.com").status_code == 200


def test_a_network_is_slowed_down_after_a_hundred_guesses_at_any_accounts(
    installation: Installation, dana: Person, chris: Person, quick: None
) -> None:
    for number in range(100):
        assert guess(installation, 1, username=f"guess{number}") == [0]
    assert guess(installation, 1, username="guess100") == [3]
    assert ask(installation).status_code == 200  # she has signed in there
    with installation.at(STRANGER):
        assert ask(installation, username="chris@contoso.com").status_code == 200


def test_guesses_that_come_together_are_counted(installation: Installation, dana: Person) -> None:
    with ThreadPoolExecutor(12) as guessers:
        heard = list(guessers.map(lambda _: guess(installation, 1)[0], range(40)))
    assert heard.count(0) == 10


def test_right_password_is_not_told_to_whom_guesses_have_overtaken(
    installation: Installation, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process counts ten failures while this one hashes."""
    attempt = Attempt("sip:dana@contoso.com", STRANGER)
    verify = passwords.verify

    def overtaken(hash: str, password: str) -> bool:
        for _ in range(10):
            installation.transact(attempt.fail)
        return verify(hash, password)

    monkeypatch.setattr("openucwa.domain.passwords.verify", overtaken)
    with installation.at(STRANGER):
        assert "Retry-After" in ask(installation).headers


def test_what_is_refused_is_not_hashed(
    installation: Installation, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess(installation, 10)
    monkeypatch.setattr("openucwa.domain.passwords.verify", None)
    assert ask(installation).headers["Retry-After"] == "30"


def test_what_is_stored_names_nobody(installation: Installation, dana: Person) -> None:
    with installation.at(STRANGER):
        guess(installation, 1)

    def rows(tx: Transaction) -> str:
        connection = tx.of(Throttle)._connection
        return str(
            connection.execute("SELECT * FROM throttle", {}).fetchall()
            + connection.execute("SELECT * FROM networks", {}).fetchall()
        )

    stored = installation.transact(rows)
    assert stored.count("('") == 4
    assert "dana" not in stored.lower()
    assert "203.0" not in stored


def test_spelling_of_the_account_does_not_matter(installation: Installation, dana: Person) -> None:
    for username in ("dana", "DANA@contoso.com", "sip:dana@contoso.com", "x\\dana", "Dana") * 2:
        assert guess(installation, 1, username=username) == [0]
    assert guess(installation, 1) == [30]


def test_success_is_not_counted(installation: Installation, dana: Person) -> None:
    for _ in range(12):
        assert ask(installation).status_code == 200


def told(installation: Installation, **form: str) -> tuple[str, str | None]:
    """What the log tells of a sign-in that is refused, which is never the password."""
    with capture_logs() as logs:
        assert ask(installation, **form).status_code == 400
    (line,) = (one for one in logs if one["event"] == "sign_in_refused")
    assert line["client"] == "testclient"
    assert line["request_id"]
    password = form.get("password", FORM["password"])
    assert not password or password not in str(logs)
    return line["why"], line["account"]


class TestLog:
    def test_tells_why_and_whose(self, installation: Installation, dana: Person) -> None:
        assert told(installation, password="a wrong one") == ("wrong", "sip:Dana@contoso.com")
        assert told(installation, username="dana", password="x") == (
            "wrong",
            "sip:Dana@contoso.com",
        )
        unknown = told(installation, username="nobody@contoso.com")
        assert unknown == ("unknown", "sip:nobody@contoso.com")
        assert told(installation, password="x" * 1025)[0] == "too large"
        assert told(installation, more="x" * 17_000) == ("too large", None)
        assert told(installation, password="") == ("malformed", None)

    def test_tells_that_it_was_throttled_or_disabled(
        self, installation: Installation, dana: Person
    ) -> None:
        import msgspec

        guess(installation, 10)
        assert told(installation) == ("throttled", "sip:Dana@contoso.com")

        def disable(tx: Transaction) -> None:
            user = tx.of(Users).by_uri("sip:dana@contoso.com")
            assert user is not None
            tx.of(Users).save(msgspec.structs.replace(user, disabled=True))

        installation.transact(disable)
        with installation.at("testclient"):
            installation.transact(
                lambda tx: tx.of(Throttle)._connection.execute("DELETE FROM throttle", {})
            )
        assert told(installation) == ("disabled", "sip:Dana@contoso.com")

    @pytest.mark.parametrize(
        "typed", ["correct horse", "hunter2", "P@ssw0rd", "sip:hunter2", "x\\hunter2", "p@contoso"]
    )
    def test_does_not_tell_what_may_be_a_password(
        self, installation: Installation, dana: Person, typed: str
    ) -> None:
        """Somebody types her password where her name belongs."""
        with capture_logs() as logs:
            ask(installation, username=typed, password="x")
        assert typed.lower() not in str(logs).lower()
        assert "hunter2" not in str(logs)
