"""The table of users: the people of the organization, and the guests of their meetings.

Guests have addresses that nobody can have, in a domain that does not exist (RFC 2606), and negative
ids. They are found by their tokens alone.
"""

import re
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache

import msgspec

from openucwa.domain.deployment import Lifetimes
from openucwa.domain.directory import Wanted, fold, words
from openucwa.domain.facts import of_user
from openucwa.domain.people import MeetingKey, Profile, User
from openucwa.store.connection import Turn, turn_of_user
from openucwa.store.table import Rows, Table
from openucwa.wire import sip
from openucwa.wire.channel import EventType
from openucwa.wire.dates import milliseconds

COLUMNS = "id, join_name, password_hash, disabled, profile, guest_organizer_id, guest_meeting_id"
"""What `user_of` takes, in its order."""
_SELECT = f"SELECT {COLUMNS} FROM users"
_AT_ONCE = 20  # one statement for any number, which is prepared once
_SELECT_SOME = f"{_SELECT} WHERE id IN ({', '.join(f':id{n}' for n in range(_AT_ONCE))})"
GUESTS_DOMAIN = "anonymous.invalid"
_NAMES = Turn("directory", "names")
"""The turn of who adds a user."""
# Nobody is given the id of a user who is removed: facts may be told of it.
KEEP_IDS = (
    "UPDATE log SET removed_user = (SELECT max(id) FROM users)"
    " WHERE removed_user < (SELECT coalesce(max(id), 0) FROM users)"
)
_FORGET_GUESTS = (
    "DELETE FROM users WHERE guest_meeting_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.user_id = users.id)"
    " AND NOT EXISTS (SELECT 1 FROM applications a WHERE a.user_id = users.id)"
)
_WORDS = "SELECT user_id FROM directory_words WHERE"
_AFTER_ALL = "\U0010ffff"
"""A character that sorts after all those that words have."""
_RELATED = (
    "SELECT delegate_id FROM delegates WHERE organizer_id = :me"
    " UNION ALL SELECT organizer_id FROM delegates WHERE delegate_id = :me"
)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Profile).decode


