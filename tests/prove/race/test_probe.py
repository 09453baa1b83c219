"""The probe finds what a server does wrong, and nothing where it does all right."""

import random
from itertools import islice

import pytest

from prove.race.probe import Unfit, races
from prove.race.tally import Tally
from tests.prove.race import store

pytestmark = pytest.mark.slow

RACES = 10
WRITERS = 8


def tally_of(how: str) -> Tally:
    tally = Tally(how, "1", "")
    with store.serving(how) as document:
        for race in islice(races(document, WRITERS, random.Random()), RACES):
            tally.add(race)
    return tally


def test_a_server_that_compares_and_writes_in_one_step_is_right() -> None:
    tally = tally_of(store.RIGHT)
    assert tally.right
    assert (tally.races, tally.most, tally.lost) == (RACES, 1, 0)
    assert tally.refused == RACES * (WRITERS - 1)


def test_most_of_its_races_are_races() -> None:
    """All requests are out before the first is answered, so each writer could still win."""
    assert tally_of(store.RIGHT).at_once > RACES / 2


def test_a_server_that_compares_before_it_writes_loses_updates() -> None:
    tally = tally_of(store.UNLOCKED)
    assert not tally.right
    assert tally.several > 0
    assert tally.most > 1
    assert tally.lost >= tally.several
    assert tally.refused == RACES * (WRITERS - 1) - tally.lost


@pytest.mark.parametrize(
    ("how", "error"),
    [
        (store.TAKES_ANYWAY, "content of a refused writer"),
        (store.FORGETS, "content of no writer"),
        (store.WRONG_ETAG, "another ETag than its writer's"),
        (store.REFUSES_ALL, "nobody won"),
    ],
)
def test_what_else_is_wrong_is_named(how: str, error: str) -> None:
    tally = tally_of(how)
    assert tally.errors == {error: RACES}
    assert not tally.right


def test_nobody_can_race_where_nobody_listens() -> None:
    with store.serving(store.RIGHT) as document:
        pass
    with pytest.raises(Unfit, match="can't be read"):
        next(races(document, WRITERS, random.Random()))


def test_nobody_can_race_for_what_nobody_can_update() -> None:
    with (
        store.serving(store.FAILS) as document,
        pytest.raises(Unfit, match="can't be updated: 500"),
    ):
        next(races(document, WRITERS, random.Random()))
