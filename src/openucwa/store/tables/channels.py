"""The table of event channels."""

from openucwa.domain import facts
from openucwa.domain.applications import Application
from openucwa.domain.channels import Channel, Timers
from openucwa.store.connection import turn_of_user
from openucwa.store.table import Rows, Table
from openucwa.wire.channel import EventType
from openucwa.wire.dates import from_milliseconds, milliseconds

_SELECT = (
    "SELECT application_id, instance_id, user_id, number, since, until, opened_at, low, medium,"
    " timeout FROM channels WHERE user_id = :user_id AND application_id = :application_id"
)
_ONE = "user_id = :user_id AND application_id = :application_id AND instance_id = :instance_id"


class Channels(Table):
    rows = (
        Rows(
            name="channels", owner="user_id", within={"applications": ("user_id", "application_id")}
        ),
    )

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
        return channel

    def give(self, found: Channel, wanted: Channel) -> bool:
        """Remember that the next package was given. False when it has been already."""
        return (
            self._connection.execute(
                "UPDATE channels SET number = :number, since = :since, until = :until, low = :low,"
                f" medium = :medium, timeout = :timeout WHERE {_ONE} AND number = :before",
                {**_row(wanted), "before": found.number},
            ).rowcount
            == 1
        )

    def close(self, channel: Channel) -> None:
        """Close a channel. Who waits on it is told, and finds nothing there any more."""
        # With its last channel, an application ends.
        self._connection.alone(turn_of_user(channel.user_id))
        self._connection.execute(f"DELETE FROM channels WHERE {_ONE}", _row(channel))
        topic = facts.of_channel(channel.application_id, channel.instance_id)
        self._tx.facts.append(channel.user_id, topic, EventType.DELETED, "events")


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
