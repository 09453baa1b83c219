"""The limit: a server that reads each request and answers a constant, under OpenUCWA's settings.

What OpenUCWA's own uvicorn costs, this server costs too; it does nothing else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import uvicorn

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Constant:
    """An ASGI application that answers 200 with the same headers and body every time."""

    def __init__(self, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.start = {"type": "http.response.start", "status": 200, "headers": headers}
        self.body = {"type": "http.response.body", "body": body}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole request body, then answer."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])  # how ASGI says: nothing but http here
        while (await receive()).get("more_body"):
            pass
        await send(self.start)
        await send(self.body)


class Holding:
    """An ASGI application that answers at `/`, and holds every other request."""

    def __init__(self) -> None:
        self.root = Constant([(b"Content-Length", b"0")], b"")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait until the client hangs up."""
        if scope["type"] != "http" or scope["path"] == "/":
            await self.root(scope, receive, send)
            return
        while (await receive())["type"] != "http.disconnect":
            pass


def main() -> None:
    """Serve the answer in the JSON file `--answer`: `{"headers": [[n, v], …], "body": …}`.

    With `--hold`, hold requests.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--answer", type=Path)
    what.add_argument("--hold", action="store_true")
    arguments = parser.parse_args()
    application = Holding() if arguments.hold else constant(arguments.answer)
    serve(application, arguments.host, arguments.port)


def serve(
    application: Callable[[Scope, Receive, Send], Awaitable[None]], host: str, port: int
) -> None:
    """Serve an ASGI application until the process is told to end."""
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        loop="uvloop",
        lifespan="off",
        # From here on as in src/openucwa/http/server.py.
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        forwarded_allow_ips="127.0.0.1",
    )
    uvicorn.Server(config).run()


def constant(file: Path) -> Constant:
    """Read the answer of a constant server."""
    answer = json.loads(file.read_text(encoding="utf-8"))
    headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in answer["headers"]]
    return Constant(headers, answer["body"].encode())


if __name__ == "__main__":
    main()
