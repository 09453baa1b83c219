"""openucwa config."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_shows_each_value_and_where_it_comes_from(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "openucwa.toml").write_text('[policies.sales]\naccess_levels = ["SameEnterprise"]')
    monkeypatch.setenv("OPENUCWA_LIMITS__MEETINGS_PER_USER", "7")
    lines = [line.split() for line in run("config", "--port", "9000").out.splitlines()]
    assert ["port", "9000", "--port"] in lines
    assert ["host", "127.0.0.1", "default"] in lines
    assert ["public_url", "-", "default"] in lines
    assert ["limits.meetings_per_user", "7", "OPENUCWA_LIMITS__MEETINGS_PER_USER"] in lines
    assert ["policies.sales.access_levels", "SameEnterprise", "openucwa.toml"] in lines


def test_writes_json_for_programs(run: Run) -> None:
    found = json.loads(run("config", "--json", "--domain", "Fabrikam.com").out)
    assert found["domain"] == {"value": "fabrikam.com", "source": "--domain"}
    assert found["public_url"] == {"value": None, "source": "default"}
    assert found["lifetimes.token"] == {"value": "8h", "source": "default"}


def test_names_every_problem(run: Run) -> None:
    done = run("config", "--port", "x", "--domain", "a b", "--tls-cert", "cert.pem")
    assert done.status == 2
    assert done.err.splitlines() == [
        "Error: --port: port must be a number from 1 to 65535, or 0 for any free port",
        "Error: --domain: domain must be a domain such as contoso.com",
    ]
    done = run("config", "--tls-cert", "cert.pem")
    assert done.err == "Error: tls_key is missing: tls_cert needs it\n"
