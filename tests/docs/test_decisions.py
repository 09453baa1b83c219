"""The list of the decisions by topic."""

import re

from tests.docs.pages import PROJECT

FOLDER = PROJECT / "docs" / "decisions"
LIST = (FOLDER / "README.md").read_text()
PAGES = {page.name[:4]: page.read_text() for page in FOLDER.glob("0*.md")}
REPLACED = re.compile(r"^Replaced by \[(\d{4})\]\(.*\.md\)")


def test_every_decision_is_listed_once_with_its_title() -> None:
    listed = re.findall(r"^- \[(.*)\]\((\d{4}.*\.md)\)", LIST, re.M)
    there = [
        (PAGES[page.name[:4]].partition("\n")[0].removeprefix("# "), page.name)
        for page in FOLDER.glob("0*.md")
    ]
    assert sorted(listed) == sorted(there), "list it under its topic in docs/decisions/README.md"


def test_a_topic_lists_its_decisions_by_number() -> None:
    for topic in LIST.partition("## By topic")[2].split("\n**")[1:]:
        numbers = re.findall(r"^- \[(\d{4})", topic, re.M)
        assert numbers == sorted(numbers), topic


def test_what_is_replaced_names_its_replacement_and_so_does_the_list() -> None:
    by_page = {
        number: found[1]
        for number, text in PAGES.items()
        if (found := REPLACED.match(text.split("\n")[2]))
    }
    by_list = dict(re.findall(r"^- \[(\d{4}).*; (\d{4}) replaces it", LIST, re.M))
    replacing = {
        old: number
        for number, text in PAGES.items()
        for old in re.findall(r"^Replaces (?:[^\n]* )?\[(\d{4})\]", text, re.M)
    }
    assert by_page == by_list
    assert replacing.items() <= by_page.items()
    assert set(by_page.values()) <= PAGES.keys()
