"""The tables of event channels, and of the topics that they follow."""

from collections.abc import Iterable, Mapping

from openucwa.domain import facts
from openucwa.domain.applications import Application
from openucwa.domain.channels import Channel, Timers
from openucwa.domain.deployment import Lifetimes
from openucwa.store.connection import turn_of_user
from openucwa.store.table import Rows, Table
from openucwa.wire.channel import EventType
from openucwa.wire.dates import from_milliseconds, milliseconds

_SELECT = (
    "SELECT application_id, instance_id, user_id, number, since, until, opened_at, low, medium,"
    " timeout FROM channels WHERE user_id = :user_id AND application_id = :application_id"
)
_ONE = "user_id = :user_id AND application_id = :application_id AND instance_id = :instance_id"
_FOLLOW = "user_id, application_id, instance_id, topic, part, since"
_FOLLOW_GRANTED = (
    f"INSERT INTO follows ({_FOLLOW}) SELECT :user_id, :application_id, :instance_id,"
    " 'meetings/' || organizer_id, part, :since FROM ("
    "SELECT organizer_id, online_meeting_id AS part FROM shares WHERE user_id = :user_id"
    " UNION ALL SELECT organizer_id, '' FROM delegates WHERE delegate_id = :user_id) granted"
)
_FOLLOW_OTHERS = (
    f"INSERT INTO follows ({_FOLLOW}) SELECT user_id, application_id, :instance_id, topic, part,"
    " :since FROM (SELECT DISTINCT user_id, application_id, topic, part FROM follows"
    " WHERE user_id = :user_id AND application_id = :application_id"
    " AND instance_id <> :instance_id AND until IS NULL AND topic NOT LIKE 'channel/%') others"
    " WHERE true ON CONFLICT DO NOTHING"
)
"""A new channel of an application hears of what the others do: its conversations."""
HEARD_OF = "(h.opened_at > :before OR coalesce(h.given_at, 0) + 1000 * h.timeout > :before)"
"""SQL for whether the client of a channel `h` has asked for events since then, or may yet do so."""
_GIVE = (
    "UPDATE channels SET number = :number, since = :since, until = :until, given_at = :now,"
    f" low = :low, medium = :medium, timeout = :timeout WHERE {_ONE} AND number = :before"
)


