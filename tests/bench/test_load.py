"""The load generator follows ETags, whatever the success is called."""

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import load
from bench.load import SUBJECT, Plan, Target

pytestmark = pytest.mark.slow


def test_a_204_has_no_length_and_is_a_success() -> None:
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(self.headers["If-Match"])
            self.send_response(204)
            self.send_header("ETag", f'"{len(seen) + 1}"')
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Write no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        target = Target(path="/", headers=[], body=f"by {SUBJECT}", etag='"1"')
        result = load.run(
            Plan(
                host="127.0.0.1",
                port=server.server_port,
                pid=os.getpid(),
                seconds=0.3,
                warmup=0.1,
                follow=True,
                targets=[target],
            )
        )
        server.shutdown()
        thread.join()

    assert result.errors == {}
    assert result.serials == [len(seen)]
    assert seen == [f'"{number}"' for number in range(1, len(seen) + 1)]
    assert load.after([target], result)[0].etag == f'"{len(seen) + 1}"'
