"""What differs between long texts."""

from openucwa.cli.person import difference

LONG = "The quarterly figures of all regions are discussed, and then those of the year before. " * 4


def test_shows_where_long_lines_differ() -> None:
    old, new = f"{LONG}Room 4. {LONG}", f"{LONG}Room 17. {LONG}"
    _, removed, added = difference.of_texts(old, new).split("\n")
    assert "Room 4. " in removed
    assert "Room 17. " in added
    assert all(one.strip()[2] == "…" and one.endswith("…") for one in (removed, added))
    assert max(len(removed), len(added)) <= 80


def test_shows_what_was_added_at_the_end() -> None:
    _, removed, added = difference.of_texts(LONG, f"{LONG}Bring a pen.").split("\n")
    assert "Bring a pen." in added
    assert "Bring" not in removed


def test_shows_some_of_many_lines() -> None:
    text = "\n".join(map(str, range(100)))
    shown = difference.of_texts("", text).split("\n")
    assert shown[1] == "    + 0"
    assert shown[-1] == "    … and 92 more lines"


def test_does_not_steer_the_terminal() -> None:
    assert "\x1b" not in difference.of_texts("a\nb", "a\n\x1b[2J")
