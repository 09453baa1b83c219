"""Turns: whoever has many jobs does not go before somebody else with one."""

import threading
import time
from dataclasses import dataclass

from openucwa.store.turns import LONG, SharedTurns, Turns


@dataclass(frozen=True)
class Job:
    line: str
    number: int = 0


def jobs(line: str, count: int) -> list[Job]:
    return [Job(line, number) for number in range(count)]


def names(taken: list[Job]) -> str:
    return "".join(f"{job.line}{job.number}" for job in taken)


def test_lines_take_turns() -> None:
    turns: Turns[Job] = Turns()
    for job in (*jobs("a", 4), *jobs("b", 1), *jobs("c", 2)):
        turns.add(job)
    assert len(turns) == 7
    assert names(turns.take(4)) == "a0b0c0a1"
    assert names(turns.take(9)) == "c1a2a3"
    assert turns.take() == []
    assert len(turns) == 0


def test_a_line_that_comes_late_waits_for_one_job_of_each() -> None:
    turns: Turns[Job] = Turns()
    for job in jobs("a", 100):
        turns.add(job)
    turns.take()
    turns.add(Job("b"))
    assert names(turns.take(2)) == "a1b0"


def test_what_is_put_back_keeps_its_place() -> None:
    turns: Turns[Job] = Turns()
    for job in (*jobs("a", 3), *jobs("b", 2)):
        turns.add(job)
    taken = turns.take(4)
    turns.add(Job("c"))
    turns.put_back(taken[1:])
    assert names(turns.take(9)) == "b0a1c0b1a2"


def test_lines_that_were_served_go_behind_those_that_have_come_since() -> None:
    turns: Turns[Job] = Turns()
    for job in (*jobs("a", 3), *jobs("b", 1)):
        turns.add(job)
    taken = turns.take(4)
    turns.add(Job("c"))
    turns.put_back(taken[1:], served=["a"])
    assert names(turns.take(9)) == "b0c0a1a2"


def test_a_line_whose_jobs_take_long_has_one_thread() -> None:
    turns: SharedTurns[Job] = SharedTurns(4)
    for job in (*jobs("a", 4), *jobs("b", 2)):
        turns.add(job)
    assert turns.take() == Job("a", 0)
    turns.done(Job("a", 0), seconds=2 * LONG)
    assert [turns.take() for _ in range(3)] == [Job("b", 0), Job("a", 1), Job("b", 1)]
    turns.add(Job("c"))
    assert turns.take() == Job("c")
    turns.done(Job("a", 1))
    assert turns.take() == Job("a", 2)


def test_threads_are_never_all_for_one_line() -> None:
    turns: SharedTurns[Job] = SharedTurns(4)
    for job in (*jobs("a", 5), *jobs("b", 1)):
        turns.add(job)
    taken = [turns.take() for _ in range(3)]
    assert [job.line for job in taken if job] == ["a", "b", "a"]
    late: list[Job | None] = []
    thread = threading.Thread(target=lambda: late.append(turns.take()))
    thread.start()
    turns.add(Job("c"))
    thread.join(10)
    assert late == [Job("c")]
    assert taken[0]
    turns.done(taken[0])
    assert turns.take() == Job("a", 2)


def test_all_threads_end_though_one_line_had_more_jobs_than_its_share() -> None:
    turns: SharedTurns[Job] = SharedTurns(3)

    def work() -> None:
        while job := turns.take():
            turns.done(job)

    for job in jobs("a", 2):
        turns.add(job)
    running = turns.take()
    threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    turns.end()
    time.sleep(0.05)  # so that they wait: the line is full
    assert running
    turns.done(running)
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


def test_what_waits_is_taken_before_the_end() -> None:
    turns: SharedTurns[Job] = SharedTurns(1)
    turns.add(Job("a"))
    turns.end()
    assert turns.take() == Job("a")
    turns.done(Job("a"))
    assert turns.take() is None
