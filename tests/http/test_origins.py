"""Requests from web pages of other origins (Fetch Standard, CORS)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response

from tests.installation import Clock, Installation, Person, installed
from tests.passwords import PASSWORD

APP, OTHER, STRANGER = "https://app.contoso.com", "http://localhost:3000", "https://evil.example"
APPLICATIONS = "/ucwa/oauth/v1/applications"
MEETING = f"{APPLICATIONS}/1/onlineMeetings/myOnlineMeetings/X"
SENT = "authorization,content-type,if-match,if-none-match,prefer,x-ms-origin,x-request-id"


@pytest.fixture
def installation(tmp_path: Path, clock: Clock) -> Iterator[Installation]:
    with installed(tmp_path, clock, allowed_origins=(APP, OTHER)) as found:
        yield found


def granted(answer: Response) -> set[str]:
    return {name for name in answer.headers if name.startswith("access-control-")}


def preflight(
    installation: Installation, path: str, origin: str = APP, method: str = "PUT"
) -> Response:
    return installation.client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": SENT,
        },
    )


@pytest.mark.parametrize("origin", [APP, OTHER])
def test_preflight_grants_the_methods_of_the_path_and_the_headers_that_clients_send(
    installation: Installation, origin: str
) -> None:
    answer = preflight(installation, MEETING, origin)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, OPTIONS, PUT"
    assert answer.headers["Access-Control-Allow-Headers"] == SENT
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    assert answer.headers["Vary"] == "Origin"
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "path", ["/", "/WebTicket/oauthtoken", APPLICATIONS, f"{APPLICATIONS}/1/me", "/xframe"]
)
def test_preflight_of_any_path_is_answered_without_a_body(
    installation: Installation, path: str
) -> None:
    answer = preflight(installation, path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == APP


@pytest.mark.parametrize("origin", [STRANGER, "null", f"{APP}.evil.example", f"{APP}:8443", "*"])
def test_strangers_are_granted_nothing(installation: Installation, origin: str) -> None:
    answer = preflight(installation, MEETING, origin)
    assert (answer.status_code, granted(answer)) == (204, set())
    answer = installation.client.get("/", headers={"Origin": origin})
    assert (answer.status_code, granted(answer)) == (200, set())
    assert answer.headers["Vary"] == "Accept, Origin, Accept-Encoding"


def test_a_request_without_an_origin_is_granted_nothing(dana: Person) -> None:
    """But a cache must not keep its answer for those with one (Fetch Standard)."""
    answer = dana.get(APPLICATIONS)
    assert answer.status_code == 200
    assert not granted(answer)
    assert "Origin" in answer.headers.get_list("Vary", split_commas=True)


def test_answers_of_every_kind_can_be_read(installation: Installation, dana: Person) -> None:
    client = installation.client
    form = {"grant_type": "password", "username": "dana", "password": PASSWORD}
    origin = {"Origin": APP}
    meeting = dana.schedule()["_links"]["self"]["href"]
    stale = {**origin, "If-Match": '"1"'}
    answers = {
        "root": (200, client.get("/", headers=origin)),
        "challenge": (401, client.get(APPLICATIONS, headers=origin)),
        "token": (200, client.post("/WebTicket/oauthtoken", data=form, headers=origin)),
        "refusal": (400, client.post("/WebTicket/oauthtoken", data={}, headers=origin)),
        "meeting": (200, dana.get(meeting, **origin)),
        "conflict": (412, dana.request("PUT", meeting, json={}, headers=stale)),
        "nothing": (404, client.get("/nothing", headers=origin)),
        "method": (405, client.post("/", headers=origin)),
        "host": (400, client.get("/", headers={**origin, "Host": "a b"})),
    }
    for what, (status, answer) in answers.items():
        assert answer.status_code == status, what
        assert answer.headers["Access-Control-Allow-Origin"] == APP, what
        assert answer.headers["Access-Control-Allow-Credentials"] == "true", what
        assert "Origin" in answer.headers.get_list("Vary", split_commas=True), what
        exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"ETag", "Location", "WWW-Authenticate", "Retry-After"} <= set(exposed), what
        assert {"X-Request-Id", "X-Ms-diagnostics", "Preference-Applied"} <= set(exposed), what


def test_by_default_nobody_is_granted_anything(tmp_path: Path, clock: Clock) -> None:
    with installed(tmp_path, clock) as installation:
        answer = preflight(installation, MEETING)
        assert (answer.status_code, granted(answer)) == (204, set())


def test_any_origin_may_be_allowed_but_without_cookies(tmp_path: Path, clock: Clock) -> None:
    with installed(tmp_path, clock, allowed_origins=("*", APP)) as installation:
        answer = preflight(installation, MEETING, STRANGER)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Headers"] == SENT
        assert "Access-Control-Allow-Credentials" not in answer.headers
        listed = preflight(installation, MEETING, APP)
        assert listed.headers["Access-Control-Allow-Origin"] == APP
        assert listed.headers["Access-Control-Allow-Credentials"] == "true"
