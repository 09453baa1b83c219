"""makeMeAvailable at the same moment, and with changes of communication."""

import pytest

from tests.race.volley import Lines, statuses
from tests.sockets.line import Session

pytestmark = pytest.mark.slow


def test_one_of_many_makes_the_user_available(lines: Lines, dana: Session) -> None:
    """At either path. All others are told that she is available already."""
    line = lines.lines[0]
    for round in range(10):
        wanted = {"userAgent": "test", "endpointId": f"endpoint {round}", "culture": "en-US"}
        made = line.ask(dana.post("/ucwa/oauth/v1/applications", wanted)).json
        own = made["_links"]["self"]["href"]
        given = {"supportedModalities": ["Messaging"]}
        answers = lines.fire(
            [
                dana.post(f"{own}/{below}/makeMeAvailable", given)
                for below in ("me", "communication") * 4
            ]
        )
        assert statuses(answers) == [204] + [409] * 7
        assert {one.json["subcode"] for one in answers if one.status == 409} == {"AlreadyExists"}
        found = line.ask(dana.get(f"{own}/communication")).json
        assert found["supportedModalities"] == ["Messaging"]
