"""The list of the decisions by topic."""

import re

from tests.docs.pages import PROJECT

FOLDER = PROJECT / "docs" / "decisions"


def test_every_decision_is_listed_once_with_its_title() -> None:
    listed = re.findall(r"^- \[(.*)\]\((\d{4}.*\.md)\)", (FOLDER / "README.md").read_text(), re.M)
    there = [
        (page.read_text().partition("\n")[0].removeprefix("# "), page.name)
        for page in FOLDER.glob("0*.md")
    ]
    assert sorted(listed) == sorted(there), "list it under its topic in docs/decisions/README.md"
