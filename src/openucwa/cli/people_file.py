"""CSV files of people, as spreadsheets write them."""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from openucwa.cli import profiles
from openucwa.cli.failure import WrongInput
from openucwa.domain import passwords
from openucwa.domain.people import Profile

COLUMNS = {
    "sip": "uri",
    **{name: name for name in Profile.__struct_fields__ if name != "uri"},
    "password": "password",
}
"""Columns, and the member of Profile that each gives."""
REQUIRED = ("sip", "name")


@dataclass(frozen=True)
class Row:
    """A person. `members` are those of Profile for which the file has a column."""

    line: int
    members: dict[str, str]
    password: str


def read(path: Path, *, domain: str, policies: Collection[str]) -> list[Row]:
    """The people in a file. Raises WrongInput that names every line with something wrong."""
    lines = _lines(_text(path), path)
    columns = _columns(lines, path)
    rows: list[Row] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        try:
            row = _row(line, columns, cells, domain, policies)
        except profiles.Wrong as wrong:
            problems += (f"line {line}: {name} {why}" for name, why in wrong.problems.items())
            continue
        key = row.members["uri"].lower()
        if key in seen:
            problems.append(f"line {line}: {row.members['uri']} is also in line {seen[key]}")
        seen.setdefault(key, line)
        rows.append(row)
    if problems:
        raise WrongInput("\n".join([*problems, f"Nothing was imported. Correct {path}."]))
    return rows


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongInput(f'{path} is not in UTF-8. Save it as "CSV UTF-8".') from None
    except OSError as error:
        raise WrongInput(f"{path} can't be read: {error.strerror}.") from None


def _lines(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the number of its first line."""
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise WrongInput(f"{path} is not a CSV file: line {line}: {error}.") from None


def _columns(lines: Iterator[tuple[int, list[str]]], path: Path) -> list[str]:
    """The names in the first row, in the spelling of COLUMNS."""
    _, header = next(lines, (1, []))
    names = ["_".join(cell.lower().replace("-", " ").split()) for cell in header]
    problems = [f"there is no column {name}" for name in REQUIRED if name not in names]
    problems += [
        f"the column {name!r} is unknown" if name else "a column has no name"
        for name in dict.fromkeys(names)
        if name not in COLUMNS
    ]
    problems += [f"there are two columns {name}" for name in COLUMNS if names.count(name) > 1]
    if problems:
        raise WrongInput(
            f"The first line of {path} must name the columns: {'; '.join(problems)}. "
            f"The columns are {', '.join(COLUMNS)}."
        )
    return names


def _row(
    line: int, columns: list[str], cells: list[str], domain: str, policies: Collection[str]
) -> Row:
    """Raises profiles.Wrong, with the names of columns."""
    if len(cells) != len(columns):
        raise profiles.Wrong({"it": f"has {len(cells)} cells instead of {len(columns)}"})
    typed = dict(zip((COLUMNS[name] for name in columns), cells, strict=True))
    password = typed.pop("password", "")
    try:
        members = profiles.members(typed, domain=domain, policies=policies)
    except profiles.Wrong as wrong:
        names = {member: name for name, member in COLUMNS.items()}
        raise profiles.Wrong({names[one]: why for one, why in wrong.problems.items()}) from None
    if password:
        try:
            passwords.check(password, (members["uri"].removeprefix("sip:"), members["name"]))
        except ValueError as error:
            raise profiles.Wrong({"password": str(error)}) from None
    return Row(line, members, password)
