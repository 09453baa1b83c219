"""The table of users."""

import re

import msgspec

from openucwa.domain import sip
from openucwa.domain.facts import of_user
from openucwa.domain.people import Profile, User
from openucwa.store.connection import Connection
from openucwa.store.facts import Facts
from openucwa.wire.channel import EventType

_SELECT = "SELECT id, join_name, password_hash, disabled, profile FROM users"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Profile).decode


class Users:
    def __init__(self, connection: Connection, facts: Facts) -> None:
        self._connection = connection
        self._facts = facts

    def get(self, user_id: int) -> User | None:
        row = self._connection.execute(f"{_SELECT} WHERE id = :id", {"id": user_id}).fetchone()
        return user_of(*row) if row else None

    def by_uri(self, uri: str) -> User | None:
        """The user of a SIP address, however it is spelled. Raises ValueError when it is none."""
        row = self._connection.execute(
            f"{_SELECT} WHERE sip_key = :key", {"key": sip.normalise(uri)}
        ).fetchone()
        return user_of(*row) if row else None

    def all(self) -> list[User]:
        """Everybody, in the order of their addresses."""
        return [
            user_of(*row)
            for row in self._connection.execute(f"{_SELECT} ORDER BY sip_key", {}).fetchall()
        ]

    def add(self, profile: Profile, password_hash: str) -> User | None:
        """Add a user; None when there is one with that address."""
        if self.by_uri(profile.uri):
            return None
        (last,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM users", {}).fetchone()
        user = User(
            **msgspec.structs.asdict(profile),
            id=last + 1,
            join_name=self._free_join_name(profile),
            password_hash=password_hash,
        )
        self._connection.execute(
            "INSERT INTO users (id, sip_key, join_name, password_hash, disabled, profile)"
            " VALUES (:id, :key, :join_name, :password_hash, 0, :profile)",
            {
                "id": user.id,
                "key": sip.normalise(user.uri),
                "join_name": user.join_name,
                "password_hash": password_hash,
                "profile": _profile(user),
            },
        )
        return user

    def save(self, user: User) -> None:
        """Keep what has changed of a user: all but the address and the join name."""
        self._connection.execute(
            "UPDATE users SET password_hash = :password_hash, disabled = :disabled,"
            " profile = :profile WHERE id = :id",
            {
                "id": user.id,
                "password_hash": user.password_hash,
                "disabled": int(user.disabled),
                "profile": _profile(user),
            },
        )
        self._facts.append(of_user(user.id), EventType.UPDATED, "me")

    def _free_join_name(self, profile: Profile) -> str:
        """The local part of the e-mail address, or else of the SIP address, made unique."""
        address = profile.email or sip.normalise(profile.uri).removeprefix("sip:")
        wanted = re.sub(r"[^a-z0-9.-]", "", address.partition("@")[0].lower()) or "user"
        name, number = wanted, 1
        while self._connection.execute(
            "SELECT 1 FROM users WHERE join_name = :name", {"name": name}
        ).fetchone():
            number += 1
            name = f"{wanted}{number}"
        return name


def _profile(user: User) -> str:
    return _encode(
        Profile(**{name: getattr(user, name) for name in Profile.__struct_fields__})
    ).decode()


def user_of(id: int, join_name: str, password_hash: str, disabled: int, profile: str) -> User:
    """The user of a row."""
    return User(
        **msgspec.structs.asdict(_decode(profile)),
        id=id,
        join_name=join_name,
        password_hash=password_hash,
        disabled=bool(disabled),
    )
