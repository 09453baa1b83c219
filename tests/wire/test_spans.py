"""Spans of time, in the forms in which clients may send them."""

from datetime import timedelta

import pytest

from openucwa.wire import spans


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("00:05:00", 300),
        ("0:5", 300),
        ("1.02:03:04.5000000", 93784.5),
        ("PT5M", 300),
        ("pt1h0.5s", 3600.5),
        ("P1DT1M", 86460),
        ("P2D", 172800),
        (5, 300),
        (0.5, 30),
        (" 7 ", 420),
        ("00:00:00", 0),
    ],
)
def test_forms(given: str | float, seconds: float) -> None:
    assert spans.parse(given) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "soon",
        "-00:05:00",
        "-5",
        -5,
        "P",
        "PT",
        "5M",
        "PT5",
        "1:2:3:4",
        "1e9",
        "nan",
        "\u0665",
        "9" * 99,
    ],
)
def test_nothing_else_is_one(given: str | float) -> None:
    with pytest.raises(ValueError, match="no span"):
        spans.parse(given)
