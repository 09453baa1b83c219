"""Links between the pages of the documentation."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, PROJECT, named, prose

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)">')


def anchors(page: Path) -> set[str]:
    """What a link can name in a page: its headings, as forges spell them, and its own anchors."""
    text = page.read_text(encoding="utf-8")
    without_code = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    found: Counter[str] = Counter()
    for heading in _HEADING.findall(without_code):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found[re.sub(r"[^\w\- ]", "", shown).strip().replace(" ", "-")] += 1
    again = {f"{one}-{number}" for one, times in found.items() for number in range(1, times)}
    return {*found, *again, *_ANCHOR.findall(text)}


def broken(page: Path) -> Iterator[str]:
    """The relative links of a page that lead nowhere."""
    for link in _LINK.findall(prose(page)):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        is_ours = target == page or PROJECT in (target, *target.parents)
        if not (is_ours and target.exists()) or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    """To a file of the project, and to a heading that is there."""
    assert list(broken(page)) == []


def test_links_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One\n[a](#one) [b](#two) [c](other.md) [d](http://a/b) `[e](f.md)`\n")
    assert list(broken(page)) == ["#two", "other.md"]


def test_every_page_can_be_reached_from_the_readme() -> None:
    """By links, over any number of pages."""
    reached: set[Path] = set()
    ahead = {PROJECT / "README.md"}
    while ahead:
        page = ahead.pop()
        reached.add(page)
        paths = (link.partition("#")[0] for link in _LINK.findall(prose(page)))
        ahead |= {(page.parent / path).resolve() for path in paths}.intersection(PAGES) - reached
    lonely = [named(page) for page in PAGES if page not in reached]
    assert [one for one in lonely if not one.startswith("docs/decisions/")] == []
