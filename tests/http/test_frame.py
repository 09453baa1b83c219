"""The cross-domain frame: Cross_domainIFRAME.md. What it does in a browser: tests/browser."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from tests.installation import Clock, Installation, installed

APP, OTHER = "https://app.contoso.com", "http://localhost:3000"


@pytest.mark.parametrize(
    "path",
    [
        "/xframe",
        "/Autodiscover/XFrame/XFrame.html",
        "/Autodiscover/AutodiscoverService.svc/root/xframe",
    ],
)
def test_the_frame_is_a_page(installation: Installation, path: str) -> None:
    answer = installation.client.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert installation.client.head(path).status_code == 200


def test_the_root_leads_to_the_frame(installation: Installation) -> None:
    href = installation.client.get("/").json()["_links"]["xframe"]["href"]
    assert href.startswith("http://testserver/")
    assert installation.client.get(href).headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("allowed", "ancestors"),
    [((), "'none'"), ((APP,), APP), ((APP, OTHER), f"{APP} {OTHER}"), (("*",), "*")],
)
def test_only_allowed_origins_may_embed_the_frame(
    tmp_path: Path, clock: Clock, allowed: tuple[str, ...], ancestors: str
) -> None:
    with installed(tmp_path, clock, allowed_origins=allowed) as installation:
        answer = installation.client.get("/xframe")
        policy = answer.headers["Content-Security-Policy"].split("; ")
        assert f"frame-ancestors {ancestors}" in policy
        assert "X-Frame-Options" not in answer.headers
        assert f'name="allowed-origins" content="{" ".join(allowed)}"' in answer.text


def test_the_frame_runs_its_own_script_and_nothing_else(installation: Installation) -> None:
    answer = installation.client.get("/xframe")
    policy = answer.headers["Content-Security-Policy"].split("; ")
    (script,) = re.findall("<script>(.*?)</script>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert {"default-src 'none'", "connect-src 'self'", "base-uri 'none'"} <= set(policy)
