"""Those who move a meeting at the same moment."""

from typing import Any

import pytest

from tests.race.volley import Lines, etag_of, statuses
from tests.sockets.line import Session

pytestmark = pytest.mark.slow

ROUNDS = 50
WRITERS = 8
MILLISECONDS = 1_800_000_000_000
HOUR = 3_600_000


@pytest.fixture
def meeting(lines: Lines, dana: Session) -> dict[str, Any]:
    wanted = {"subject": "Weekly", "expirationTime": at(1000)}
    answer = lines.lines[0].ask(dana.post(dana.meetings, wanted))
    assert answer.status == 200, answer
    found: dict[str, Any] = answer.json
    return found


def at(hour: int) -> str:
    return f"/Date({MILLISECONDS + hour * HOUR})/"


def current(lines: Lines, dana: Session, meeting: dict[str, Any]) -> dict[str, Any]:
    href = meeting["_links"]["onlineMeetingSchedule"]["href"]
    found: dict[str, Any] = lines.lines[0].ask(dana.get(href)).json
    return found


def hours(round: int, writer: int) -> dict[str, str]:
    return {"startTime": at(round + writer), "endTime": at(round + writer + 1)}


def test_one_of_eight_movers_wins_also_the_first_time(
    lines: Lines, dana: Session, meeting: dict[str, Any]
) -> None:
    schedule = current(lines, dana, meeting)
    etags = {schedule["etag"]}
    for round in range(ROUNDS):
        wanted = [hours(round, writer) for writer in range(WRITERS)]
        answers = lines.fire([dana.put(schedule, **one) for one in wanted])
        assert statuses(answers) == [200] + [412] * 7
        (winner,) = (number for number, one in enumerate(answers) if one.status == 200)
        schedule = answers[winner].json
        assert wanted[winner].items() <= schedule.items()
        assert current(lines, dana, meeting) == schedule
        etags.add(etag_of(answers[winner]))
    assert len(etags) == ROUNDS + 1
    found = lines.lines[0].ask(dana.get(meeting["_links"]["self"]["href"])).json
    assert found["etag"] == meeting["etag"]


def test_writers_of_a_meeting_and_of_its_time_both_win(
    lines: Lines, dana: Session, meeting: dict[str, Any]
) -> None:
    schedule = current(lines, dana, meeting)
    for round in range(ROUNDS):
        answers = lines.fire(
            [
                dana.put(meeting, subject=f"Round {round}", _embedded=None),
                dana.put(schedule, **hours(round, 0)),
            ]
        )
        assert statuses(answers) == [200, 200]
        meeting, schedule = (answer.json for answer in answers)
        assert meeting["subject"] == f"Round {round}"
    found = lines.lines[0].ask(dana.get(meeting["_links"]["self"]["href"])).json
    assert found["_embedded"]["onlineMeetingSchedule"] == schedule
