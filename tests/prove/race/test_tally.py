"""The table says what the races have shown."""

from collections import Counter

from prove.race.probe import Race
from prove.race.tally import Tally, table


def test_the_table_has_a_row_for_each_server_and_tells_of_errors_below() -> None:
    right, wrong = Tally("Ours", "1.0", "one process"), Tally("Theirs", "2.10", "two processes")
    for _ in range(1200):
        right.add(Race(winners=1, refused=7, at_once=True))
    wrong.add(Race(winners=3, refused=4, at_once=True, errors=Counter({"status 500": 1})))
    wrong.add(Race(winners=1, refused=7))

    assert table([right, wrong]).splitlines() == [
        "| Server | Version | Races | At once | Several winners | Most winners | Lost updates "
        "| Refused | Errors |",
        "| ------ | ------- | ----: | ------: | --------------: | -----------: | -----------: "
        "| ------: | -----: |",
        "| Ours   | 1.0     | 1,200 |   1,200 |               0 |            1 |            0 "
        "|   8,400 |      0 |",
        "| Theirs | 2.10    |     2 |       1 |               1 |            3 |            2 "
        "|      11 |      1 |",
        "",
        "Ours: one process.",
        "Theirs: two processes. Errors: 1 status 500.",
    ]
    assert right.right
    assert not wrong.right


def test_without_a_race_nothing_is_right() -> None:
    assert not Tally("Ours", "1.0", "one process").right
