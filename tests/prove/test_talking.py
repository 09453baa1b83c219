"""The checker of talking, with violations that are planted for it to find."""

import pytest

from prove.talking.check import Heard, Sent, check
from tests.prove.test_prove import figure, proven

SENT = [
    Sent(sender="dana", text="one", number=2),
    Sent(sender="chris", text="two", number=3),
    Sent(sender="dana", text="three", is_unknown=True),
]


def said(member: str, *numbers: int) -> list[Heard]:
    texts = {2: "one", 3: "two", 4: "three"}
    return [Heard(member=member, number=one, text=texts[one]) for one in numbers]


def test_all_is_well() -> None:
    assert check(SENT, {"dana": said("dana", 2, 3), "chris": said("chris", 2, 3)}) == []
    both = {"dana": said("dana", 2, 3, 4), "chris": said("chris", 2, 3, 4)}
    assert check(SENT, both) == []  # what was not answered may have been sent


@pytest.mark.parametrize(
    ("heard", "what"),
    [
        ([2], "has not heard 1"),
        ([2, 3, 3], "twice"),
        ([3, 2], "too late"),
        ([2, 3, 4], "dana has not heard 1"),
    ],
)
def test_violations_are_found(heard: list[int], what: str) -> None:
    found = check(SENT, {"dana": said("dana", 2, 3), "chris": said("chris", *heard)})
    assert any(what in one.what for one in found)


def test_a_text_that_nobody_has_sent() -> None:
    heard = {"chris": [*said("chris", 2, 3), Heard(member="chris", number=4, text="no")]}
    assert any("nobody has sent" in one.what for one in check(SENT, heard))
    wrong = [Heard(member="chris", number=2, text="two"), *said("chris", 3)]
    assert any("another text" in one.what for one in check(SENT, {"chris": wrong}))


@pytest.mark.slow
def test_the_proof() -> None:
    found = proven("talking", "--engine", "sqlite", "--seconds", "5")
    for name in ("messages", "kills", "visits"):
        assert figure(name, found) > 0
    assert figure("violations", found) == 0
