"""Writers of a meeting's extensions at the same moment."""

from typing import Any

import pytest

from tests.race.volley import Lines, etag_of, statuses
from tests.sockets.line import Session

pytestmark = pytest.mark.slow

ROUNDS = 100
WRITERS = 8


@pytest.fixture
def meeting(lines: Lines, dana: Session) -> dict[str, Any]:
    answer = lines.lines[0].ask(dana.post(dana.meetings, {"subject": "Weekly"}))
    assert answer.status == 200, answer
    found: dict[str, Any] = answer.json
    return found


@pytest.fixture
def extensions(meeting: dict[str, Any]) -> str:
    found: str = meeting["_links"]["onlineMeetingExtensions"]["href"]
    return found


def add(lines: Lines, dana: Session, extensions: str, id: str) -> dict[str, Any]:
    answer = lines.lines[0].ask(dana.post(extensions, {"id": id}))
    assert answer.status == 201, answer
    found: dict[str, Any] = answer.json
    return found


def test_one_of_eight_writers_of_an_extension_wins(
    lines: Lines, dana: Session, extensions: str
) -> None:
    ticket = add(lines, dana, extensions, "ticket")
    href = ticket["_links"]["self"]["href"]
    etags = {ticket["etag"]}
    for round in range(ROUNDS):
        wanted = [{"one": f"{writer} {round}", "other": f"{writer}"} for writer in range(WRITERS)]
        answers = lines.fire([dana.put(ticket, **one) for one in wanted])

        assert statuses(answers) == [200] + [412] * 7
        (winner,) = (number for number, one in enumerate(answers) if one.status == 200)
        ticket = {**ticket, **wanted[winner], "etag": etag_of(answers[winner])}
        assert answers[winner].json == ticket
        assert lines.lines[0].ask(dana.get(href)).body == answers[winner].body
        etags.add(ticket["etag"])
    assert len(etags) == ROUNDS + 1


def test_writers_of_different_extensions_all_win(
    lines: Lines, dana: Session, extensions: str
) -> None:
    found = [add(lines, dana, extensions, f"number{number}") for number in range(WRITERS)]
    for round in range(ROUNDS):
        answers = lines.fire([dana.put(one, round=f"{round}") for one in found])
        assert statuses(answers) == [200] * WRITERS
        found = [answer.json for answer in answers]
        assert all(one["round"] == f"{round}" for one in found)
    listed = lines.lines[0].ask(dana.get(extensions)).json
    assert listed["_embedded"]["onlineMeetingExtension"] == found


def test_writers_of_a_meeting_and_of_its_extension_both_win(
    lines: Lines, dana: Session, meeting: dict[str, Any], extensions: str
) -> None:
    ticket = add(lines, dana, extensions, "ticket")
    for round in range(ROUNDS):
        answers = lines.fire(
            [dana.put(meeting, subject=f"Round {round}"), dana.put(ticket, round=f"{round}")]
        )
        assert statuses(answers) == [200, 200]
        meeting, ticket = (answer.json for answer in answers)
        assert meeting["subject"] == f"Round {round}"
        assert ticket["round"] == f"{round}"
    served = lines.lines[0].ask(dana.get(meeting["_links"]["self"]["href"])).json
    assert served == {**meeting, "_embedded": {"onlineMeetingExtension": [ticket]}}


def test_one_of_eight_makers_of_an_extension_makes_it(
    lines: Lines, dana: Session, extensions: str
) -> None:
    for round in range(20):
        answers = lines.fire(
            [dana.post(extensions, {"id": f"{round}", "by": f"{n}"}) for n in range(WRITERS)]
        )
        assert statuses(answers) == [201] + [409] * 7
        (made,) = (one for one in answers if one.status == 201)
        assert lines.lines[0].ask(dana.get(made.json["_links"]["self"]["href"])).body == made.body
