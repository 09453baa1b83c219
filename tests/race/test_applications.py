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
