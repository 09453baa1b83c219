"""Authors of changes, as a person reads of them: by name, or as herself on another device."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from openucwa.cli.person import device, fields, people, times
from openucwa.cli.person.session import Session

if TYPE_CHECKING:
    from openucwa.client import Change

_LONGEST = 40
"""Characters of a name or an application; a longer one is cut, or left out."""
_RESERVED = frozenset({"you", "your", "yours", "me", "somebody", "nobody", "before"})
"""Words by which these sentences mean somebody else."""
_HARMLESS = " .,'\N{RIGHT SINGLE QUOTATION MARK}_+-"
"""Characters of names beside letters, marks and digits."""
_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK"})
"""Scripts with letters that look alike."""


@dataclass(frozen=True)
class Author:
    """The author of a change, as far as the server tells.

    `name` is as it can be shown. `is_me` tells that it is the person herself, and `is_here` that
    she did it on this device.
    """

    name: str = "Somebody"
    is_me: bool = False
    is_here: bool = False
    application: str = ""
    organizer: str = ""
    at: datetime | None = None
    told: "Change | None" = None

    @property
    def is_known(self) -> bool:
        """True if the server tells who it was."""
        return self.told is not None and bool(self.told.by)

    @property
    def where(self) -> str:
        """The device of a change of the person herself, behind her name."""
        if not self.is_me:
            return ""
        return ", on this device" if self.is_here else ", on another device"

    @property
    def whom(self) -> str:
        """The organizer for whom a delegate made it, behind the name."""
        return f", for {self.organizer}" if self.organizer else ""

    @property
    def aside(self) -> str:
        """The end of the sentence, in parentheses: another device, and the time."""
        at = times.short(self.at) if self.at else ""
        text = ", ".join(filter(None, (self._device if not self.is_here else "", at)))
        return f" ({text})" if text else ""

    @property
    def device(self) -> str:
        """The application of a change of the person herself, in parentheses."""
        return f" ({self._device})" if self._device else ""

    @property
    def _device(self) -> str:
        """The application, if its name is short: the name of a browser tells nothing."""
        shown = fields.plain(self.application).strip() if self.is_me else ""
        return shown if len(shown) <= _LONGEST else ""

    @property
    def heading(self) -> str:
        """The head of a column, or of a text between marks: it is short."""
        at = f", {times.short(self.at)}" if self.at else ""
        if self.is_me:
            return f"{'this' if self.is_here else 'other'} device{at}"
        return f"{self.name}{self.whom}{at}"

    @property
    def whole(self) -> str:
        """The author at the end of a sentence, with the time: short, for one line of many."""
        at = f" ({times.short(self.at)})" if self.at else ""
        return f"{self.name}{self.where}{self.whom}{at}"

    def subject(self, *, with_device: bool = False) -> str:
        """Return the author as it stands in front of a verb in the past tense."""
        rest = f"{self.where}{self.device if with_device else ''}{self.whom}"
        return f"{self.name}{rest}," if rest else self.name

    @property
    def whose(self) -> str:
        """The author in front of what is hers."""
        if self.is_me:
            return "your own"
        return f"{self.name}'s" if self.is_known else "the"

    def did(self, what: str) -> str:
        """Return a sentence without its full stop: the author has done something."""
        subject = "You have" if self.is_me else f"{self.name} has"
        return f"{subject} {what}{self.where}{self.whom}{self.aside}"

    def as_json(self) -> dict[str, object]:
        """Return the members that --json writes of an author."""
        told = self.told
        return {
            "changedBy": (told.by or None) if told else None,
            "changedByName": (told.by_name or None) if told else None,
            "changedWith": (told.application or None) if told else None,
            "changedOnBehalfOf": (told.on_behalf_of or None) if told else None,
            "changedAt": times.iso(self.at) if self.at else None,
        }


class Authors:
    """The authors of some changes, among whom no two are shown alike."""

    def __init__(self, session: Session, changes: "Iterable[Change | None]" = ()) -> None:
        uri, name = session.own_name()
        self._me = people.key(uri)
        self._by_name = defaultdict(set, {_folded(name): {self._me}})
        for one in changes:
            if one is not None and one.by:
                self._by_name[_folded(one.by_name)].add(people.key(one.by))

    def of(self, change: "Change | None") -> Author:
        """Return the author of one of the changes."""
        if change is None:
            return Author()
        key = people.key(change.by) if change.by else ""
        is_me = key == self._me
        return Author(
            name="you" if is_me else self._shown(change),
            is_me=is_me,
            is_here=change.application == device.application_name(),
            application=change.application,
            organizer=self._organizer(change.on_behalf_of) if not is_me else "",
            at=change.at,
            told=change,
        )

    def _shown(self, change: "Change") -> str:
        if not change.by:
            return "Somebody"
        name = fields.plain(change.by_name)
        short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        others = self._by_name[_folded(name)] - {people.key(change.by)}
        if short == name and not others and not is_deceptive(change.by_name):
            return name
        address = fields.plain(re.sub(r"^sips?:", "", change.by, flags=re.IGNORECASE))
        return f"{short} ({address})"

    def _organizer(self, uri: str) -> str:
        if not uri:
            return ""
        return "you" if people.key(uri) == self._me else fields.plain(people.name(uri))


def author(session: Session, change: "Change | None") -> Author:
    """Return the author of one change."""
    return Authors(session, [change]).of(change)


def is_deceptive(name: str) -> bool:
    """Return True if a name may pass for something else: a word of ours, an address, or markup."""
    folded = _folded(name)
    words = re.findall(r"\w+", folded)
    scripts = [{unicodedata.name(one, "").split(" ")[0] for one in word} for word in words]
    return (
        not words
        or words[0] in _RESERVED
        or any(len(found & _SCRIPTS) > 1 for found in scripts)
        or any(
            not (one.isalnum() or one in _HARMLESS or unicodedata.category(one)[0] == "M")
            for one in name
        )
    )


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
