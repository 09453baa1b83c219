"""What answers tell browsers and caches."""

import pytest

from tests.installation import Installation, Person

POLICY = "default-src 'none'; frame-ancestors 'none'"
FRAME = "/Autodiscover/XFrame/XFrame.html"


def test_data_stays_out_of_caches(dana: Person) -> None:
    meeting = dana.schedule()
    href = meeting["_links"]["self"]["href"]
    known = {"If-None-Match": f'"{meeting["etag"]}"'}
    for answer, status in ((dana.get(href), 200), (dana.get(href, **known), 304)):
        assert answer.status_code == status
        assert answer.headers["Cache-Control"] == "no-cache, no-store"


@pytest.mark.parametrize("path", ["/", "/nowhere", "/ucwa/oauth/v1/applications"])
def test_data_is_nothing_to_be_run_framed_or_referred_to(
    installation: Installation, path: str
) -> None:
    answer = installation.client.get(path)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_frame_has_a_policy_of_its_own(installation: Installation) -> None:
    (policy,) = installation.client.get(FRAME).headers.get_list("Content-Security-Policy")
    assert policy != POLICY
    assert installation.client.get(FRAME).headers["Referrer-Policy"] == "no-referrer"


def test_browsers_are_held_to_tls_where_there_is_some(installation: Installation) -> None:
    assert "Strict-Transport-Security" not in installation.client.get("/").headers
    secure = installation.client.get("https://testserver/").headers
    assert secure["Strict-Transport-Security"] == "max-age=31536000"
