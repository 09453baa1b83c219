"""Where settings come from, and which source is stronger."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openucwa.settings.sources import Configuration, Misconfigured, load


def where(configuration: Configuration, name: str) -> tuple[Any, str]:
    """The value of a setting, and its source."""
    key = tuple(name.split("."))
    return dict(configuration.values())[key], configuration.source(key)


def test_the_command_line_is_stronger_than_the_environment_than_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert where(load({}), "port") == (8080, "default")
    (folder / "openucwa.toml").write_text("port = 9001")
    assert where(load({}), "port") == (9001, "openucwa.toml")
    monkeypatch.setenv("OPENUCWA_PORT", "9002")
    assert where(load({}), "port") == (9002, "OPENUCWA_PORT")
    assert where(load({"port": "9003"}), "port") == (9003, "--port")
    assert where(load({"port": None}), "port") == (9002, "OPENUCWA_PORT")


@given(st.sets(st.sampled_from(["option", "variable", "file"])))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_strongest_source_that_gives_a_setting_wins(folder: Path, sources: set[str]) -> None:
    strength = {"option": "--public-url", "variable": "OPENUCWA_PUBLIC_URL", "file": "some.toml"}
    (folder / "some.toml").write_text(
        'public_url = "http://file"' if "file" in sources else "# nothing"
    )
    with pytest.MonkeyPatch.context() as patch:
        if "variable" in sources:
            patch.setenv("OPENUCWA_PUBLIC_URL", "http://variable")
        option = "http://option" if "option" in sources else None
        found = where(load({"public_url": option}, Path("some.toml")), "public_url")
    strongest = next((name for name in strength if name in sources), None)
    assert found == (
        (f"http://{strongest}", strength[strongest]) if strongest else (None, "default")
    )


def test_a_file_is_named_by_an_option_or_a_variable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "openucwa.toml").write_text("port = 9001")
    (folder / "one.toml").write_text("port = 9002")
    (folder / "other.toml").write_text("port = 9003")
    monkeypatch.setenv("OPENUCWA_CONFIG", "one.toml")
    assert where(load({}), "port") == (9002, "one.toml")
    assert where(load({}, Path("other.toml")), "port") == (9003, "other.toml")


def test_tables_are_put_together_setting_by_setting(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "openucwa.toml").write_text(
        """
        [limits]
        applications_per_user = 3
        meetings_per_user = 4
        [policies.sales]
        meeting_size = 20
        voip_audio = "Enabled"
        """
    )
    monkeypatch.setenv("OPENUCWA_LIMITS", '{"versions_per_meeting": 6}')
    monkeypatch.setenv("OPENUCWA_LIMITS__MEETINGS_PER_USER", "5")
    monkeypatch.setenv("OPENUCWA_POLICIES__SALES__ACCESS_LEVELS", "SameEnterprise, Locked")
    monkeypatch.setenv("OPENUCWA_POLICIES__SALES__MEETING_SIZE", "30")
    found = load({})
    assert where(found, "limits.applications_per_user") == (3, "openucwa.toml")
    assert where(found, "limits.meetings_per_user") == (5, "OPENUCWA_LIMITS__MEETINGS_PER_USER")
    assert where(found, "limits.versions_per_meeting") == (6, "OPENUCWA_LIMITS")
    assert where(found, "limits.extensions_per_meeting") == (32, "default")
    assert where(found, "policies.sales.meeting_size") == (
        30,
        "OPENUCWA_POLICIES__SALES__MEETING_SIZE",
    )
    assert where(found, "policies.sales.voip_audio") == ("Enabled", "openucwa.toml")
    assert where(found, "policies.sales.access_levels")[0] == ("SameEnterprise", "Locked")
    assert where(found, "policies.default.meeting_size") == (250, "default")


def test_names_keep_their_source_in_another_spelling(folder: Path) -> None:
    (folder / "openucwa.toml").write_text('[redirects]\n"Fabrikam.COM" = "https://a.b/root/"')
    found = dict(load({}).values())
    assert found["redirects", "fabrikam.com"] == "https://a.b/root"
    assert load({}).source(("redirects", "fabrikam.com")) == "openucwa.toml"


def test_an_empty_variable_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENUCWA_TLS_CERT", "")
    assert where(load({}), "tls_cert") == (None, "default")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("port = 'x'", "openucwa.toml: port must be a number from 1 to 65535"),
        ("prot = 1", "openucwa.toml: prot is unknown, did you mean port? There are: host, port, "),
        ("_env_file = 'x'", "openucwa.toml: _env_file is unknown"),
        ("host = 1", "openucwa.toml: host must be text"),
        ("data = 1", "openucwa.toml: data must be a path"),
        ("port = ", "openucwa.toml is not a TOML file: Invalid value (at "),
        ("[limits]\nmeetings_per_user = -1", "openucwa.toml: limits.meetings_per_user must be"),
        ("tls_cert = 'a'", "tls_key is missing"),
    ],
)
def test_problems_in_the_file_are_named(folder: Path, file: str, said: str) -> None:
    (folder / "openucwa.toml").write_text(file)
    with pytest.raises(Misconfigured) as raised:
        load({})
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("OPENUCWA_PORT", "x", "OPENUCWA_PORT: port must be a number"),
        ("OPENUCWA_PROT", "1", "OPENUCWA_PROT is unknown, did you mean OPENUCWA_PORT?"),
        ("openucwa_prot", "1", "OPENUCWA_PROT is unknown"),
        ("OPENUCWA_PORT__X", "1", "OPENUCWA_PORT__X is unknown"),
        ("OPENUCWA_LIMITS", "{", "OPENUCWA_LIMITS must be a table in JSON"),
        ("OPENUCWA_LIMITS", "5", "OPENUCWA_LIMITS: limits must be a table"),
        (
            "OPENUCWA_LIMITS__MEETINGS",
            "5",
            "OPENUCWA_LIMITS__MEETINGS: limits.meetings is unknown, did you mean meetings_per_user",
        ),
        ("OPENUCWA_LIFETIMES__TOKEN", "x", "OPENUCWA_LIFETIMES__TOKEN: lifetimes.token must be"),
        ("OPENUCWA_CONFIG", "none.toml", "There is no file none.toml"),
    ],
)
def test_problems_in_the_environment_are_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as raised:
        load({})
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"OPENUCWA_OIDC__ISSUER": "https://login.contoso.com"},
            "OPENUCWA_OIDC__ISSUER: oidc audience is missing",
        ),
        (
            {"OPENUCWA_OIDC__ISSUER": "http://a.example", "OPENUCWA_OIDC__AUDIENCE": "ucwa"},
            "OPENUCWA_OIDC__AUDIENCE, OPENUCWA_OIDC__ISSUER: oidc issuer must start with https",
        ),
        (
            {"OPENUCWA_POLICIES__SALES__ACCESS_LEVELS": "Invited"},
            "OPENUCWA_POLICIES__SALES__ACCESS_LEVELS: policies.sales default_access_level",
        ),
    ],
)
def test_variables_that_do_not_go_together_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    """Also where each of them is right, and the table as a whole is not."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=f"^{said}"):
        load({})