class Channels(Table):
    rows = tuple(
        Rows(name=name, owner="user_id", within={"applications": ("user_id", "application_id")})
        for name in ("channels", "follows")
    )

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"follows_removed": self.sweep()}

    def get(self, application: Application) -> Channel | None:
        """The channel of the application's instance; where none is named, of the first."""
        row = self._connection.execute(
            f"{_SELECT} AND (instance_id = :instance_id OR :instance_id = '')"
            " ORDER BY instance_id <> :instance_id, opened_at, instance_id LIMIT 1",
            {**_of(application), "instance_id": application.instance_id},
        ).fetchone()
        return _channel(*row) if row else None

    def of(self, application: Application) -> list[Channel]:
        """The channels of an application, in the order in which they were opened."""
        rows = self._connection.execute(
            f"{_SELECT} ORDER BY opened_at, instance_id", _of(application)
        ).fetchall()
        return [_channel(*row) for row in rows]

    def first(self, user_id: int) -> dict[int, str]:
        """The first instance of each application of a user, by the application's id."""
        rows = self._connection.execute(
            "SELECT application_id, instance_id FROM channels WHERE user_id = :user_id"
            " ORDER BY opened_at DESC, instance_id DESC",
            {"user_id": user_id},
        )
        return dict(rows.fetchall())  # of several instances, the last row, which is the first one

    def open(self, application: Application) -> Channel:
        """Open the channel of the application's instance, to tell what happens from now on."""
        # It counts for the limit of her applications.
        self._connection.alone(turn_of_user(application.user_id))
        latest = self._tx.facts.latest()
        channel = Channel(
            application_id=application.id,
            instance_id=application.instance_id,
            user_id=application.user_id,
            since=latest,
            until=latest,
            opened_at=self._now,
        )
        self._connection.execute(
            "INSERT INTO channels (application_id, instance_id, user_id, opened_at, number, since,"
            " until, low, medium, timeout) VALUES (:application_id, :instance_id, :user_id,"
            " :opened_at, :number, :since, :until, :low, :medium, :timeout)",
            {**_row(channel), "opened_at": milliseconds(channel.opened_at)},
        )
        for topic in (
            facts.of_user(channel.user_id),
            facts.of_application(channel.application_id),
            facts.of_meetings(channel.user_id),
            _own(channel),
        ):
            self._connection.execute(
                f"INSERT INTO follows ({_FOLLOW}) VALUES (:user_id, :application_id,"
                " :instance_id, :topic, '', :since)",
                {**_row(channel), "topic": topic},
            )
        self._connection.execute(_FOLLOW_GRANTED, _row(channel))
        self._connection.execute(_FOLLOW_OTHERS, _row(channel))
        return channel

    def topics(self, channel: Channel) -> list[tuple[str, str]]:
        """Return the topics that a channel follows, each with the part of it that it follows."""
        rows = self._connection.execute(
            f"SELECT topic, part FROM follows WHERE {_ONE} AND until IS NULL", _row(channel)
        ).fetchall()
        return [(topic, part) for topic, part in rows]

    def follow_everywhere(self, user_id: int, topic: str, part: str = "") -> None:
        """Let all channels of a user follow a topic, or a part of it, from now on.

        Requests that wait go on without it: tell them something that ends their wait.
        """
        self._connection.execute(
            f"INSERT INTO follows ({_FOLLOW}) SELECT user_id, application_id, instance_id,"
            f" :topic, :part, {self._connection.before} FROM channels WHERE user_id = :user_id",
            {
                "user_id": user_id,
                "topic": topic,
                "part": part,
                "ordinal": self._tx.facts.appended,
            },
        )

    def leave_everywhere(self, user_id: int, topic: str, part: str = "") -> None:
        """Let no channel of a user follow a topic, or a part of it, any more."""
        self._connection.execute(
            f"UPDATE follows SET until = {self._connection.before} WHERE user_id = :user_id"
            " AND topic = :topic AND part = :part AND until IS NULL",
            {
                "user_id": user_id,
                "topic": topic,
                "part": part,
                "ordinal": self._tx.facts.appended,
            },
        )

    def follow_from(self, application_id: int, user_id: int, topic: str) -> None:
        """Let all channels of an application follow a topic from now on, as `follow` does."""
        self._connection.execute(
            f"INSERT INTO follows ({_FOLLOW}) SELECT user_id, application_id, instance_id,"
            f" :topic, '', {self._connection.before} FROM channels"
            " WHERE user_id = :user_id AND application_id = :application_id",
            {
                "user_id": user_id,
                "application_id": application_id,
                "topic": topic,
                "ordinal": self._tx.facts.appended,
            },
        )

    def leave_from(self, application_id: int, user_id: int, topic: str) -> None:
        """Let no channel of an application follow a topic any more."""
        self._connection.execute(
            f"UPDATE follows SET until = {self._connection.before} WHERE user_id = :user_id"
            " AND application_id = :application_id AND topic = :topic AND until IS NULL",
            {
                "user_id": user_id,
                "application_id": application_id,
                "topic": topic,
                "ordinal": self._tx.facts.appended,
            },
        )

    def follow(self, channel: Channel, topic: str) -> None:
        """Let a channel follow a topic, too: what this transaction tells from now on, and later.

        A request that waits has not been waiting for that, so it ends.
        """
        self._connection.execute(
            f"INSERT INTO follows ({_FOLLOW}) VALUES (:user_id, :application_id, :instance_id,"
            f" :topic, '', {self._connection.before})",
            {**_row(channel), "topic": topic, "ordinal": self._tx.facts.appended},
        )
        self._tx.facts.append(_own(channel), EventType.UPDATED, "channel")

    def leave(self, channel: Channel, topic: str) -> None:
        """Let a channel follow a topic no more: it has been told of what happened until now."""
        self._connection.execute(
            f"UPDATE follows SET until = {self._connection.before} WHERE {_ONE}"
            " AND topic = :topic AND until IS NULL",
            {**_row(channel), "topic": topic, "ordinal": self._tx.facts.appended},
        )

    def end_part(self, topic: str, part: str) -> None:
        """Let nobody follow a part of a topic any more, after what this transaction has told."""
        self._connection.execute(
            f"UPDATE follows SET until = {self._connection.before}"
            " WHERE topic = :topic AND part = :part AND part <> '' AND until IS NULL",
            {"topic": topic, "part": part, "ordinal": self._tx.facts.appended},
        )

    def has_followed(self, user_id: int, topic: str, part: str) -> bool:
        """Return True if a channel of a user follows a part of a topic, or has done so lately."""
        row = self._connection.execute(
            "SELECT 1 FROM follows WHERE user_id = :user_id AND topic = :topic AND part = :part"
            " LIMIT 1",
            {"user_id": user_id, "topic": topic, "part": part},
        ).fetchone()
        return row is not None

    def sweep(self) -> int:
        """Forget what channels followed once, when its facts are forgotten. Returns how many."""
        return self._connection.execute(
            "DELETE FROM follows WHERE until <= (SELECT forgotten FROM log)", {}
        ).rowcount

    def current(self, user_id: int, application_id: int, instance_id: str) -> Channel | None:
        """Return the channel of an instance as it is now, None if it has been closed."""
        row = self._connection.execute(
            f"{_SELECT} AND instance_id = :instance_id",
            {"user_id": user_id, "application_id": application_id, "instance_id": instance_id},
        ).fetchone()
        return _channel(*row) if row else None

    def give(self, steps: Iterable[tuple[Channel, Channel]]) -> list[bool]:
        """Remember that channels were given their next packages.

        Compare and set, each in one statement: False for a channel that is no longer as it was
        found, since it has been given that package already.
        """
        now = milliseconds(self._now)
        given = [
            self._connection.execute(_GIVE, {**_row(wanted), "before": found.number, "now": now})
            for found, wanted in steps
        ]
        return [one.rowcount == 1 for one in given]

    def close(self, channel: Channel) -> None:
        """Close a channel. Who waits on it is told, and finds nothing there any more."""
        # With its last channel, an application ends.
        self._connection.alone(turn_of_user(channel.user_id))
        for table in ("channels", "follows"):
            self._connection.execute(f"DELETE FROM {table} WHERE {_ONE}", _row(channel))
        self._tx.facts.append(_own(channel), EventType.DELETED, "channel")


def _own(channel: Channel) -> str:
    return facts.of_channel(channel.application_id, channel.instance_id)


def _of(application: Application) -> dict[str, object]:
    return {"user_id": application.user_id, "application_id": application.id}


def _row(channel: Channel) -> dict[str, object]:
    return {
        "user_id": channel.user_id,
        "application_id": channel.application_id,
        "instance_id": channel.instance_id,
        "number": channel.number,
        "since": channel.since,
        "until": channel.until,
        "low": channel.timers.low,
        "medium": channel.timers.medium,
        "timeout": channel.timers.timeout,
    }


def _channel(
    application_id: int,
    instance_id: str,
    user_id: int,
    number: int,
    since: int,
    until: int,
    opened_at: int,
    low: int,
    medium: int,
    timeout: int,
) -> Channel:
    return Channel(
        application_id=application_id,
        instance_id=instance_id,
        user_id=user_id,
        number=number,
        since=since,
        until=until,
        opened_at=from_milliseconds(opened_at),
        timers=Timers(low=low, medium=medium, timeout=timeout),
    )
