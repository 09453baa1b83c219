"""The properties of a meeting that a person edits: their names, how they are typed and shown."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from openucwa.cli.failure import WrongInput
from openucwa.cli.person import people, period, times
from openucwa.wire.members import BY_NAME, MEMBERS, SCHEDULE, Member
from openucwa.wire.text import near

if TYPE_CHECKING:
    from openucwa.client import Schedule

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

BY_OPTION = {one.option: one for one in MEMBERS}


def label(name: str) -> str:
    """Return the name of a property in a sentence; one that is not known here has its own."""
    return BY_NAME[name].label if name in BY_NAME else name


def in_order(names: Iterable[str]) -> list[str]:
    """The names, those that are known first and as people see them."""
    names = list(names)
    known = [one for one in BY_NAME if one in names]
    return known + [one for one in names if one not in BY_NAME]


def people_of(properties: Mapping[str, object], name: str) -> list[str]:
    """Return the list of addresses that a meeting has under a name; empty if it has none."""
    value = properties.get(name)
    return [str(one) for one in value] if isinstance(value, Sequence) else []


def schedule(properties: Mapping[str, object]) -> "Schedule | None":
    """Return the time of a meeting; None if it has none."""
    found = properties.get(SCHEDULE)
    if found is None or isinstance(found, str | datetime):
        return None  # and nothing slow is imported
    from openucwa.client import Schedule

    return found if isinstance(found, Schedule) else None


def eligible(properties: Mapping[str, object]) -> dict[str, Sequence[str]]:
    """Return the values that policy allows, by member, from onlineMeetingEligibleValues."""
    return {one.name: people_of(properties, one.eligible) for one in MEMBERS if one.eligible}


def shown(value: object) -> str:
    """A value as people read it. Times are in their zone, people are names."""
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return times.shown(value)
    if found := schedule({SCHEDULE: value}):
        return period.shown(found)
    if isinstance(value, list | tuple | set | frozenset):
        return plain(people.names(sorted(map(str, value), key=str.lower)))
    return plain(str(value))


def plain(text: str) -> str:
    """Text of somebody else's, without what would move the cursor or turn the reading direction."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text)


def choice(member: Member, typed: str, *, eligible: Collection[str] = ()) -> str:
    """The member that was typed, in any case. Raises WrongInput that lists what there is."""
    choices = tuple(eligible) or member.choices
    found = next((one for one in choices if one.lower() == typed.strip().lower()), None)
    if found is None:
        meant = near(typed, choices)
        hint = f" Did you mean {meant[0]}?" if meant else ""
        raise WrongInput(
            f"{member.option} must be one of {', '.join(choices)}, not {typed[:80]!r}.{hint}"
        )
    return str(found)