def test_problems_of_all_sources_are_named_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "openucwa.toml").write_text("prot = 1")
    monkeypatch.setenv("OPENUCWA_DOMAIN", "a b")
    with pytest.raises(Misconfigured) as raised:
        load({"port": "x"})
    lines = str(raised.value).splitlines()
    assert len(lines) == 3
    assert {line.partition(":")[0] for line in lines} == {
        "openucwa.toml",
        "OPENUCWA_DOMAIN",
        "--port",
    }


def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    for name in ("none.toml", "."):
        with pytest.raises(Misconfigured, match="There is no file"):
            load({}, Path(name))
    (folder / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured, match=r"binary\.toml is not a TOML file"):
        load({}, Path("binary.toml"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_without_permission_is_named(folder: Path) -> None:
    (folder / "secret.toml").write_text("")
    (folder / "secret.toml").chmod(0)
    with pytest.raises(Misconfigured, match=r"secret\.toml can't be read"):
        load({}, Path("secret.toml"))


def test_every_value_can_be_shown() -> None:
    for key, value in load({}).values():
        assert isinstance(value, str | int | bool | tuple | dict | None), key


TWO = ("https://app.contoso.com", "http://localhost:3000")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('["https://App.contoso.com/", "http://localhost:3000"]', TWO),
        ('"https://app.contoso.com, http://localhost:3000"', TWO),
        ('"*"', ("*",)),
        ("[]", ()),
    ],
)
def test_origins_are_a_list_or_separated_by_commas(
    folder: Path, line: str, expected: tuple[str, ...]
) -> None:
    (folder / "openucwa.toml").write_text(f"allowed_origins = {line}")
    assert where(load({}), "allowed_origins") == (expected, "openucwa.toml")


@pytest.mark.parametrize("line", ['["10.1.2.3", "2001:db8::/64"]', '"10.1.2.3,2001:db8::/64"'])
def test_proxies_are_a_list_or_separated_by_commas(folder: Path, line: str) -> None:
    (folder / "openucwa.toml").write_text(f"trusted_proxies = {line}")
    assert where(load({}), "trusted_proxies") == ("10.1.2.3,2001:db8::/64", "openucwa.toml")


def test_origins_are_separated_by_commas_in_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENUCWA_ALLOWED_ORIGINS", ",".join(TWO))
    assert where(load({}), "allowed_origins") == (TWO, "OPENUCWA_ALLOWED_ORIGINS")


@pytest.mark.parametrize("line", ['["https://app.contoso.com", "*.contoso.com"]', "3", "{ a = 1 }"])
def test_what_is_no_list_of_origins_is_refused_with_an_example(folder: Path, line: str) -> None:
    (folder / "openucwa.toml").write_text(f"allowed_origins = {line}")
    with pytest.raises(
        Misconfigured, match=r"^openucwa\.toml: allowed_origins must be .*https://app"
    ):
        load({})
