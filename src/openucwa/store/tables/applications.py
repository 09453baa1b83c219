"""The table of applications."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from openucwa.domain.applications import Application, Registration
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.facts import of_application
from openucwa.domain.versions import next_version
from openucwa.store.connection import turn_of_user
from openucwa.store.declared import remove_within
from openucwa.store.table import Rows, Table
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.rosters import Rosters
from openucwa.store.tables.views import Views
from openucwa.wire.channel import EventType
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.errors import AlreadyExists

COLUMNS = "id, user_id, registration, version, last_seen_at, ended_at, session, available_at"
"""SQL for the arguments of `application_of`, in their order."""
_SELECT = f"SELECT {COLUMNS} FROM applications"
_SWEPT_AT_ONCE = 500  # so that a sweep does not hold up the writers

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Registration).decode


class Applications(Table):
    rows = (Rows(name="applications", owner="user_id"),)

    def get(self, user_id: int, application_id: int) -> Application | None:
        """The user's application of that id, ended or not."""
        row = self._connection.execute(
            f"{_SELECT} WHERE id = :id AND user_id = :user_id",
            {"id": application_id, "user_id": user_id},
        ).fetchone()
        return application_of(*row) if row else None

    def of(self, user_id: int) -> list[Application]:
        """The user's applications that have not ended, oldest first."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE user_id = :user_id AND ended_at IS NULL ORDER BY last_seen_at, id",
            {"user_id": user_id},
        ).fetchall()
        return [application_of(*row) for row in rows]

    def add(self, application: Application) -> None:
        """Register an application. It has no event channel yet."""
        # Another request may add the same one.
        self._connection.alone(turn_of_user(application.user_id))
        registration = Registration(
            **{name: getattr(application, name) for name in Registration.__struct_fields__}
        )
        self._connection.execute(
            "INSERT INTO applications"
            " (id, user_id, endpoint_id, registration, version, last_seen_at, session)"
            " VALUES (:id, :user_id, :endpoint_id, :registration, :version, :last_seen_at,"
            " :session)",
            {
                "id": application.id,
                "user_id": application.user_id,
                "endpoint_id": application.endpoint_id,
                "registration": _encode(registration).decode(),
                "version": application.version,
                "last_seen_at": milliseconds(application.last_seen_at),
                "session": application.session,
            },
        )

    def seen(self, found: Application, at: datetime, session: str = "") -> Application:
        """Remember that an application made a request, which puts off its expiry, in a session."""
        session = session or found.session
        application = msgspec.structs.replace(
            found, last_seen_at=at, version=next_version(found.version), session=session
        )
        self._connection.execute(
            "UPDATE applications SET last_seen_at = :at, version = :version, session = :session"
            " WHERE user_id = :user_id AND id = :id",
            {
                "user_id": application.user_id,
                "id": application.id,
                "at": milliseconds(at),
                "version": application.version,
                "session": session,
            },
        )
        return application

    def make_available(
        self, application: Application, inactive_after: timedelta | None = None
    ) -> None:
        """Let an application take invitations, and tell it of what it can do from then on.

        Its user has been active now. `inactive_after` is when she is inactive without that; None is
        the default. Raises AlreadyExists if it was available before.
        """
        span = None if inactive_after is None else inactive_after // timedelta(milliseconds=1)
        made = self._connection.execute(
            "UPDATE applications SET available_at = :now, active_at = :now,"
            " inactive_after = :inactive_after, version = :version"
            " WHERE user_id = :user_id AND id = :id AND available_at IS NULL",
            {
                "now": milliseconds(self._now),
                "inactive_after": span,
                "version": next_version(application.version),
                "user_id": application.user_id,
                "id": application.id,
            },
        )
        if made.rowcount != 1:
            raise AlreadyExists("The user is available in this application already.")
        topic = of_application(application.id)
        self._tx.facts.append(topic, EventType.UPDATED, "user")
        for kind in ("presence", "note", "location"):
            self._tx.facts.append(topic, EventType.ADDED, kind)

    def active(self, application: Application) -> None:
        """Remember that the user has been active in an application just now."""
        self._connection.execute(
            "UPDATE applications SET active_at = :now WHERE user_id = :user_id AND id = :id",
            {
                "now": milliseconds(self._now),
                "user_id": application.user_id,
                "id": application.id,
            },
        )

    def available(self, user_id: int) -> list[Application]:
        """The user's applications that take invitations of some kind, oldest first."""
        return [one for one in self.of(user_id) if one.available_at is not None]

    def delete(self, application: Application) -> None:
        """Remove an application with its event channels and what it can do."""
        self._close(application)
        self._remove(application.user_id, application.id)

    def _close(self, application: Application) -> None:
        """Let it leave its conversations, and close its event channels."""
        views = self._tx.of(Views).of_application(application.user_id, application.id)
        self._tx.of(Rosters).leave_all(views)
        for channel in self._tx.of(Channels).of(application):
            self._tx.of(Channels).close(channel)

    def idle(self, user_id: int, *, but: int, seen_before: datetime) -> Application | None:
        """The user's application that is the least recently used of those not at work.

        One is at work that was heard of again after its registration, and since then; for as long
        as it lets a request wait for events, it makes no other. `but` is never among them.
        """
        row = self._connection.execute(
            f"{_SELECT} a WHERE a.user_id = :user_id AND a.id <> :but AND a.ended_at IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM channels c"
            " WHERE c.user_id = a.user_id AND c.application_id = a.id"
            " AND c.opened_at < a.last_seen_at AND a.last_seen_at + 1000 * c.timeout >= :before)"
            " ORDER BY a.last_seen_at, a.id LIMIT 1",
            {"user_id": user_id, "but": but, "before": milliseconds(seen_before)},
        ).fetchone()
        return application_of(*row) if row else None

    def retire(self, application: Application, at: datetime) -> None:
        """End an application, so that its client is told that it has ended."""
        self._close(application)
        self._connection.execute(
            "UPDATE applications SET ended_at = :at WHERE user_id = :user_id AND id = :id",
            {"at": milliseconds(at), "user_id": application.user_id, "id": application.id},
        )

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {
            "applications_ended": self.end(self._now - lifetimes.application, self._now),
            "applications_removed": self.sweep(self._now - lifetimes.tombstone),
        }

    def end(self, seen_before: datetime, at: datetime) -> int:
        """End the applications that were last seen before then. Returns how many."""
        return self._connection.execute(
            "UPDATE applications SET ended_at = :at"
            " WHERE last_seen_at < :before AND ended_at IS NULL",
            {"before": milliseconds(seen_before), "at": milliseconds(at)},
        ).rowcount

    def sweep(self, ended_before: datetime) -> int:
        """Forget the applications that ended before then, some at a time. Returns how many."""
        rows = self._connection.execute(
            "SELECT user_id, id FROM applications WHERE ended_at < :before LIMIT :most",
            {"before": milliseconds(ended_before), "most": _SWEPT_AT_ONCE},
        ).fetchall()
        for user_id, id in rows:
            self._remove(user_id, id)
        return len(rows)

    def _remove(self, user_id: int, id: int) -> None:
        """Remove an application with what goes with it."""
        remove_within(self._connection, "applications", user_id, id)
        self._connection.execute(
            "DELETE FROM applications WHERE user_id = :user_id AND id = :id",
            {"user_id": user_id, "id": id},
        )


@lru_cache(maxsize=1024)
def application_of(
    id: int,
    user_id: int,
    registration: str,
    version: int,
    last_seen_at: int,
    ended_at: int | None,
    session: str,
    available_at: int | None,
) -> Application:
    """The application of a row, seen from none of its instances."""
    return Application(
        **{**msgspec.structs.asdict(_decode(registration)), "instance_id": ""},
        id=id,
        user_id=user_id,
        version=version,
        last_seen_at=from_milliseconds(last_seen_at),
        ended_at=None if ended_at is None else from_milliseconds(ended_at),
        session=session,
        available_at=None if available_at is None else from_milliseconds(available_at),
    )
