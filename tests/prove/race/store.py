"""A little server with one document, right or wrong in a way that a test chooses."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench.document import Document

RIGHT = "right"
UNLOCKED = "compares, and writes only then"
TAKES_ANYWAY = "refuses, and takes the content all the same"
FORGETS = "acknowledges, and takes nothing"
WRONG_ETAG = "answers with another ETag than it serves"
FAILS = "fails at every update"
REFUSES_ALL = "never takes anything"
_A_WHILE = 0.02


@dataclass
class Store:
    """The document, and its version; `how` is one of the ways above."""

    how: str
    content: bytes = b"first"
    version: int = 1

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    def put(self, content: bytes, if_match: str) -> tuple[int, str]:
        """Take content, and return the status and the ETag of the answer."""
        if self.how == FAILS:
            return 500, self.etag
        if self.how == UNLOCKED:
            return self._put(content, if_match)
        with self._lock:
            return self._put(content, if_match)

    def _put(self, content: bytes, if_match: str) -> tuple[int, str]:
        if self.how == REFUSES_ALL or if_match != self.etag:
            if self.how == TAKES_ANYWAY:
                self.content = content
            return 412, self.etag
        time.sleep(_A_WHILE)
        if self.how != FORGETS:
            self.content = content
        self.version += 1
        return 200, '"another"' if self.how == WRONG_ETAG else self.etag


@contextmanager
def serving(how: str) -> Iterator[Document]:
    """Serve a document on a real socket, each connection on a thread of its own."""
    store = Store(how)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(200, store.etag, store.content)

        def do_PUT(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            status, etag = store.put(content, self.headers["If-Match"])
            self._answer(status, etag, b"")

        def _answer(self, status: int, etag: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Write no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Document(f"http://127.0.0.1:{server.server_port}/document", {}, "by {serial}")
        finally:
            server.shutdown()
            thread.join()
