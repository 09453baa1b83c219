"""Access tokens."""

from datetime import timedelta

import pytest

from openucwa.domain.people import Profile, User
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.store.memory import NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def dana(tx: Transaction) -> User:
    return added(tx, "dana")


def added(tx: Transaction, name: str) -> User:
    user = tx.of(Users).add(Profile(uri=f"sip:{name}@contoso.com", name=name), "hash")
    assert user is not None
    return user


def test_a_token_tells_whose_it_is_and_how_long(tx: Transaction, dana: User) -> None:
    tx.of(Tokens).add("one", added(tx, "chris"), NOW)
    tx.of(Tokens).add("two", dana, NOW + HOUR)
    assert tx.of(Tokens).get("two") == (dana, NOW + HOUR)


def test_an_unknown_token_is_nobodys(tx: Transaction, dana: User) -> None:
    tx.of(Tokens).add("one", dana, NOW)
    assert tx.of(Tokens).get("ONE") is None
    assert tx.of(Tokens).get("two") is None


def test_all_tokens_of_one_user_can_expire_together(tx: Transaction, dana: User) -> None:
    """Except those that have expired already."""
    chris = added(tx, "chris")
    for hash, user, expires_at in (
        ("long ago", dana, NOW - HOUR),
        ("soon", dana, NOW + HOUR),
        ("later", dana, NOW + 2 * HOUR),
        ("chris", chris, NOW + HOUR),
    ):
        tx.of(Tokens).add(hash, user, expires_at)
    assert tx.of(Tokens).expire(dana.id, NOW) == 2
    hashes = ("long ago", "soon", "later", "chris")
    expiry = [found[1] for found in map(tx.of(Tokens).get, hashes) if found]
    assert expiry == [NOW - HOUR, NOW, NOW, NOW + HOUR]


def test_revoking_ends_all_tokens_of_one_user(tx: Transaction, dana: User) -> None:
    chris = added(tx, "chris")
    for hash, user in (("one", dana), ("two", dana), ("three", chris)):
        tx.of(Tokens).add(hash, user, NOW)
    tx.of(Tokens).revoke(dana.id)
    assert [tx.of(Tokens).get(hash) for hash in ("one", "two")] == [None, None]
    assert tx.of(Tokens).get("three") == (chris, NOW)


def test_a_sweep_removes_what_expired_before_then(tx: Transaction, dana: User) -> None:
    for hours in (-2, -1, 0, 1):
        tx.of(Tokens).add(str(hours), dana, NOW + hours * HOUR)
    assert tx.of(Tokens).sweep(NOW) == 2
    assert [hours for hours in (-2, -1, 0, 1) if tx.of(Tokens).get(str(hours))] == [0, 1]
