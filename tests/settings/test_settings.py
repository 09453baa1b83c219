"""Settings, and the problems that they name."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from openucwa.domain.policies import DialInRegion, Policy
from openucwa.settings import Settings
from openucwa.wire.enums import AccessLevel


def of(**given: Any) -> Settings:
    """Settings of plain values, as a file has them."""
    return Settings(**given)


def test_hold_only_what_they_are_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENUCWA_PORT", "9000")
    Path("openucwa.toml").write_text("port = 9001")
    assert Settings().port == 8080


def test_the_defaults_only_listen_on_this_machine() -> None:
    settings = Settings()
    assert settings.host == "127.0.0.1"
    assert settings.trusted_proxies == "127.0.0.1"


def test_become_a_deployment() -> None:
    deployment = of(
        domain="Fabrikam.com",
        limits={"meetings_per_user": 5},
        lifetimes={"token": "1h"},
        policies={"sales": {"meeting_size": 10}},
    ).deployment()
    assert deployment.domain == "fabrikam.com"
    assert deployment.meet_url == "https://meet.fabrikam.com"
    assert deployment.limits.meetings_per_user == 5
    assert deployment.lifetimes.token == timedelta(hours=1)
    assert deployment.lifetimes.application == timedelta(hours=4)
    assert deployment.policies == {"default": Policy(), "sales": Policy(meeting_size=10)}


def test_a_policy_is_read_to_its_depths() -> None:
    settings = of(
        policies={
            "default": {
                "access_levels": ["Locked", "Invited"],
                "default_access_level": "Invited",
                "assigned_meeting": False,
                "dial_in": {
                    "default_region": "Berlin",
                    "regions": [
                        {"name": "Berlin", "number": "tel:+493023125100", "languages": ["de-DE"]}
                    ],
                },
            }
        }
    )
    policy = settings.policies["default"]
    assert policy.access_levels == (AccessLevel.LOCKED, AccessLevel.INVITED)
    assert policy.default_access_level is AccessLevel.INVITED
    assert not policy.assigned_meeting
    assert policy.dial_in.regions == (
        DialInRegion(name="Berlin", number="tel:+493023125100", languages=("de-DE",)),
    )


def test_paths_know_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/dana")
    settings = of(data="~/ucwa")
    assert settings.database_location == Path("/home/dana/ucwa/openucwa.sqlite3")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"limits": {"meetings_per_usr": 1}},
            "meetings_per_usr is unknown, did you mean meetings_",
        ),
        ({"limits": {"meetings_per_user": 0}}, "meetings_per_user must be a whole number, at lea"),
        ({"limits": 5}, "must be a table"),
        ({"lifetimes": {"token": "soon"}}, "token must be a duration"),
        ({"policies": []}, "must be a table"),
        ({"policies": {"sales": 1}}, "sales must be a table"),
        (
            {"policies": {"sales": {"acces_levels": []}}},
            "sales.acces_levels is unknown, did you mean access_levels? There are: access_levels, ",
        ),
        (
            {"policies": {"sales": {"access_levels": ["Open"]}}},
            "sales.access_levels must be a list, each one of None, SameEnterprise, Locked, Invited",
        ),
        ({"policies": {"sales": {"meeting_size": "big"}}}, "meeting_size must be a whole number"),
        ({"policies": {"sales": {"assigned_meeting": "no"}}}, "must be true or false"),
        (
            {"policies": {"sales": {"access_levels": ["Locked"]}}},
            "default_access_level SameEnterprise is not among access_levels",
        ),
        ({"policies": {"sales": {"invitation": {"footer": ""}}}}, "invitation.footer is unknown"),
        ({"policies": {"sales": {"dial_in": {"regions": 1}}}}, "regions must be a list of tables"),
        (
            {"policies": {"sales": {"dial_in": {"regions": [{"name": "Berlin"}]}}}},
            "sales.dial_in.regions.1.number is missing",
        ),
        (
            {"policies": {"sales": {"dial_in": {"default_region": "Berlin"}}}},
            "sales.dial_in default_region Berlin is not one of the regions",
        ),
        ({"kerberos_principal": "HTTP"}, "must be a service and its host, such as HTTP/ucwa."),
        ({"kerberos_principal": "HTTP/a"}, "is missing: kerberos_principal needs it"),
        ({"kerberos_realm": "CONTOSO.COM"}, "is missing: kerberos_realm needs it"),
        ({"oidc": {"issuer": "login"}}, "issuer must be a URL"),
        ({"oidc": {"issuer": "http://login.contoso.com"}}, "issuer must start with https://"),
        ({"oidc": {"issuer": "https://login.contoso.com"}}, "audience is missing: issuer needs it"),
        ({"oidc": {"audience": "openucwa"}}, "issuer is missing: audience needs it"),
        ({"oidc": {"jwks": "/etc/openucwa/keys.json"}}, "issuer is missing: jwks needs it"),
        (
            {"oidc": {"issuer": "https://a", "audience": "b", "jwks": "http://a/keys"}},
            "jwks must start with https://",
        ),
        ({"oidc": {"issuer": "https://a", "audience": "b", "claim": ""}}, "claim must name"),
        (
            {"oidc": {"issuer": "https://a", "audience": "b", "algorithms": []}},
            "must name at least one",
        ),
        (
            {"oidc": {"algorithms": ["HS256"]}},
            "algorithms must be a list, each one of RS256, RS384",
        ),
        ({"redirects": {"fabrikam": "fabrikam"}}, "fabrikam must be a URL"),
        ({"redirects": {"not a domain": "https://a"}}, "not a domain must be a domain"),
        ({"redirects": 1}, "must be a table of domains"),
        ({"tls_cert": "cert.pem"}, "tls_key is missing: tls_cert needs it"),
        ({"tls_key": "key.pem"}, "tls_cert is missing: tls_key needs it"),
        ({"workers": 0}, "must be a number from 1 to 1000"),
        ({"workers": 2}, "with SQLite, which serves one process: give --database postgresql://"),
    ],
)
def test_name_what_does_not_fit(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        of(**given)
    assert said in str(raised.value)


def test_name_all_that_does_not_fit_at_once() -> None:
    with pytest.raises(ValidationError) as raised:
        of(port="x", limits={"applications_per_user": "x", "meetings_per_user": "x"})
    for name in ("port", "applications_per_user", "meetings_per_user"):
        assert name in str(raised.value)
