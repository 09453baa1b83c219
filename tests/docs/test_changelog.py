"""The fragments of the changelog."""

import re

from tests.docs.pages import PROJECT

NAME = re.compile(r"\+[a-z0-9-]+\.(added|changed|fixed|removed|security)\.md|README\.md")


def test_a_fragment_is_named_for_what_it_tells() -> None:
    """With a plus sign, without which its name is printed as the number of an issue."""
    folder = PROJECT / "changelog.d"
    assert [one.name for one in folder.iterdir() if not NAME.fullmatch(one.name)] == []
