"""Autodiscovery: RootURL.md, CreateAnApplication.md, and what deployed clients depend on."""

import re
from pathlib import Path

import pytest

from tests.installation import Clock, Installation, Person, installed

ROOT = "/Autodiscover/AutodiscoverService.svc/root"


@pytest.mark.parametrize(
    "path",
    ["/", ROOT, ROOT.lower(), "//Autodiscover//AutodiscoverService.svc/root/", "/?sipuri=x", "/?"],
)
def test_root_leads_to_the_user(installation: Installation, path: str) -> None:
    found = installation.client.get(f"http://testserver{path}").json()
    assert found == {
        "_links": {
            "self": {"href": f"http://testserver{ROOT}"},
            "user": {"href": f"http://testserver{ROOT}/oauth/user"},
            "xframe": {"href": "http://testserver/Autodiscover/XFrame/XFrame.html"},
        }
    }


@pytest.mark.parametrize("name", ["originalDomain", "originaldomain"])
def test_original_domain_is_passed_on(installation: Installation, name: str) -> None:
    found = installation.client.get(f"/?{name}=contoso.com").json()
    assert found["_links"]["user"]["href"].endswith("/oauth/user?originalDomain=contoso.com")


@pytest.mark.parametrize("host", ["lyncdiscover.contoso.com", "lyncdiscoverinternal.contoso.com"])
def test_hosts_of_autodiscovery_answer_the_same(tmp_path: Path, clock: Clock, host: str) -> None:
    with installed(tmp_path, clock, public_url="https://lync.contoso.com") as installation:
        found = installation.client.get("/", headers={"Host": host}).json()
        assert found["_links"]["user"]["href"] == f"https://lync.contoso.com{ROOT}/oauth/user"
        challenge = installation.client.get(f"{ROOT}/oauth/user", headers={"Host": host})
        assert (
            'href="https://lync.contoso.com/WebTicket/oauthtoken",'
            in challenge.headers.get_list("WWW-Authenticate")[0]
        )


def test_domain_that_is_hosted_elsewhere_is_redirected(tmp_path: Path, clock: Clock) -> None:
    elsewhere = "https://lync.fabrikam.com/Autodiscover/AutodiscoverService.svc/root"
    with installed(tmp_path, clock, redirects={"fabrikam.com": elsewhere}) as installation:
        links = installation.client.get("/?originalDomain=Fabrikam.com").json()["_links"]
        assert links["redirect"]["href"] == elsewhere
        assert "user" not in links
        assert "user" in installation.client.get("/?originalDomain=contoso.com").json()["_links"]


def test_redirect_leads_back_to_the_user(installation: Installation) -> None:
    links = installation.client.get(f"{ROOT}/user/redirect").json()["_links"]
    assert links["user"]["href"] == f"http://testserver{ROOT}/oauth/user"


@pytest.mark.parametrize("path", [f"{ROOT}/oauth/user", f"{ROOT}/oauth/user?", f"{ROOT}/user"])
def test_user_leads_to_applications(dana: Person, path: str) -> None:
    links = dana.get(path).json()["_links"]
    assert links["applications"]["href"] == "http://testserver/ucwa/oauth/v1/applications"


def test_head_answers_like_get(installation: Installation, dana: Person) -> None:
    for headers in ({}, dana.authorization):
        url = f"{ROOT}/oauth/user"
        got = installation.client.get(url, headers=headers)
        head = installation.client.head(url, headers=headers)
        assert head.status_code == got.status_code
        assert head.headers["Content-Length"] == got.headers["Content-Length"]


def test_challenge_is_what_clients_parse(installation: Installation) -> None:
    for path in (f"{ROOT}/oauth/user", "/ucwa/oauth/v1/applications"):
        answer = installation.client.get(path)
        lines = answer.headers.get_list("WWW-Authenticate")
        assert answer.status_code == 401
        assert len(lines) == 2
        assert lines[0] == (
            'MsRtcOAuth href="http://testserver/WebTicket/oauthtoken",'
            'grant_type="urn:microsoft.rtc:anonmeeting,password"'
        )
        assert re.fullmatch(
            r'Bearer trusted_issuers="[^"]+@\*", '
            'client_id="00000004-0000-0ff1-ce00-000000000000", '
            r'authorization_uri="http://testserver/[^"]+"',
            lines[1],
        )
        assert answer.headers.raw[0][0] == b"WWW-Authenticate"
        assert not re.search("negotiate|ntlm", " ".join(lines), re.IGNORECASE)


@pytest.mark.parametrize("host", ['a"b', "a b", "a/b", "a,b", "[", "user@host", "a:b"])
def test_host_that_is_none_is_refused(installation: Installation, host: str) -> None:
    answer = installation.client.get("/", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")
