"""The load generator follows ETags, whatever the success is called."""

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import load
from bench.load import ETAG, SUBJECT, Plan, Result, Target

pytestmark = pytest.mark.slow


class Silent(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Write no log."""


def loaded(handler: type[Silent], target: Target) -> Result:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
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
    return result


def test_a_204_has_no_length_and_is_a_success() -> None:
    seen: list[str] = []

    class Handler(Silent):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(self.headers["If-Match"])
            self.send_response(204)
            self.send_header("ETag", f'"{len(seen) + 1}"')
            self.end_headers()

    target = Target(path="/", headers=[], body=f"by {SUBJECT}", etag='"1"')
    result = loaded(Handler, target)

    assert result.errors == {}
    assert result.serials == [len(seen)]
    assert seen == [f'"{number}"' for number in range(1, len(seen) + 1)]
    assert load.after([target], result)[0].etag == f'"{len(seen) + 1}"'


def test_a_version_may_come_in_the_body_and_go_there() -> None:
    seen: list[bytes] = []

    class Handler(Silent):
        def do_POST(self) -> None:
            seen.append(self.rfile.read(int(self.headers["Content-Length"])))
            body = f'{{"revision":"{len(seen) + 1}",\n"succeeded":true}}'.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    tag = r'"revision":"(\d+)".*"succeeded":true'
    target = Target("/", [], f"at {ETAG}", '"1"', method="POST", tag=tag)
    result = loaded(Handler, target)

    assert result.errors == {}
    assert seen == [b"at %d" % number for number in range(1, len(seen) + 1)]
    assert load.after([target], result)[0].etag == f'"{len(seen) + 1}"'
