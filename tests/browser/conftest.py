"""A browser, the server, and web applications of other origins."""

import functools
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.sockets.process import Server, add_user, serving

CHROMIUM = shutil.which("chromium")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
PAGES = Path(__file__).parent / "pages"


class Pages(SimpleHTTPRequestHandler):
    """The pages of a web application."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@contextmanager
def origin() -> Iterator[str]:
    """An origin that has the pages. Its host is not the server's, so that it is another site."""
    handler = functools.partial(Pages, directory=str(PAGES))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        serving = threading.Thread(target=web.serve_forever)
        serving.start()
        yield f"http://localhost:{web.server_port}"
        web.shutdown()
        serving.join()


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """The origin of a web application that is allowed."""
    with origin() as found:
        yield found


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """The origin of one that is not."""
    with origin() as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, app: str) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    add_user(folder)
    (folder / "openucwa.toml").write_bytes(
        b"allowed_origins = " + msgspec.json.encode([app, "https://app.contoso.com"])
    )
    with serving(folder) as server:
        yield server
