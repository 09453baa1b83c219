"""The people in a conversation (participant_ref.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from openucwa.client.attributes import member, text
from openucwa.client.resource import Resource
from openucwa.wire.enums import Role

__all__ = ["Person"]

_ACTIONS = ("admit", "reject", "eject", "promote", "demote")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a conversation, or in its lobby.

    `name` is the name that others see; `uri` the SIP address, empty until the server has told it.
    `role` is Unknown between two people. `in_lobby` is true while she waits, `is_organizer` for
    whose meeting it is, `is_local` for the user herself, `is_anonymous` for guests. `href` is the
    address of her participant resource.
    """

    href: str
    name: str = ""
    uri: str = ""
    role: Role | str = Role.UNKNOWN
    in_lobby: bool = False
    is_organizer: bool = False
    is_anonymous: bool = False
    is_local: bool = False
    is_placed: bool = field(default=True, repr=False, compare=False)
    """False while it is not known whether she is inside or waits."""
    links: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    """The addresses of what can be done with her, by rel."""

    @property
    def is_leader(self) -> bool:
        """True for a leader of the meeting."""
        return self.role == Role.LEADER

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that the user may take now: admit, reject, eject, promote, demote."""
        return tuple(rel for rel in _ACTIONS if rel in self.links)

    @property
    def label(self) -> str:
        """The name, or else the address without its scheme."""
        return self.name or self.uri.partition(":")[2] or self.uri or "Somebody"

    @classmethod
    def read(cls, resource: Resource, before: "Person | None" = None) -> "Person":
        """Read a participant. What it does not tell stays as it was `before`."""
        told = resource.properties
        before = before or cls(resource.href)
        return cls(
            href=resource.href,
            name=text(told.get("name")) or before.name,
            uri=text(told.get("uri")) or before.uri,
            role=member(Role)(told.get("role") or before.role),
            in_lobby=bool(told.get("inLobby", before.in_lobby)),
            is_organizer=bool(told.get("organizer")),
            is_anonymous=bool(told.get("anonymous")),
            is_local=bool(told.get("local")) or resource.link("me") is not None,
            links={rel: href for rel in resource.rels if (href := resource.link(rel))},
        )
