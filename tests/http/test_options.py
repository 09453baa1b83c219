"""OPTIONS: applications_ref.md, and RFC 9110, section 9.3.7."""

import pytest

from tests.installation import Installation, Person

APPLICATIONS = "/ucwa/oauth/v1/applications"


def test_applications_tell_what_they_take_before_anybody_has_a_token(
    installation: Installation,
) -> None:
    answer = installation.client.options(APPLICATIONS)
    assert answer.status_code == 200
    methods = {one["httpMethod"]: one["parameters"] for one in answer.json()["metadata"]}
    assert methods.keys() == {"GET", "POST"}
    assert methods["GET"] == []
    assert methods["POST"] == [
        {"name": name, "supportedValues": []}
        for name in ("userAgent", "endpointId", "culture", "instanceId")
    ]


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/", "GET, HEAD, OPTIONS"),
        ("/xframe", "GET, HEAD, OPTIONS"),
        ("/WebTicket/oauthtoken", "OPTIONS, POST"),
        (f"{APPLICATIONS}/1", "DELETE, GET, HEAD, OPTIONS"),
        (f"{APPLICATIONS}/1/me", "GET, HEAD, OPTIONS"),
        (f"{APPLICATIONS}/1/onlineMeetings/myOnlineMeetings/X", "DELETE, GET, HEAD, OPTIONS, PUT"),
    ],
)
def test_everything_else_tells_its_methods(
    installation: Installation, path: str, allow: str
) -> None:
    answer = installation.client.options(path)
    assert (answer.status_code, answer.headers["Allow"], answer.content) == (204, allow, b"")
    assert "X-Request-Id" in answer.headers


def test_options_tell_methods_only_of_what_there_is(dana: Person) -> None:
    assert dana.request("OPTIONS", "/nothing").status_code == 404
