"""People and their accounts."""

import msgspec
import pytest

from openucwa.domain.people import Profile, User
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction

DANA = Profile(uri="sip:Dana@contoso.com", name="Dana Birkby", title="Lead", work_phone="tel:+1")


def add(tx: Transaction, profile: Profile) -> User:
    user = tx.of(Users).add(profile, "hash")
    assert user is not None
    return user


def test_a_user_is_found_as_added(tx: Transaction) -> None:
    user = add(tx, DANA)
    assert tx.of(Users).get(user.id) == user
    assert msgspec.structs.asdict(user).items() >= msgspec.structs.asdict(DANA).items()
    assert user.password_hash == "hash"
    assert not user.disabled


def test_who_is_not_there_is_not_found(tx: Transaction) -> None:
    user = add(tx, DANA)
    assert tx.of(Users).get(user.id + 1) is None
    assert tx.of(Users).by_uri("sip:chris@contoso.com") is None


@pytest.mark.parametrize(
    "uri", ["sip:Dana@contoso.com", "SIP:DANA@CONTOSO.COM", "sips:d%61na@contoso.com:5061"]
)
def test_a_user_is_found_by_any_spelling_of_the_address(tx: Transaction, uri: str) -> None:
    user = add(tx, DANA)
    assert tx.of(Users).by_uri(uri) == user
    assert tx.of(Users).add(Profile(uri=uri, name="Another Dana"), "") is None
    assert tx.of(Users).all() == [user]


def test_what_is_no_address_finds_nobody(tx: Transaction) -> None:
    with pytest.raises(ValueError, match="Dana"):
        tx.of(Users).by_uri("Dana")


def test_everybody_is_listed_in_the_order_of_the_addresses(tx: Transaction) -> None:
    for name in ("chris", "Alex", "dana", "Ben"):
        add(tx, Profile(uri=f"sip:{name}@contoso.com", name=name))
    assert [user.name for user in tx.of(Users).all()] == ["Alex", "Ben", "chris", "dana"]


def test_everything_can_change_but_the_address_and_the_join_name(tx: Transaction) -> None:
    user = add(tx, DANA)
    add(tx, Profile(uri="sip:chris@contoso.com", name="Chris Barry"))
    changed = msgspec.structs.replace(
        user, name="Dana B.", title="", policy="guests", password_hash="new", disabled=True
    )
    tx.of(Users).save(changed)
    assert tx.of(Users).by_uri(user.uri) == changed
    assert [one.name for one in tx.of(Users).all()] == ["Chris Barry", "Dana B."]


@pytest.mark.parametrize(
    ("uri", "email", "name"),
    [
        ("sip:Dana@contoso.com", "", "dana"),
        ("sip:dana@contoso.com", "DanaB@contoso.com", "danab"),
        ("sip:dana_b%20c@contoso.com", "", "danab20c"),
        ("sip:dana.b-c@contoso.com", "", "dana.b-c"),
        ("sip:***@contoso.com", "", "user"),
    ],
)
def test_join_urls_name_a_user_by_email_or_else_by_address(
    tx: Transaction, uri: str, email: str, name: str
) -> None:
    assert add(tx, Profile(uri=uri, name="Dana", email=email)).join_name == name


def test_every_user_has_a_join_name_of_her_own(tx: Transaction) -> None:
    uris = [
        "sip:dana@contoso.com",
        "sip:dana2@contoso.com",
        "sip:dana@fabrikam.com",
        "sip:da_na@contoso.com",
        "sip:dan@contoso.com",
    ]
    names = [add(tx, Profile(uri=uri, name="Dana")).join_name for uri in uris]
    assert names == ["dana", "dana2", "dana3", "dana4", "dan"]


def test_some_are_found_together_and_who_is_not_there_is_left_out(tx: Transaction) -> None:
    everybody = {
        user.id: user
        for user in (add(tx, Profile(uri=f"sip:{n}@contoso.com", name=str(n))) for n in range(45))
    }
    assert tx.of(Users).some([]) == {}
    assert tx.of(Users).some([999]) == {}
    first = next(iter(everybody))
    assert tx.of(Users).some({first, 999}) == {first: everybody[first]}
    assert tx.of(Users).some(everybody) == everybody
