"""What administrators may type into a profile."""

import pytest

from openucwa.cli import profiles


@pytest.mark.parametrize("typed", ["two\nlines", "bell\x07", "half\udcff", "none\ufffe", "a" * 257])
def test_text_that_could_not_be_served_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="must be one line"):
        profiles.text(typed)
