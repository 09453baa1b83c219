"""The properties of a copy: the meeting's, as far as the destination allows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from openucwa.cli.moving import marks
from openucwa.cli.person import fields, people
from openucwa.wire import members, merge, sip
from openucwa.wire.enums import GenericPolicy, PhoneUserAdmission
from openucwa.wire.members import Kind

if TYPE_CHECKING:
    from openucwa.cli.moving.places import Place
    from openucwa.client import Meeting

_ENDLESS = timedelta(days=365)
"""The lifetime of a copy whose original has no expiry."""
_PARTS = {"starttime", "endtime", "timezone"}
"""The names under which a server refuses the time of a meeting, in lower case."""
_CHOICES = members.names(Kind.CHOICE)


@dataclass(frozen=True)
class Rules:
    """The rules by which one person's meetings become hers at the destination.

    `owner` is her address at the source, `new_owner` that at the destination. `domains` says which
    domain takes the place of which. `eligible` has what may be chosen there, by property, as far as
    the server tells; `defaults` what it takes otherwise.
    """

    owner: str
    new_owner: str
    domains: Mapping[str, str]
    eligible: Mapping[str, Sequence[str]]
    defaults: Mapping[str, str]


@dataclass
class CopyProperties:
    """The properties of a copy, and what a person has to be told of them."""

    properties: dict[str, object]
    told: list[str] = field(default_factory=list)

    def leave_out(self, name: str, why: str) -> None:
        """Do without a property. It is told what."""
        value = fields.shown(self.properties.pop(name))
        self.told.append(f"{fields.label(name)} {value} {why}")


def rules(here: "Place", there: "Place", domains: Mapping[str, str]) -> Rules:
    """The rules for a move between two places. Asks the destination what may be chosen there."""
    from openucwa.client import NotFound, NotOffered

    meetings = there.client.meetings
    eligible: dict[str, Sequence[str]] = {}
    defaults: dict[str, str] = {}
    try:
        told, otherwise = meetings.eligible(), meetings.defaults()
        eligible = fields.eligible(told.properties)
        defaults = {name: str(otherwise.properties.get(name, "")) for name in _CHOICES}
        if meetings.policies().phone_user_admission != GenericPolicy.ENABLED:
            eligible["phoneUserAdmission"] = (PhoneUserAdmission.DISABLED,)
    except (NotOffered, NotFound):  # then it refuses what may not be
        pass
    chosen = {name: values for name, values in eligible.items() if values}
    return Rules(here.uri, there.uri, domains, chosen, defaults)


def wanted(meeting: "Meeting", rules: Rules, *, now: datetime) -> CopyProperties:
    """Return the properties for the copy of a meeting."""
    found = CopyProperties(
        {
            name: value
            for name, value in meeting.properties.items()
            if value is not None and not merge.is_server_owned(name)
        }
    )
    if description := str(found.properties.get("description", "")):
        found.properties["description"] = marks.untagged(description)
    _limit_people(found, rules)
    _limit_choices(found, rules)
    if meeting.ends and meeting.expires and meeting.expires < meeting.ends:
        found.properties["expirationTime"] = meeting.ends  # or it would be refused
    if meeting.expires is None:
        expires = (now + _ENDLESS).replace(microsecond=0)
        found.properties["expirationTime"] = expires
        found.told.append(f"it never expires; the copy expires {fields.shown(expires)}")
    return found


def _limit_people(found: CopyProperties, rules: Rules) -> None:
    """Make leaders outside of the destination's domain attendees, since they can't lead there."""
    attendees = _moved(found, "attendees", rules)
    leaders = _moved(found, "leaders", rules)
    domain = people.domain(rules.new_owner)
    outside = [one for one in leaders.values() if domain and people.domain(one) != domain]
    for one in outside:
        del leaders[people.key(one)]
        attendees.setdefault(people.key(one), one)
        found.told.append(
            f"{fields.plain(one)} is outside {domain} and can't be a leader there: "
            "invited as an attendee"
        )
    for name, listed in (("attendees", attendees), ("leaders", leaders)):
        if listed or name in found.properties:
            found.properties[name] = tuple(listed.values())


def _moved(found: CopyProperties, name: str, rules: Rules) -> dict[str, str]:
    """The addresses of a list at the destination, by what is the same for two spellings."""
    moved: dict[str, str] = {}
    for one in fields.people_of(found.properties, name):
        try:
            address = moved_address(one, rules)
        except ValueError:
            found.told.append(f"{fields.plain(one)[:80]} is not an address: left out of {name}")
            continue
        moved.setdefault(people.key(address), address)
    return moved


def moved_address(address: str, rules: Rules) -> str:
    """The address at the destination of somebody; its spelling stays. Raises ValueError."""
    if sip.normalise(address) == people.key(rules.owner):
        return rules.new_owner
    domain = sip.host(address)
    new = rules.domains.get(domain)
    if new is None:
        return address.strip()
    user, _, rest = address.strip().rpartition("@")
    return f"{user}@{new}{rest[len(domain) :]}"


def _limit_choices(found: CopyProperties, rules: Rules) -> None:
    for name in _CHOICES:
        value = found.properties.get(name)
        eligible = rules.eligible.get(name)
        if value is None or eligible is None or value in eligible:
            continue
        default = rules.defaults.get(name) or eligible[0]
        found.leave_out(name, f"is not allowed there, so the copy has {default}")


def without_refused(found: CopyProperties, refused: Iterable[str]) -> bool:
    """Leave out what the destination has refused; False where the copy can't do without it.

    `refused` are names in any case; none means that the server does not tell.
    """
    names = {name.lower() for name in refused}
    if names & _PARTS and members.SCHEDULE in found.properties:
        found.leave_out(members.SCHEDULE, "was refused there and left out")
        return True
    spare = [name for name in found.properties if name not in members.BY_NAME or name in _CHOICES]
    if names:
        spare = [name for name in spare if name.lower() in names]
    else:
        spare = [name for name in spare if name not in members.BY_NAME]
    for name in spare:
        found.leave_out(name, "was refused there and left out")
    return bool(spare)


def lost(wanted: Mapping[str, object], copy: Mapping[str, object], owner: str) -> list[str]:
    """Return a sentence for each property that the copy has otherwise than wanted.

    Its description is another matter: it has a tag.
    """
    found = []
    for name in differing(wanted, copy, owner):
        if name not in wanted or name == "description":
            continue
        if copy.get(name) is not None:
            found.append(f"{fields.label(name)} is {fields.shown(copy[name])} there")
        else:
            found.append(f"{fields.label(name)} {fields.shown(wanted[name])} was not stored there")
    return found


def differing(
    wanted: Mapping[str, object], copy: Mapping[str, object], owner: str
) -> Sequence[str]:
    """The properties in which a copy is not what is wanted. Nothing is like nothing."""
    return [
        name
        for name in merge.differing(wanted, copy)
        if (wanted.get(name) or copy.get(name))
        and not (name == "leaders" and _led_by_owner_too(wanted, copy, owner))
    ]


def _led_by_owner_too(wanted: Mapping[str, object], copy: Mapping[str, object], owner: str) -> bool:
    """The organizer always leads; some servers say so, some don't."""
    one, other = (
        {people.key(who) for who in fields.people_of(side, "leaders")} for side in (wanted, copy)
    )
    return one ^ other <= {people.key(owner)}
