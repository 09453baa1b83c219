"""A conversation as it stands (conversation_ref.md, messaging_ref.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from openucwa.client.live.message import Message
from openucwa.client.live.person import Person
from openucwa.wire.enums import AccessLevel, ConversationState, Role

__all__ = ["Conversation", "Reason", "key_of"]


_INSIDE = frozenset(
    {ConversationState.CONNECTED, ConversationState.CONFERENCING, ConversationState.CONFERENCED}
)


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason for an end or a failure: `code` and `subcode` of UCWA, and a `message` if any."""

    code: str = ""
    subcode: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The state of a conversation. It does not change: events lead from one to the next.

    `href` is its address. `people` are all others by the key of their address, in the order in
    which they came, and `me` is the user herself. `typing` are the keys of those who are typing.
    `messages` are in the order that is the same for all. `stale` are addresses that have to be
    fetched, since the server has told only that something is different there.
    """

    href: str
    invitation: str = ""
    """The key of the invitation by which the user came in."""
    state: ConversationState | str = ConversationState.CONNECTING
    subject: str = ""
    """The subject."""
    me: Person | None = None
    people: Mapping[str, Person] = field(default_factory=dict, hash=False)
    typing: tuple[str, ...] = ()
    messages: tuple[Message, ...] = field(default=(), repr=False)
    own: Mapping[str, tuple[str, str | None]] = field(default_factory=dict, hash=False, repr=False)
    """The texts that the user has sent, by the key of the message: the server tells none."""
    links: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    """The links of the conversation."""
    messaging: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    """The links of its messaging."""
    messaging_state: str = ""
    """The state of its messaging."""
    audience_messaging: str = ""
    """Enabled or Disabled: whether attendees may send messages."""
    join_url: str = ""
    """The URL at which people join the meeting."""
    access_level: AccessLevel | str = ""
    stale: tuple[str, ...] = ()
    why: Reason | None = None
    """The reason for its end, once it has ended and if the server told it."""

    @property
    def key(self) -> str:
        """Its address, for comparison."""
        return key_of(self.href)

    @property
    def is_inside(self) -> bool:
        """True while the user takes part."""
        return self.state in _INSIDE

    @property
    def is_waiting(self) -> bool:
        """True while the user waits in the lobby."""
        return self.state == ConversationState.IN_LOBBY

    @property
    def is_over(self) -> bool:
        """True when it has ended for the user."""
        return self.state == ConversationState.DISCONNECTED

    @property
    def role(self) -> Role | str:
        """The role of the user."""
        return self.me.role if self.me else Role.UNKNOWN

    @property
    def roster(self) -> tuple[Person, ...]:
        """All who are inside, the user among them, in the order in which they came."""
        own = (self.me,) if self.me and not self.me.in_lobby else ()
        return (*own, *(one for one in self.people.values() if one.is_placed and not one.in_lobby))

    @property
    def leaders(self) -> tuple[Person, ...]:
        """Those of the roster who lead the meeting."""
        return tuple(one for one in self.roster if one.is_leader)

    @property
    def lobby(self) -> tuple[Person, ...]:
        """All others who wait in the lobby, the one who has waited longest first."""
        return tuple(one for one in self.people.values() if one.in_lobby)

    @property
    def typists(self) -> tuple[Person, ...]:
        """Those who are typing."""
        return tuple(self.people[key] for key in self.typing if key in self.people)

    @property
    def may_talk(self) -> bool:
        """True if the user can send messages now."""
        return "sendMessage" in self.messaging


def key_of(href: str) -> str:
    """An address, for comparison: servers write it absolute or relative, in any case."""
    return urlsplit(href).path.rstrip("/").lower()
