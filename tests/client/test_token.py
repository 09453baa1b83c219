"""Tokens, and when they are better renewed."""

from datetime import UTC, datetime, timedelta

import pytest

from openucwa.client import Token

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "due_after"), [(28800, 28740), (100, 90), (0, 0)])
def test_is_due_shortly_before_its_end(seconds: int, due_after: int) -> None:
    token = Token.lasting("t", seconds, NOW)
    assert token.expires == NOW + timedelta(seconds=seconds)
    assert token.is_due(NOW + timedelta(seconds=due_after))
    assert not token.is_due(NOW + timedelta(seconds=due_after - 1))


@pytest.mark.parametrize("seconds", [None, 1e30, float("nan")])
def test_one_without_a_known_end_is_never_due(seconds: float | None) -> None:
    token = Token.lasting("t", seconds, NOW)
    assert token.expires is None
    assert not token.is_due()


def test_its_text_stays_out_of_logs() -> None:
    assert "secret" not in repr(Token("secret", NOW))
