"""Registrations at the same moment."""

import pytest

from tests.race.volley import Lines, statuses
from tests.sockets.line import Session

pytestmark = pytest.mark.slow


def test_one_endpoint_gets_one_application(lines: Lines, dana: Session) -> None:
    """A client that registers eight times at once is told of the same application every time."""
    for round in range(20):
        wanted = {"userAgent": "test", "endpointId": f"endpoint {round}", "culture": "en-US"}
        answers = lines.fire([dana.post("/ucwa/oauth/v1/applications", wanted) for _ in range(8)])
        assert statuses(answers) == [200] * 7 + [201]
        assert len({answer.json["id"] for answer in answers}) == 1


def test_the_limit_holds_when_others_make_room(lines: Lines, dana: Session) -> None:
    """Each that is new at the limit takes the place of exactly one."""
    path = "/ucwa/oauth/v1/applications"
    wanted = {"userAgent": "test", "culture": "en-US"}
    line = lines.lines[0]
    for number in range(50):
        answer = line.ask(dana.post(path, {**wanted, "endpointId": f"old {number}"}))
        assert answer.status == 201
    new = [{**wanted, "endpointId": f"new {number}"} for number in range(8)]
    answers = lines.fire([dana.post(path, one) for one in new])
    assert statuses(answers) == [201] * 8
    found = line.ask(dana.get(path)).json["_embedded"]["application"]
    assert len(found) == 50
    assert {one["endpointId"] for one in found} >= {one["endpointId"] for one in new}
