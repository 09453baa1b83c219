"""The work of administrators on the accounts of people.

A server that runs on the same database heeds it with its next request.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

from openucwa.cli import database, profiles
from openucwa.cli.failure import Failure, WrongInput
from openucwa.cli.people_file import Row
from openucwa.domain import passwords
from openucwa.domain.people import Profile, User
from openucwa.settings import Settings
from openucwa.store.belongings import Belongings, Owned
from openucwa.store.tables.networks import Networks
from openucwa.store.tables.sessions import Sessions
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire import sip


def profile(settings: Settings, typed: Mapping[str, str]) -> Profile:
    """The profile that was typed. Raises WrongInput, which names options."""
    try:
        return Profile(
            **profiles.members(typed, domain=settings.domain, policies=settings.policies)
        )
    except profiles.Wrong as wrong:
        raise _wrong(wrong) from None


def _wrong(wrong: profiles.Wrong) -> WrongInput:
    return WrongInput("\n".join(f"{_option(name)} {why}" for name, why in wrong.problems.items()))


def _option(name: str) -> str:
    return "The address" if name == "uri" else "--" + name.replace("_", "-")


def everybody(settings: Settings) -> list[User]:
    """All users, in the order of their addresses."""
    return database.read(settings, _all)


def add(settings: Settings, wanted: Profile, password: str) -> User:
    """Add a user. Raises Failure when there is one with that address."""
    hash = _hash(password, wanted)
    user = database.write(settings, lambda tx: tx.of(Users).add(wanted, hash))
    if user is None:
        raise _already(wanted)
    return user


def check_new(settings: Settings, wanted: Profile) -> None:
    """Raise Failure if there is a user with that address, before anybody types a password."""
    location = settings.database_location
    if isinstance(location, Path) and not location.exists():
        return
    if database.read(settings, lambda tx: tx.of(Users).by_uri(wanted.uri)):
        raise _already(wanted)


def _already(wanted: Profile) -> Failure:
    return Failure(
        f"The user {wanted.uri} already exists. Use openucwa user password to set a new "
        "password, or openucwa user edit to change the profile."
    )


def find(settings: Settings, address: str) -> User:
    """The user of an address. Raises Failure when there is none, WrongInput when it is none."""
    uri = _address(address)
    return database.read(settings, lambda tx: _found(tx, uri))


def set_password(settings: Settings, address: str, password: str) -> User:
    """Give a user another password and end all that is signed in. Raises as find does."""
    hash = _hash(password, find(settings, address))
    return _change(settings, address, revoke=True, forget=True, password_hash=hash)


def password_check(whose: Profile) -> Callable[[str], None]:
    """Return a check of a user's new password, which raises WrongInput for one soon guessed."""

    def check(password: str) -> None:
        try:
            passwords.check(password, (whose.uri.removeprefix("sip:"), whose.name))
            password.encode()
        except UnicodeEncodeError:
            raise WrongInput("The password must be text.") from None
        except ValueError as error:
            raise WrongInput(f"The password {error}.") from None

    return check


def _hash(password: str, whose: Profile) -> str:
    """Return the hash of a new password. Raises WrongInput for one that is soon guessed."""
    password_check(whose)(password)
    return passwords.hash(password)


def disable(settings: Settings, address: str) -> User:
    """Keep a user from signing in, and end all that is signed in. Raises as find does."""
    return _change(settings, address, revoke=True, disabled=True)


def enable(settings: Settings, address: str) -> User:
    """Let a user sign in again. Raises as find does."""
    return _change(settings, address, revoke=False, disabled=False)


def edit(settings: Settings, address: str, typed: Mapping[str, str]) -> tuple[User, User]:
    """Change what was typed of a profile. Returns the user before and after. Raises as find does.

    A profile is checked before anything changes: raises WrongInput, which names options.
    """
    uri = _address(address)
    try:
        wanted = profiles.members(typed, domain=settings.domain, policies=settings.policies)
    except profiles.Wrong as wrong:
        raise _wrong(wrong) from None

    def change(tx: Transaction) -> tuple[User, User]:
        before = _found(tx, uri)
        after = msgspec.structs.replace(before, **wanted)
        if after != before:
            tx.of(Users).save(after)
        return before, after

    return database.change(settings, change)


def owned(settings: Settings, address: str) -> tuple[User, Owned]:
    """A user, and what she has. Raises as find does."""
    uri = _address(address)

    def look(tx: Transaction) -> tuple[User, Owned]:
        user = _found(tx, uri)
        return user, tx.of(Belongings).of(user)

    return database.read(settings, look)


def remove(settings: Settings, address: str) -> User:
    """Remove a user, with all that is hers. Raises as find does."""
    uri = _address(address)

    def change(tx: Transaction) -> User:
        user = _found(tx, uri)
        tx.of(Belongings).remove(user)
        return user

    return database.change(settings, change)


def _change(
    settings: Settings, address: str, *, revoke: bool, forget: bool = False, **members: object
) -> User:
    uri = _address(address)

    def change(tx: Transaction) -> User:
        user = msgspec.structs.replace(_found(tx, uri), **members)
        tx.of(Users).save(user)
        if revoke:
            tx.of(Tokens).revoke(user.id)
        if user.disabled:
            tx.of(Sessions).end_of_guests(user.id)
        if forget:
            tx.of(Networks).forget(user.id)
        return user

    return database.change(settings, change)


def _address(typed: str) -> str:
    try:
        return profiles.address(typed)
    except ValueError as error:
        raise WrongInput(f"The address {error}.") from None


def _found(tx: Transaction, uri: str) -> User:
    user = tx.of(Users).by_uri(uri)
    if user is None:
        raise Failure(f"There is no user {uri}. Use openucwa user list to list all users.")
    return user


@dataclass
class Imported:
    """Counts of the people that an import has added, changed, and left without a password."""

    added: int = 0
    changed: int = 0
    without_password: int = 0


def import_people(settings: Settings, rows: Sequence[Row]) -> Imported:
    """Add people, and change the profiles of those who are there already; all of them or none.

    Who is there already keeps her password, and what the file has no column for. Raises Failure.
    """
    known = {sip.normalise(user.uri) for user in database.write(settings, _all)}
    new = [row for row in rows if row.password and sip.normalise(row.members["uri"]) not in known]
    with ThreadPoolExecutor() as threads:  # hashing lets the other threads run
        hashes = dict(
            zip(
                (row.line for row in new),
                threads.map(passwords.hash, (row.password for row in new)),
                strict=True,
            )
        )
    return database.write(settings, lambda tx: _import(tx, rows, hashes))


def _import(tx: Transaction, rows: Sequence[Row], hashes: Mapping[int, str]) -> Imported:
    counted = Imported()
    for row in rows:
        found = tx.of(Users).by_uri(row.members["uri"])
        if found is None:
            user = tx.of(Users).add(Profile(**row.members), hashes.get(row.line, ""))
            assert user is not None
            counted.added += 1
        else:
            user = msgspec.structs.replace(found, **{**row.members, "uri": found.uri})
            if user != found:
                tx.of(Users).save(user)
                counted.changed += 1
        counted.without_password += not user.password_hash
    return counted


def _all(tx: Transaction) -> list[User]:
    return tx.of(Users).all()
