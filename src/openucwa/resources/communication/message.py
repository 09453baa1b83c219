"""message: an instant message, as it was sent or as it has come.

A client replies to one by sending its own to the same address. Source: message_ref.md.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from openucwa.domain.facts import Fact
from openucwa.domain.messages import Heard, Speaker
from openucwa.domain.people import address_of
from openucwa.resources.communication.views import PATH
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.messages import Messages
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.enums import Direction, MessageFormat
from openucwa.wire.representation import Link


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order of the page."""

    direction: Direction
    """Outgoing for a message of the viewer, Incoming for one of somebody else."""
    operation_id: str | None
    """The name that the client has given to sending it."""
    time_stamp: datetime
    """The time at which the server took it, the same for all."""


def properties(me: Me, found: Heard) -> Properties:
    return Properties(
        direction=Direction.OUTGOING if found.is_own else Direction.INCOMING,
        operation_id=(found.message.operation_id or None) if found.is_from_here else None,
        time_stamp=found.message.sent_at,
    )


message = Resource[Heard](
    rel="message",
    path=f"{PATH}/messaging/messages/{{number}}",
    properties=properties,
    synonyms={"plainMessage": {}, "htmlMessage": {}},
    kinds={"message": "message"},
    audience=Audience.EVERYBODY,
)
message.sends(EventType.COMPLETED, sender="conversation", embedded=True)


@message.find
def find(tx: Transaction, me: Me, conversation_id: str, number: str) -> Heard | None:
    """A message that the viewer has sent, or that has come to her."""
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        return None
    address = address_of(me.user)
    return tx.of(Messages).heard(conversation_id.lower(), int(number), me.application, address)


def comes(me: Me, found: Heard) -> bool:
    """There for a message of somebody else."""
    return not found.is_own


def is_told(me: Me, found: Heard) -> bool:
    """There, as a data URI, unless this application has sent it."""
    return not found.is_from_here


def takes_html(me: Me, found: Heard) -> bool:
    """There, as a data URI, if the sender wrote HTML and the application takes that."""
    is_taken = MessageFormat.HTML in found.formats and found.message.content.html is not None
    return is_told(me, found) and is_taken


def sender(tx: Transaction, me: Me, found: Heard) -> Speaker:
    """The sender."""
    return found.sender


def undelivered(tx: Transaction, me: Me, found: Heard) -> Sequence[Speaker]:
    """Those whom it did not reach, for who has sent it."""
    return list(found.failed) if found.is_own else []


def plain(tx: Transaction, me: Me, found: Heard) -> Link:
    return Link(found.message.content.uri)


def html(tx: Transaction, me: Me, found: Heard) -> Link | None:
    uri = found.message.content.html_uri
    return Link(uri) if uri else None


message.link("messaging")
message.link("contact", sender, when=comes)
message.link("participant", sender, when=comes)
message.link("failedDeliveryParticipant", undelivered)
message.link("plainMessage", plain, when=is_told)
message.link("htmlMessage", html, when=takes_html)


@message.expands("recent messages")
def recent(tx: Transaction, me: Me, fact: Fact) -> Sequence[Fact]:
    """Each of the messages that were sent before the viewer came."""
    first, last = int(fact.keys["first"]), int(fact.keys["last"])
    id = fact.keys["conversation_id"]
    return [
        msgspec.structs.replace(
            fact, kind="message", keys={"conversation_id": id, "number": str(number)}
        )
        for number in range(first, last + 1)
    ]
