"""The document of any other server, as the command line names it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bench.document import SERIAL, Document


class UsageError(Exception):
    """The command line can't be followed: the sentence says what is wrong with it."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a document."""
    group = parser.add_argument_group(
        "another server", "With --url the race is for that document alone, which has to exist."
    )
    group.add_argument("--url", help="where the document is")
    group.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="sent with every request; can be given several times",
    )
    group.add_argument(
        "--body",
        default="",
        metavar="TEXT|@FILE",
        help=f"what a PUT sends, with {SERIAL} where one update differs from the next",
    )


def document(url: str, headers: Sequence[str], body: str) -> Document:
    """Make a document of what the options say. Raises UsageError."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise UsageError(f"--url {url} does not begin with http:// or https://.")
    return Document(url, dict(map(_header, headers)), _body(body))


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise UsageError(f"--header {line!r} is not of the form 'NAME: VALUE'.")
    return name.strip(), value.strip()


def _body(given: str) -> str:
    """Read the body from a file, line ends included, if one is named."""
    if given.startswith("@"):
        try:
            given = Path(given[1:]).read_bytes().decode()
        except (OSError, ValueError) as failure:
            raise UsageError(f"--body {given} can't be read: {failure}") from failure
    if SERIAL not in given:
        raise UsageError(f"--body has no {SERIAL}, by which each writer's content is told apart.")
    return given