class Users(Table):
    rows = (Rows(name="users", owner="id"), Rows(name="directory_words", owner="user_id"))

    def get(self, user_id: int) -> User | None:
        row = self._connection.execute(f"{_SELECT} WHERE id = :id", {"id": user_id}).fetchone()
        return user_of(*row) if row else None

    def some(self, user_ids: Collection[int]) -> dict[int, User]:
        """Those of some users who are still known, by id."""
        found: dict[int, User] = {}
        ids = sorted(user_ids)
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            named = {f"id{n}": part[min(n, len(part) - 1)] for n in range(_AT_ONCE)}
            rows = self._connection.execute(_SELECT_SOME, named).fetchall()
            found |= {user.id: user for user in (user_of(*row) for row in rows)}
        return found

    def by_uri(self, uri: str) -> User | None:
        """The user of a SIP address, however it is spelled. Raises ValueError when it is none."""
        row = self._connection.execute(
            f"{_SELECT} WHERE sip_key = :key AND guest_meeting_id IS NULL",
            {"key": sip.normalise(uri)},
        ).fetchone()
        return user_of(*row) if row else None

    def organizer(self, designation: str) -> User | None:
        """The user of a SIP address, or of a name in join URLs."""
        if ":" in designation:
            return self.by_uri(designation)
        row = self._connection.execute(
            f"{_SELECT} WHERE join_name = :name AND guest_meeting_id IS NULL", {"name": designation}
        ).fetchone()
        return user_of(*row) if row else None

    def guest(self, uri: str) -> User | None:
        """The guest of a meeting who has a SIP address, in its normal form."""
        row = self._connection.execute(
            f"{_SELECT} WHERE sip_key = :key AND guest_meeting_id IS NOT NULL", {"key": uri}
        ).fetchone()
        return user_of(*row) if row else None

    def all(self) -> list[User]:
        """Everybody but the guests, in the order of their addresses."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE guest_meeting_id IS NULL ORDER BY sip_key", {}
        ).fetchall()
        return [user_of(*row) for row in rows]

    def search(self, wanted: Wanted, limit: int, user_id: int) -> list[User]:
        """Those of the organization whom a text names, some at most.

        First comes who has it as an address, then those who act for the user or for whom the user
        acts, each by their names. Who is disabled is not found.
        """
        values: dict[str, object] = {"me": user_id, "most": limit, "address": wanted.address}
        conditions = []
        for forms in wanted.beginnings:
            ranges = []
            for form in forms:
                number = len(values)
                values |= {f"from{number}": form, f"to{number}": form + _AFTER_ALL}
                ranges.append(f"word >= :from{number} AND word < :to{number}")
            conditions.append(f"id IN ({_WORDS} {' OR '.join(ranges)})")
        if not conditions:
            return []
        rows = self._connection.execute(
            f"{_SELECT} WHERE disabled = 0 AND guest_meeting_id IS NULL AND"
            f" {' AND '.join(conditions)} ORDER BY"
            f" CASE WHEN id IN ({_WORDS} word = :address) THEN 0"
            f" WHEN id IN ({_RELATED}) THEN 1 ELSE 2 END, sort_key, sip_key LIMIT :most",
            values,
        ).fetchall()
        return [user_of(*row) for row in rows]

    def by_mail(self, mail: str) -> list[User]:
        """Those of the organization who have an address, as a mailbox or for SIP."""
        if "@" not in mail:  # a name may be such a word, too
            return []
        rows = self._connection.execute(
            f"{_SELECT} WHERE disabled = 0 AND guest_meeting_id IS NULL"
            f" AND id IN ({_WORDS} word = :mail) ORDER BY sort_key, sip_key LIMIT {_AT_ONCE}",
            {"mail": fold(mail.strip())},
        ).fetchall()
        return [user_of(*row) for row in rows]

    def add(self, profile: Profile, password_hash: str) -> User | None:
        """Add a user; None when there is one with that address."""
        self._connection.alone(_NAMES)  # another transaction may find the same id, or name
        if self.by_uri(profile.uri):
            return None
        user = User(
            **msgspec.structs.asdict(profile),
            id=self._free_id(),
            join_name=self._free_join_name(profile),
            password_hash=password_hash,
        )
        self._connection.execute(
            "INSERT INTO users (id, sip_key, join_name, password_hash, disabled, profile, sort_key)"
            " VALUES (:id, :key, :join_name, :password_hash, 0, :profile, :sort_key)",
            {
                "id": user.id,
                "key": sip.normalise(user.uri),
                "join_name": user.join_name,
                "password_hash": password_hash,
                "profile": _profile(user),
                "sort_key": fold(user.name),
            },
        )
        self._add_words(user)
        return user

    def guests(self, meeting: MeetingKey, now: datetime) -> int:
        """Return the number of guests of a meeting whose tokens have not expired."""
        (count,) = self._connection.execute(
            "SELECT count(DISTINCT u.id) FROM users u JOIN tokens t ON t.user_id = u.id"
            " WHERE u.guest_organizer_id = :organizer_id"
            " AND u.guest_meeting_id = :online_meeting_id AND t.expires_at > :now",
            {**msgspec.structs.asdict(meeting), "now": milliseconds(now)},
        ).fetchone()
        return int(count)

    def add_guest(self, meeting: MeetingKey) -> User:
        """Add a guest of a meeting."""
        # For the limit of the meeting's guests.
        self._connection.alone(turn_of_user(meeting.organizer_id))
        uri = f"sip:{secrets.token_hex(16)}@{GUESTS_DOMAIN}"
        guest = User(
            id=-1 - secrets.randbelow(2**62),  # never one of those who were swept before
            uri=uri,
            name="Guest",
            join_name=uri,  # a colon in it: no user has such a name
            guest_of=meeting,
        )
        self._connection.execute(
            "INSERT INTO users (id, sip_key, join_name, password_hash, disabled, profile,"
            " guest_organizer_id, guest_meeting_id) VALUES (:id, :key, :join_name, '', 0,"
            " :profile, :organizer_id, :online_meeting_id)",
            {
                "id": guest.id,
                "key": sip.normalise(uri),
                "join_name": guest.join_name,
                "profile": _profile(guest),
                **msgspec.structs.asdict(meeting),
            },
        )
        return guest

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"guests_removed": self.sweep_guests()}

    def sweep_guests(self) -> int:
        """Forget the guests whose tokens and applications are gone. Returns how many."""
        return self._connection.execute(_FORGET_GUESTS, {}).rowcount

    def save(self, user: User) -> None:
        """Keep what has changed of a user: all but the address and the join name."""
        self._connection.execute(
            "UPDATE users SET password_hash = :password_hash, disabled = :disabled,"
            " profile = :profile, sort_key = :sort_key WHERE id = :id",
            {
                "id": user.id,
                "password_hash": user.password_hash,
                "disabled": int(user.disabled),
                "profile": _profile(user),
                "sort_key": fold(user.name),
            },
        )
        self._connection.execute("DELETE FROM directory_words WHERE user_id = :id", {"id": user.id})
        self._add_words(user)
        self._tx.facts.append(of_user(user.id), EventType.UPDATED, "user")

    def _add_words(self, user: User) -> None:
        for word in sorted(words(user)):
            self._connection.execute(
                "INSERT INTO directory_words (word, user_id) VALUES (:word, :user_id)",
                {"word": word, "user_id": user.id},
            )

    def _free_id(self) -> int:
        """One more than the largest, and than that of a user whose facts are still told."""
        (last,) = self._connection.execute(
            "SELECT max(id) FROM (SELECT 0 AS id UNION ALL SELECT max(id) FROM users"
            " UNION ALL SELECT removed_user FROM log) taken",
            {},
        ).fetchone()
        return int(last) + 1

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


@lru_cache(maxsize=1024)
def user_of(
    id: int,
    join_name: str,
    password_hash: str,
    disabled: int,
    profile: str,
    guest_organizer_id: int | None,
    guest_meeting_id: str | None,
) -> User:
    """The user of a row."""
    guest_of = None
    if guest_organizer_id is not None and guest_meeting_id is not None:
        guest_of = MeetingKey(organizer_id=guest_organizer_id, online_meeting_id=guest_meeting_id)
    return User(
        **msgspec.structs.asdict(_decode(profile)),
        id=id,
        join_name=join_name,
        password_hash=password_hash,
        disabled=bool(disabled),
        guest_of=guest_of,
    )
