"""The properties of a meeting that a person edits: their names, how they are typed and shown."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import Enum, StrEnum

from openucwa.cli.failure import WrongInput
from openucwa.cli.person import people, times
from openucwa.wire import enums

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Kind(Enum):
    """How a value is typed."""

    LINE = "a line"
    TEXT = "lines"
    PEOPLE = "addresses"
    TIME = "a time"
    CHOICE = "one of several"


@dataclass(frozen=True)
class Field:
    """A property. `name` is what UCWA calls it, `option` what the command line does."""

    name: str
    option: str
    kind: Kind
    choices: tuple[str, ...] = ()
    """The members that UCWA documents."""

    @property
    def label(self) -> str:
        """What it is called in a sentence."""
        return self.option.replace("-", " ")


def _choice(name: str, option: str, members: type[StrEnum]) -> Field:
    return Field(name, option, Kind.CHOICE, tuple(members))


FIELDS = (
    Field("subject", "subject", Kind.LINE),
    Field("expirationTime", "expires", Kind.TIME),
    Field("attendees", "attendees", Kind.PEOPLE),
    Field("leaders", "leaders", Kind.PEOPLE),
    _choice("accessLevel", "access-level", enums.AccessLevel),
    _choice("phoneUserAdmission", "phone-user-admission", enums.PhoneUserAdmission),
    _choice("lobbyBypassForPhoneUsers", "lobby-bypass", enums.LobbyBypassForPhoneUsers),
    _choice("automaticLeaderAssignment", "leader-assignment", enums.AutomaticLeaderAssignment),
    _choice("entryExitAnnouncement", "announcements", enums.EntryExitAnnouncement),
    Field("description", "description", Kind.TEXT),
)
"""In the order in which they are shown."""
BY_NAME = {one.name: one for one in FIELDS}
BY_OPTION = {one.option: one for one in FIELDS}


def label(name: str) -> str:
    """What a property is called in a sentence, also one that is not known here."""
    return BY_NAME[name].label if name in BY_NAME else name


def in_order(names: Iterable[str]) -> list[str]:
    """The names, those that are known first and as people see them."""
    names = list(names)
    known = [one for one in BY_NAME if one in names]
    return known + [one for one in names if one not in BY_NAME]


def people_of(properties: Mapping[str, object], name: str) -> list[str]:
    """The list of addresses that a meeting has under a name; empty where it has none."""
    value = properties.get(name)
    return [str(one) for one in value] if isinstance(value, Sequence) else []


def shown(value: object) -> str:
    """A value as people read it. Times are in their zone, people are names."""
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return times.shown(value)
    if isinstance(value, list | tuple | set | frozenset):
        return plain(people.names(sorted(map(str, value), key=str.lower)))
    return plain(str(value))


def plain(text: str) -> str:
    """Text of somebody else's, without what would move the cursor or turn the reading direction."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text)


def choice(field: Field, typed: str, *, eligible: Collection[str] = ()) -> str:
    """The member that was typed, in any case. Raises WrongInput that lists what there is."""
    choices = tuple(eligible) or field.choices
    found = next((one for one in choices if one.lower() == typed.strip().lower()), None)
    if found is None:
        near = get_close_matches(typed.lower(), [one.lower() for one in choices], n=1)
        meant = next((one for one in choices if near and one.lower() == near[0]), None)
        hint = f" Did you mean {meant}?" if meant else ""
        raise WrongInput(
            f"{field.option} must be one of {', '.join(choices)}, not {typed[:80]!r}.{hint}"
        )
    return str(found)
