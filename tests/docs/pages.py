"""The pages of the documentation, and the examples in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted(PROJECT.glob("docs/**/*.md"))]

_FENCE = re.compile(
    r"^```(?P<language>\w*)\n(?P<text>.*?)^```$(?P<between>\s*)", re.DOTALL | re.MULTILINE
)
_BESIDE_TEXT = re.compile(r"`[^`\n]*`|<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code, and the line of its page on which the code starts."""

    language: str
    text: str
    line: int
    is_followed: bool
    """Whether the next block comes straight after it."""


def named(page: Path) -> str:
    """The page as people call it."""
    return page.relative_to(PROJECT).as_posix()


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in its order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            found["language"],
            found["text"],
            text.count("\n", 0, found.start("text")) + 1,
            text.startswith("```", found.end()),
        )
        for found in _FENCE.finditer(text)
    ]


def examples(page: Path) -> Iterator[tuple[Block, str]]:
    """Each block of Python with what it prints: the block of text straight after it."""
    nothing = Block("text", "", line=0, is_followed=False)
    for block, after in pairwise([*blocks(page), nothing]):
        if block.language == "python":
            is_shown = block.is_followed and after.language == "text"
            yield block, after.text if is_shown else ""


def prose(page: Path) -> str:
    """The text of a page without code and comments."""
    return _BESIDE_TEXT.sub("", _FENCE.sub("", page.read_text(encoding="utf-8")))
