"""Health: what load balancers and supervisors ask."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from openucwa.http import health
from openucwa.store.trouble import unavailable
from openucwa.store.turns import asking
from tests.installation import Installation
from tests.sockets.line import Line, request
from tests.sockets.process import add_user, logged, serving

LIVE, READY = "/health/live", "/health/ready"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_TIME_LIMIT", 0.2)
    monkeypatch.setattr(health, "_HOLDS_FOR", 0.0)


@pytest.mark.parametrize(("path", "said"), [(LIVE, "live\n"), (READY, "ready\n")])
def test_it_needs_no_token(installation: Installation, path: str, said: str) -> None:
    answer = installation.client.get(path)
    assert (answer.status_code, answer.text) == (200, said)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    assert installation.client.head(path).status_code == 200
    assert installation.client.post(path).status_code == 405


def failing(error: Exception) -> Callable[..., Any]:
    async def read(operation: object) -> None:
        raise error

    return read


@pytest.mark.parametrize("error", [unavailable("The disk of db7 fails."), ValueError("secret")])
def test_without_a_database_it_lives_but_is_not_ready(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The reason is in general terms: anybody may ask."""
    with monkeypatch.context() as patched:
        patched.setattr(installation.database, "read", failing(error))
        answer = installation.client.get(READY)
        assert answer.status_code == 503
        assert answer.text == "not ready: the database can't be used\n"
        assert installation.client.get(LIVE).status_code == 200
    assert installation.client.get(READY).status_code == 200


def test_a_database_that_hangs_is_asked_once(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is looked: whoever asks is answered within the limit."""
    asked = 0
    free = Event()

    async def read(operation: object) -> None:
        nonlocal asked
        asked += 1
        await asyncio.to_thread(free.wait)

    with monkeypatch.context() as patched:
        patched.setattr(installation.database, "read", read)
        for _ in range(3):
            began = time.monotonic()
            answer = installation.client.get(READY)
            assert answer.text == "not ready: the database does not answer in time\n"
            assert time.monotonic() - began < 2
        assert asked == 1
        free.set()
    assert installation.client.get(READY).status_code == 200


def test_an_answer_of_the_database_holds_for_a_while(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that strangers who ask all the time do not keep the database busy."""
    monkeypatch.setattr(health, "_HOLDS_FOR", 60.0)
    assert installation.client.get(READY).status_code == 200
    with monkeypatch.context() as patched:
        patched.setattr(installation.database, "read", failing(ValueError()))
        assert installation.client.get(READY).status_code == 200


def test_it_does_not_wait_in_the_line_of_whoever_asks(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a user with many requests could have the server taken for one that is not ready."""
    lines: list[object] = []
    read = installation.database.read

    async def noting(operation: Any) -> Any:
        lines.append(asking.get())
        return await read(operation)

    monkeypatch.setattr(installation.database, "read", noting)
    for token in ("cwt=a", "cwt=b"):
        installation.client.get(READY, headers={"Authorization": f"Bearer {token}"})
    assert lines == ["health", "health"]


def test_it_is_not_ready_while_it_stops(installation: Installation) -> None:
    installation.client.app.stop_waiting()  # type: ignore[attr-defined]
    answer = installation.client.get(READY)
    assert (answer.status_code, answer.text) == (503, "not ready: stopping\n")
    assert installation.client.get(LIVE).status_code == 200


@pytest.mark.slow
def test_it_is_not_in_the_log(tmp_path: Path) -> None:
    add_user(tmp_path)
    with serving(tmp_path) as server:
        with Line(server) as line:
            for path in (LIVE, READY, "/"):
                assert line.ask(request("GET", path)).status == 200
            assert line.ask(request("GET", f"{READY}?a=b")).status == 200
        routes = [one.get("route") for one in logged(server) if one["event"] == "request"]
        assert routes == ["/"], json.dumps(routes)
