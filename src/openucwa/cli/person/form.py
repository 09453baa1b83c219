"""A meeting as text that a person edits: written for an editor, and read again.

    # comments start with a number sign
    subject: Weekly meeting
    expires: 2026-11-29 15:00
    attendees:
      sip:alex@contoso.com
    description:
    All that follows, to the end, is the description.

What stands there unchanged keeps its value exactly, also what the text shows shortened, as seconds.
Lines end with LF here; a description that was changed has the line ends that it had before.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from openucwa.cli.failure import WrongInput
from openucwa.cli.person import fields, people, period, times
from openucwa.wire import lines as texts
from openucwa.wire.members import BY_NAME, MEMBERS, Kind, Member

_MARK = "#! "
"""The start of a line with an error."""
_DESCRIPTION = "description:"


Problem: TypeAlias = tuple[int, str]
"""The number of a line, counted from 1, and what is wrong there; 0 is the whole."""


class Unreadable(WrongInput):
    """The text can't be read. `problems` says why, for each line with something wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            "\n".join(f"line {number}: {why}" if number else why for number, why in problems)
        )
        self.problems = tuple(problems)


def write(
    properties: Mapping[str, object],
    *,
    title: str,
    notes: Sequence[str] = (),
    eligible: Mapping[str, Sequence[str]] | None = None,
    names: Collection[str] = tuple(BY_NAME),
) -> str:
    """The text for what is to be edited: the properties that `names` has.

    `eligible` has the values that policy allows, by name.
    """
    lines = [f"# {one}" for text in (title, *notes) for one in text.split("\n")]
    lines.append("# Save and close to continue. Delete everything to change nothing.")
    for field in MEMBERS:
        if field.kind is not Kind.TEXT and field.name in names:
            lines += ["", *_comments(field, eligible or {}), *_written(field, properties)]
    if "description" in names:
        lines += ["", "# Everything below this line is the description."]
        lines += [_DESCRIPTION, *texts.split(_text(properties))]
    return "\n".join(lines) + "\n"


def _text(properties: Mapping[str, object]) -> str:
    return str(properties.get("description") or "")


def _comments(field: Member, eligible: Mapping[str, Sequence[str]]) -> list[str]:
    match field.kind:
        case Kind.TIME:
            return [f'# in your time zone, {times.zone()}; also "tomorrow 15:00" or "in 2 hours"']
        case Kind.SCHEDULE:
            return [
                f'# in your time zone, {times.zone()}; also "tomorrow 15:00 for 45m"; or nothing'
            ]
        case Kind.PEOPLE:
            return ["# one address per line"]
        case Kind.CHOICE:
            return [f"# one of {', '.join(eligible.get(field.name) or field.choices)}"]
        case _:
            return []


def _written(field: Member, properties: Mapping[str, object]) -> list[str]:
    if field.kind is Kind.PEOPLE:
        found = fields.people_of(properties, field.name)
        return [f"{field.option}:", *(f"  {one}" for one in found)]
    return [f"{field.option}: {_line(properties.get(field.name))}".rstrip()]


