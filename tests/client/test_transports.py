"""What can take the place of the network."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from openucwa.client import Client, ConnectionFailed
from openucwa.client.transports import InProcess, Recorder, Replay
from openucwa.http.app import App
from openucwa.http.site import Site
from openucwa.store.opening import open_database
from tests.client.elsewhere import Elsewhere
from tests.client.watched import Watched
from tests.engines import CURRENT
from tests.installation import DEPLOYMENT, Clock
from tests.passwords import PASSWORD
from tests.patience import PATIENCE

Connect = Callable[..., Any]


@pytest.fixture
def elsewhere() -> Iterator[InProcess]:
    with InProcess(Elsewhere()) as transport:
        yield transport


def test_an_application_in_this_process_is_a_server(flavour: Connect, elsewhere: InProcess) -> None:
    with flavour("dana@fabrikam.com", PASSWORD, transport=elsewhere) as client:
        assert client.application().rel == "application"


def test_clients_share_an_application_and_may_leave_it(elsewhere: InProcess) -> None:
    with Client.discover("dana@fabrikam.com", PASSWORD, transport=elsewhere):
        pass
    with Client.discover("dana@fabrikam.com", PASSWORD, transport=elsewhere) as client:
        assert client.application().href


def test_the_server_itself_runs_in_this_process(tmp_path: Path) -> None:
    database = open_database(CURRENT.location(tmp_path), Clock(), connections=1)
    with (
        InProcess(App(Site(DEPLOYMENT), database)) as transport,
        httpx2.Client(transport=transport) as client,
    ):
        assert client.get("https://contoso.com/").json()["_links"]["user"]
        assert transport._portal
        transport._portal.call(database.close)


def test_who_waits_for_events_does_not_keep_an_application_from_stopping(
    flavour: Connect,
) -> None:
    """Neither while the client is there still, nor when it was closed."""
    told: list[object] = []
    with InProcess(Elsewhere()) as transport:
        client = flavour("dana@fabrikam.com", PASSWORD, transport=transport)
        client.application()

        def follow() -> None:
            with suppress(RuntimeError):  # it may ask once more, when nothing runs any more
                told.extend(client.events())

        waiting = threading.Thread(target=follow)
        waiting.start()
        time.sleep(0.2)  # by then it waits; if not, there is all the less to stop
        started = time.monotonic()
    assert time.monotonic() - started < PATIENCE / 2
    client.close()
    waiting.join()
    assert time.monotonic() - started < PATIENCE / 2
    assert told == []


def test_an_application_that_was_not_started_is_told() -> None:
    client = Client.discover("a@b.c", "x", at="https://b.c", transport=InProcess(Elsewhere()))
    with pytest.raises(RuntimeError, match="with block"):
        client.application()
    client.close()


def test_an_application_that_can_not_start_is_told() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no disk"})

    with pytest.raises(RuntimeError, match="no disk"), InProcess(app):
        pass


def use(client: Any) -> list[Any]:
    """What a program does with a client, and sees."""
    with client:
        session = client._session
        meetings = session.dashboard("onlineMeetings").link("myOnlineMeetings")
        made = session.send("POST", meetings, {"subject": "Weekly — meeting"}).resource
        first = client.get(made.href).properties
        session.send("PUT", made.href, {**made.raw, "subject": "New"}, if_match=made.etag)
        return [first, client.get(made.href).properties]


def test_what_was_recorded_is_replayed(flavour: Connect, server: Watched, tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    with Recorder(path, server) as recorder:
        seen = use(flavour("dana@contoso.com", PASSWORD, transport=recorder))
    assert seen[0]["subject"] == "Weekly — meeting"
    assert use(flavour("dana@contoso.com", "another", transport=Replay(path))) == seen


def test_a_recording_has_no_secrets(flavour: Connect, server: Watched, tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    told: list[Any] = []
    with Recorder(path, server) as recorder:
        use(flavour("dana@contoso.com", PASSWORD, transport=recorder, on_token=told.append))
    written = path.read_text()
    assert "Weekly — meeting" in written
    assert told[0].text not in written
    assert PASSWORD not in written
    assert PASSWORD.replace(" ", "+") not in written
    assert "cwt_ucwa=" not in written


def test_a_request_that_was_not_recorded_is_named(
    flavour: Connect, server: Watched, tmp_path: Path
) -> None:
    path = tmp_path / "recording.json"
    with (
        Recorder(path, server) as recorder,
        flavour("dana@contoso.com", PASSWORD, transport=recorder) as client,
    ):
        href = client.application().href
    with (
        flavour("dana@contoso.com", "x", transport=Replay(path)) as client,
        pytest.raises(ConnectionFailed, match=r"recording\.json has no GET https://.*/other"),
    ):
        client.get(href + "/other")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"exchanges": [1]}'])
def test_a_file_that_is_no_recording_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="not a recording"):
        Replay(path)
