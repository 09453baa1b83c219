"""The table of what applications can do in conversations."""

from collections.abc import Sequence

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.communication import Communication, Preferences
from openucwa.domain.facts import of_application
from openucwa.domain.versions import next_version
from openucwa.store.connection import turn_of_user
from openucwa.store.table import Rows, Table
from openucwa.store.tables.applications import COLUMNS, application_of
from openucwa.wire.channel import EventType
from openucwa.wire.enums import ModalityType
from openucwa.wire.errors import PreconditionFailed

_DEFAULT = 1
"""The version of what an application can do by default."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Preferences).decode


class Communications(Table):
    rows = (
        Rows(
            name="communications",
            owner="user_id",
            within={"applications": ("user_id", "application_id")},
        ),
    )

    def get(self, application: Application) -> Communication:
        """Return the settings of an application: the defaults until its client has set some."""
        (found,) = self.of(application.user_id, [application])
        return found

    def of(self, user_id: int, applications: Sequence[Application]) -> list[Communication]:
        """The same of each of a user's applications."""
        rows = self._connection.execute(
            "SELECT application_id, version, preferences FROM communications"
            " WHERE user_id = :user_id AND application_id BETWEEN :first AND :last",
            {
                "user_id": user_id,
                "first": min(one.id for one in applications),
                "last": max(one.id for one in applications),
            },
        ).fetchall()
        found = {id: (version, preferences) for id, version, preferences in rows}
        return [_communication(user_id, one.id, *found.get(one.id, ())) for one in applications]

    def available(self, user_id: int, modality: ModalityType) -> list[Application]:
        """The user's applications that take invitations of a modality, oldest first.

        These are where an invitation rings: their client has made the user available, and supports
        the modality now. It is one query.
        """
        columns = ", ".join(f"a.{name}" for name in COLUMNS.split(", "))
        rows = self._connection.execute(
            f"SELECT c.preferences, {columns} FROM applications a JOIN communications c"
            " ON c.user_id = a.user_id AND c.application_id = a.id"
            " WHERE a.user_id = :user_id AND a.ended_at IS NULL AND a.available_at IS NOT NULL"
            " ORDER BY a.last_seen_at, a.id",
            {"user_id": user_id},
        ).fetchall()
        return [
            application_of(*row)
            for preferences, *row in rows
            if modality in _decode(preferences).supported_modalities
        ]

    def replace(self, found: Communication, preferences: Preferences) -> Communication:
        """Put `preferences` in the place of those of `found`, in a new version.

        Compare and set in one statement: raises PreconditionFailed when it is no longer in the
        version of `found`.
        """
        if found.version == _DEFAULT:
            self._connection.alone(turn_of_user(found.user_id))  # the application may end meanwhile
        wanted = Communication(
            user_id=found.user_id,
            application_id=found.application_id,
            version=next_version(found.version),
            preferences=preferences,
        )
        replaced = self._connection.execute(
            "INSERT INTO communications (user_id, application_id, version, preferences)"
            " VALUES (:user_id, :id, :version, :preferences)"
            " ON CONFLICT (user_id, application_id) DO UPDATE SET"
            " version = excluded.version, preferences = excluded.preferences"
            " WHERE communications.version = :seen",
            {
                "user_id": wanted.user_id,
                "id": wanted.application_id,
                "version": wanted.version,
                "preferences": _encode(preferences).decode(),
                "seen": found.version,
            },
        )
        if replaced.rowcount != 1:
            raise PreconditionFailed("The resource has changed in the meantime. Fetch it again.")
        topic = of_application(found.application_id)
        self._tx.facts.append(topic, EventType.UPDATED, "communication")
        return wanted


def _communication(
    user_id: int, application_id: int, version: int = _DEFAULT, preferences: str = "{}"
) -> Communication:
    return Communication(
        user_id=user_id,
        application_id=application_id,
        version=version,
        preferences=_decode(preferences),
    )
