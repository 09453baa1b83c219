"""Values that migrations fill in and SQL alone can't compute, in the same transaction."""

from collections.abc import Iterator
from typing import Any

import msgspec

from openucwa.domain.directory import fold, words
from openucwa.domain.meetings import Details, differing
from openucwa.domain.people import Profile

_KEY = ("organizer_id", "online_meeting_id", "ordinal")
_AT_ONCE = 500  # rows, since a version may have a megabyte and a table millions of them

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Details).decode
_decode_profile = msgspec.json.Decoder(Profile).decode


def changed_properties(cursor: Any, place: str) -> None:
    """Name the properties that each version of a meeting changed, which 0007.sizes stores.

    `place` is the placeholder of a parameter in the engine's SQL. A version whose predecessor is
    no longer kept has no names, as before.
    """
    where = " AND ".join(f"{column} = {place}" for column in _KEY)
    update = f"UPDATE meeting_versions SET changed = {place} WHERE {where}"
    before: tuple[Any, ...] | None = None
    earlier: Details | None = None
    for rows in _versions(cursor, place):
        found = []
        for *key, text in rows:
            details = _readable(text)
            if details and earlier and before == (*key[:2], key[2] - 1):
                found.append((_encode(differing(earlier, details)).decode(), *key))
            before, earlier = tuple(key), details
        if found:
            cursor.executemany(update, found)


def _readable(text: str) -> Details | None:
    """Return the details, None for a damaged row, which must not keep the server from starting."""
    try:
        return _decode(text)
    except msgspec.MsgspecError:
        return None


def _versions(cursor: Any, place: str) -> Iterator[list[Any]]:
    """Return the versions of all meetings in their order, some at a time."""
    columns = ", ".join(_KEY)
    select = f"SELECT {columns}, details FROM meeting_versions"
    order = f" ORDER BY {columns} LIMIT {_AT_ONCE}"
    after = f" WHERE ({columns}) > ({place}, {place}, {place})"
    rows = cursor.execute(select + order).fetchall()
    while rows:
        yield rows
        rows = cursor.execute(select + after + order, tuple(rows[-1][:3])).fetchall()


def directory(cursor: Any, place: str) -> None:
    """Fill in the words by which people are found, and their order."""
    sort = f"UPDATE users SET sort_key = {place} WHERE id = {place}"
    insert = f"INSERT INTO directory_words (word, user_id) VALUES ({place}, {place})"
    select = "SELECT id, profile FROM users WHERE guest_meeting_id IS NULL"
    for id, text in cursor.execute(select).fetchall():
        try:
            profile = _decode_profile(text)
        except msgspec.MsgspecError:  # a damaged row must not keep the server from starting
            continue
        cursor.execute(sort, (fold(profile.name), id))
        cursor.executemany(insert, [(word, id) for word in sorted(words(profile))])


AFTER = {"0007.sizes": changed_properties, "0015.availability": directory}
"""By the migration that they belong to."""
