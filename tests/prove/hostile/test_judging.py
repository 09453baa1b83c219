"""The proof of a hostile client finds who had to wait, whose work failed, and too much memory."""

from collections import Counter

import pytest

from prove.hostile.judging import LARGEST, Row, Waits, stop_violations, table
from prove.hostile.target import Answers

CALM = {"PUT": Waits([0.01, 0.02, 0.03]), "GET": Waits([0.01])}


def row(
    put: Waits | None = None, *, peak: int = LARGEST, noise: float = 0.0, answered: int = 1
) -> Row:
    """An attack under which reads were as usual."""
    waits = {"PUT": put or Waits([0.02]), "GET": Waits([0.01])}
    outcome = Answers({"400": answered} if answered else {}, 2_500_000)
    return Row("forms", CALM, waits, outcome, peak, noise)


def found(row: Row) -> list[str]:
    return [violation.what for violation in row.violations()]


def test_who_waits_for_a_second_is_as_good_as_undisturbed() -> None:
    assert found(row(Waits([0.02, 1.0]))) == []


def test_who_works_slowly_undisturbed_may_do_so_under_an_attack() -> None:
    slow = {"PUT": Waits([0.4]), "GET": Waits([0.01])}
    assert not Row("forms", slow, {"PUT": Waits([2.1])}, Answers({"400": 1}), 1, 0.0).violations()
    assert Row("forms", slow, {"PUT": Waits([2.3])}, Answers({"400": 1}), 1, 0.0).violations()


def test_who_waits_longer_is_found() -> None:
    assert found(row(Waits([0.02, 17.2, 0.02]))) == [
        "forms: PUT waited 17.2 s, undisturbed 0.03 s; at most 1.1 s may be"
    ]


def test_noise_of_the_machine_is_no_fault_of_the_server() -> None:
    assert found(row(Waits([1.7]), noise=0.2)) == []
    assert len(found(row(Waits([2.0]), noise=0.2))) == 1


def test_work_that_failed_is_found_however_fast_it_was() -> None:
    failures = Counter({"status 500 ServiceFailure": 2, "no answer": 1})
    assert found(row(Waits([0.01], failures))) == [
        "forms: PUT failed 2 times: status 500 ServiceFailure",
        "forms: PUT failed 1 times: no answer",
    ]


def test_work_that_never_came_back_is_found() -> None:
    assert found(row(Waits())) == ["forms: PUT was never answered"]


def test_memory_is_found() -> None:
    assert found(row(peak=LARGEST + 1)) == ["forms: the server took 256 MiB of memory"]


def test_an_attack_that_sent_nothing_proves_nothing() -> None:
    assert found(row(answered=0)) == ["forms: the attack has sent nothing"]


@pytest.mark.parametrize("trouble", ["was not done after 90 s", "ended with status 1"])
def test_an_attacker_that_broke_proves_nothing(trouble: str) -> None:
    broken = Row("forms", CALM, {"PUT": Waits([0.02])}, Answers(trouble=trouble), 1, 0.0)
    assert found(broken) == [f"forms: the attack {trouble}"]


def test_a_slow_stop_is_found() -> None:
    assert stop_violations(10.0, 0.0) == []
    assert stop_violations(11.0, 0.3) == []
    (violation,) = stop_violations(30.0, 0.3)
    assert "30.0 s" in violation.what


def test_the_table_has_medians_maxima_and_how_many_times_the_undisturbed_they_are() -> None:
    shown = table("hostile: sqlite", [row(Waits([0.02, 0.04, 1.5]), peak=100 << 20, noise=0.012)])
    assert shown.aligned().splitlines()[2:] == [
        "Attack          PUT, ms      GET, ms  Noise     Peak     Answered",
        "forms   40/1,500 x2/x50  10/10 x1/x1  12 ms  100 MiB  1 400; 2 MB",
    ]
