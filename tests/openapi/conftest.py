"""What schemathesis is let loose on: a server on a real socket, and what Dana has there."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import uvicorn
from httpx2 import Client

from openucwa.cli import demo
from openucwa.domain.deployment import Lifetimes, Limits
from openucwa.http.app import App
from openucwa.http.protocol import Protocol
from openucwa.http.site import Site
from openucwa.settings import Settings
from openucwa.store.sqlite import SQLite
from tests.openapi.dana import Dana
from tests.openapi.watched import Watched

DOMAIN = "contoso.com"


@pytest.fixture
def dana(tmp_path: Path) -> Iterator[Dana]:
    """Dana, signed in at a server that does not let her wait, and has room for much.

    On leaving, all that passed must have been documented.
    """
    settings = demo.with_dial_in(Settings(domain=DOMAIN))
    deployment = msgspec.structs.replace(
        settings.deployment(),
        limits=Limits(applications_per_user=100_000, meetings_per_user=100_000),
        lifetimes=Lifetimes(pending_get=timedelta(milliseconds=50)),
    )
    database = SQLite(tmp_path / "openucwa.sqlite3", clock=lambda: datetime.now(UTC))
    asyncio.run(database.write(lambda tx: demo.seed(tx, deployment)))
    watched = Watched(App(Site(deployment, public_url=f"https://{DOMAIN}"), database))
    with _serving(watched) as url, Client(base_url=url) as client:
        yield Dana.signed_in(client, f"dana@{DOMAIN}", demo.PASSWORD)
    asyncio.run(database.close())
    assert watched.findings() == []


@contextmanager
def _serving(watched: Watched) -> Iterator[str]:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=100)) as listening:
        config = uvicorn.Config(
            watched, http=Protocol, ws="none", log_config=None, access_log=False, lifespan="on"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            watched.app.stop_waiting()
            server.should_exit = True
            thread.join()
