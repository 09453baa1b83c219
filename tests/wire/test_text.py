"""Text, and words that are near each other."""

import pytest

from openucwa.wire import text


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("evryone", ["Everyone"]),
        ("LOCK", ["Locked"]),
        (" none", ["None"]),
        ("same", ["SameEnterprise"]),
        ("nonsense", []),
        ("no", []),
        ("", []),
    ],
)
def test_only_near_words_are_near(typed: str, found: list[str]) -> None:
    assert text.near(typed, ["None", "SameEnterprise", "Invited", "Locked", "Everyone"]) == found


def test_the_nearest_comes_first() -> None:
    words = ["meetings_per_user", "meeting", "port"]
    assert text.near("meetings", words, most=2) == ["meeting", "meetings_per_user"]
