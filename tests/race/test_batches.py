"""Races between batches."""

import json

import pytest

from tests.conformance.batches import messages
from tests.race.volley import Lines
from tests.sockets.line import Session

pytestmark = pytest.mark.slow

ROUNDS = 100
WRITERS = 8
PARTS = 4


def test_one_part_of_all_batches_wins(lines: Lines, dana: Session) -> None:
    """Many batches at once, each with several PUTs, all with the ETag that is valid."""
    meeting = lines.lines[0].ask(dana.post(dana.meetings, {"subject": "Weekly"})).json
    for round in range(ROUNDS):
        batches = [
            dana.batch(
                [dana.put(meeting, subject=f"{round}.{writer}.{part}") for part in range(PARTS)]
            )
            for writer in range(WRITERS)
        ]
        parts = [
            part
            for answer in lines.fire(batches)
            for part in messages(answer.header("Content-Type"), answer.body)
        ]
        won = [json.loads(part.body) for part in parts if part.start == b"HTTP/1.1 200 OK"]
        lost = [part for part in parts if part.start == b"HTTP/1.1 412 Precondition Failed"]
        assert (len(won), len(lost)) == (1, WRITERS * PARTS - 1)
        (meeting,) = won
        assert lines.lines[0].ask(dana.get(meeting["_links"]["self"]["href"])).json == meeting
