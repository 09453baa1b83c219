"""Instant messaging in a conversation: which applications take messages, and what they are told."""

from collections.abc import Collection

import msgspec

from openucwa.domain.conversations import View
from openucwa.domain.facts import of_application, of_conversation, of_messages
from openucwa.domain.messages import Content, Message
from openucwa.store.table import Table
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.messages import Messages
from openucwa.store.tables.typists import Typists
from openucwa.store.tables.views import Views
from openucwa.wire.channel import EventType, Reason, Status
from openucwa.wire.enums import CallState, MessageFormat

_VIEW = (
    "user_id = :user_id AND application_id = :application_id AND conversation_id = :conversation_id"
)
_UNREACHABLE = Reason("RemoteFailure", "Unreachable", "The message has not reached the other one.")


class Messaging(Table):
    """Whoever calls these has the turn of the conversation."""

    def ring(self, view: View) -> View:
        """Let an application wait for an answer before it takes messages."""
        return self._keep(view, CallState.CONNECTING, ())

    def connect(self, view: View, formats: Collection[MessageFormat], *, heard_from: int) -> View:
        """Let an application take messages, those from a number on, and tell of its user.

        Of what it has taken before, it may not have been told yet: that stays.
        """
        id = view.conversation_id
        self._connection.execute(
            "UPDATE views SET heard_from = coalesce(heard_from, :heard_from), heard_to = NULL"
            f" WHERE {_VIEW}",
            {**_keys(view), "heard_from": heard_from},
        )
        view = self._keep(view, CallState.CONNECTED, formats)
        self._tx.of(Channels).follow_from(view.application_id, view.user_id, of_messages(id))
        if not view.own.in_messaging:
            view = self._mark(view, True)
            self._tell_of(view, EventType.ADDED)
        return view

    def tell_recent(self, view: View, first: int) -> None:
        """Tell an application of the messages that were sent shortly before it came."""
        last = self._tx.of(Messages).last(view.conversation_id)
        if first <= last:
            self._tx.facts.append(
                of_application(view.application_id),
                EventType.COMPLETED,
                "recent messages",
                status=Status.SUCCESS,
                conversation_id=view.conversation_id,
                first=str(first),
                last=str(last),
            )

    def disconnect(self, view: View, *, is_told: bool = True) -> View:
        """Let an application take no messages any more; with her last one, others are told."""
        if view.messaging is CallState.DISCONNECTED:
            return view
        id = view.conversation_id
        was_connected = view.messaging is CallState.CONNECTED
        self._connection.execute(
            f"UPDATE views SET heard_to = :last WHERE {_VIEW} AND heard_from IS NOT NULL",
            {**_keys(view), "last": self._tx.of(Messages).last(id)},
        )
        view = self._keep(view, CallState.DISCONNECTED, ())
        if not was_connected:
            return view
        others = self._tx.of(Views).of(view.own)
        if not any(one.messaging is CallState.CONNECTED for one in others):
            if is_told:
                self._tx.of(Typists).stop(id, view.own.address)
                self._tell_of(view, EventType.DELETED)
            view = self._mark(view, False)
        self._tx.of(Channels).leave_from(view.application_id, view.user_id, of_messages(id))
        return view

    def send(self, view: View, content: Content, operation_id: str = "") -> Message:
        """Send a message to all who take messages. Raises TooManyRequests."""
        id, address = view.conversation_id, view.own.address
        messages = self._tx.of(Messages)
        messages.check_flood(id, address)
        failed = messages.unreached(id, address)
        message = messages.add(
            id,
            address=address,
            user_id=view.user_id,
            application_id=view.application_id,
            content=content,
            operation_id=operation_id,
            failed=failed,
        )
        self._tx.of(Typists).stop(id, address)
        has_failed = bool(failed) and not view.conversation.is_meeting
        self._tx.facts.append(
            of_application(view.application_id) if has_failed else of_messages(id),
            EventType.COMPLETED,
            "message",
            status=Status.FAILURE if has_failed else Status.SUCCESS,
            reason=_UNREACHABLE if has_failed else None,
            conversation_id=id,
            number=str(message.number),
        )
        return message

    def _keep(self, view: View, state: CallState, formats: Collection[MessageFormat]) -> View:
        self._connection.execute(
            f"UPDATE views SET messaging = :state, formats = :formats WHERE {_VIEW}",
            {**_keys(view), "state": state.value, "formats": ",".join(formats)},
        )
        return msgspec.structs.replace(view, messaging=state, formats=tuple(formats))

    def _mark(self, view: View, in_messaging: bool) -> View:
        self._connection.execute(
            "UPDATE participants SET in_messaging = :in_messaging"
            " WHERE conversation_id = :conversation_id AND address = :address",
            {
                "in_messaging": int(in_messaging),
                "conversation_id": view.conversation_id,
                "address": view.own.address,
            },
        )
        own = msgspec.structs.replace(view.own, in_messaging=in_messaging)
        return msgspec.structs.replace(view, own=own)

    def _tell_of(self, view: View, type: EventType) -> None:
        """Tell everybody inside that somebody takes messages now, or no more."""
        self._tx.facts.append(
            of_conversation(view.conversation_id),
            type,
            "messaging participant",
            conversation_id=view.conversation_id,
            address=view.own.address,
        )


def _keys(view: View) -> dict[str, object]:
    return {
        "user_id": view.user_id,
        "application_id": view.application_id,
        "conversation_id": view.conversation_id,
    }