def _line(value: object) -> str:
    """A value on one line; what a line can't hold, or would not give back, is quoted as in JSON."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return fields.shown(value)
    is_plain = value == value.strip() and value.isprintable() and not value.startswith('"')
    return value if is_plain else json.dumps(value, ensure_ascii=not value.isprintable())


def with_problems(text: str, problems: Sequence[Problem]) -> str:
    """The text as it was typed, with what is wrong above each line, for another try."""
    lines = text.split("\n")
    for number, why in sorted(problems, reverse=True):
        lines[max(number - 1, 0) : max(number - 1, 0)] = [
            f"{_MARK}{one}" for one in why.split("\n")
        ]
    return "\n".join(lines)


def without_problems(text: str) -> str:
    """The text without what `with_problems` has added. The description stays as it is."""
    lines = text.split("\n")
    end = next((n for n, one in enumerate(lines) if one.rstrip() == _DESCRIPTION), len(lines))
    head = [one for one in lines[:end] if not one.startswith(_MARK.rstrip())]
    return "\n".join([*head, *lines[end:]])


def is_empty(text: str) -> bool:
    """Return whether nothing but comments is left."""
    return not any(line.strip() and not line.startswith("#") for line in text.split("\n"))


def read(
    text: str,
    base: Mapping[str, object],
    *,
    domain: str = "",
    eligible: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, object]:
    """Return the values that the text changes in `base`, by name.

    A property whose line is missing is left as it is. Raises Unreadable.
    """
    head, description = _parted(text)
    problems: list[Problem] = []
    typed = _typed(head, problems)
    found: dict[str, object] = {}
    for option, lines in typed.items():
        field = fields.BY_OPTION[option]
        if [line for _, line in lines] == _plain(_written(field, base)):
            continue
        for value in _values(field, lines, base, problems, domain, eligible or {}):
            found[field.name] = value
    if description is not None and texts.split(description) != texts.split(_text(base)):
        found["description"] = texts.with_ends_of(_text(base), description)
    if problems:
        raise Unreadable(problems)
    return {name: value for name, value in found.items() if _is_change(base.get(name), value)}


def _parted(text: str) -> tuple[str, str | None]:
    """Return the text above the description, and the description; None if its line is missing."""
    lines = text.split("\n")
    at = next((n for n, line in enumerate(lines) if line.rstrip() == _DESCRIPTION), None)
    if at is None:
        return text, None
    return "\n".join(lines[:at]), "\n".join(lines[at + 1 :]).removesuffix("\n")


def _typed(head: str, problems: list[Problem]) -> dict[str, list[tuple[int, str]]]:
    """By option: its lines with their numbers, from that on which its name stands."""
    typed: dict[str, list[tuple[int, str]]] = {}
    current: list[tuple[int, str]] | None = None
    for number, line in enumerate(head.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace():
            if current is None:
                problems.append((number, "it belongs to no field above it"))
            else:
                current.append((number, line.strip()))
            continue
        option, colon, value = line.partition(":")
        option = option.strip().lower()
        if option == "description" and colon:
            problems.append((number, "the description must start on the next line"))
        elif option not in fields.BY_OPTION or not colon:
            problems.append(_unknown(number, line))
        elif option in typed:
            problems.append((number, f"{option} is given twice"))
        else:
            current = typed[option] = [(number, value.strip())]
    return typed


def _unknown(number: int, line: str) -> Problem:
    return number, (
        f"{line.strip()[:60]!r} does not start with a name and a colon. The names are "
        f"{', '.join(fields.BY_OPTION)}."
    )


def _plain(written: Sequence[str]) -> list[str]:
    """The values of lines as they were written."""
    first, *others = written
    return [first.partition(":")[2].strip(), *(one.strip() for one in others)]


def _values(
    field: Member,
    lines: Sequence[tuple[int, str]],
    base: Mapping[str, object],
    problems: list[Problem],
    domain: str,
    eligible: Mapping[str, Sequence[str]],
) -> list[object]:
    """The value in a list of its own, or nothing, with `problems` told."""
    before = len(problems)
    if field.kind is Kind.PEOPLE:
        known = {people.key(one) for one in fields.people_of(base, field.name)}
        found: dict[str, str] = {}
        for number, line in lines:
            for one in line.replace(",", " ").split() if line else ():
                try:
                    full = one if people.key(one) in known else people.address(one, domain=domain)
                except WrongInput as wrong:
                    problems.append((number, str(wrong)))
                else:
                    found.setdefault(people.key(full), full)
        return [tuple(found.values())] if len(problems) == before else []
    (number, line), *others = lines
    problems += [(n, f"{field.option} takes one line only") for n, _ in others]
    try:
        return [_value(field, line, base, eligible)]
    except WrongInput as wrong:
        problems.append((number, str(wrong)))
    return []


def _value(
    field: Member,
    line: str,
    base: Mapping[str, object],
    eligible: Mapping[str, Sequence[str]],
) -> object:
    match field.kind:
        case Kind.SCHEDULE:
            return period.read(line, fields.schedule(base))
        case Kind.TIME:
            if not line:
                raise WrongInput("expires can't be empty. Give a time.")
            return times.read(line)
        case Kind.CHOICE:
            return fields.choice(field, line, eligible=eligible.get(field.name) or ())
        case _:
            return _unquoted(line)


def _unquoted(line: str) -> str:
    if not line.startswith('"'):
        return line
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, str):
        raise WrongInput("a value that starts with a quotation mark must be a JSON string")
    return found


def _is_change(old: object, new: object) -> bool:
    if isinstance(new, tuple):
        listed = old if isinstance(old, Sequence) else ()
        return {people.key(str(one)) for one in listed} != {people.key(str(one)) for one in new}
    return (old or "") != (new or "")
