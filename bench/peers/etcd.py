"""etcd, a key-value store: a conditional transaction of its JSON gateway is the update."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from bench import servers
from bench.client import JSON, MEETING, Client
from bench.document import Document
from bench.load import ETAG
from bench.peers.environment import Program
from bench.peers.peer import Peer

PROGRAM = Program("etcd", "etcd-server")
_DONE = r'"revision":"(\d+)".*"succeeded":true'


@contextmanager
def running(folder: Path, documents: int) -> Iterator[Peer]:
    """Run one member in `folder`, which syncs each transaction, with so many keys.

    Raises PeerFailed, ServerFailed and UnexpectedAnswer.
    """
    PROGRAM.set_up()
    port, peer = servers.free_port(), f"http://{servers.HOST}:{servers.free_port()}"
    client = f"http://{servers.HOST}:{port}"
    command = [PROGRAM.path, "--data-dir", str(folder / "store"), "--log-level", "warn"]
    command += ["--listen-client-urls", client, "--advertise-client-urls", client]
    command += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
    command += ["--initial-cluster", f"default={peer}"]
    with servers.running(command, servers.variables(), port, folder) as server:
        made = [_document(server.root, number) for number in range(documents)]
        setup = "one member; transactions by its JSON gateway, synced"
        yield Peer("etcd", PROGRAM.version(), setup, server, made)


def _document(root: str, number: int) -> Document:
    """Store a meeting under a key; each update compares the revision of the one before."""
    put = {"key": _encoded(f"meeting{number}"), "value": _encoded(json.dumps(MEETING))}
    with Client(root) as client:
        stored = client.ask("POST", "/v3/kv/put", json.dumps(put).encode()).resource()
    unchanged = {"key": put["key"], "target": "MOD", "mod_revision": ETAG}
    update = {"compare": [unchanged], "success": [{"request_put": put}]}
    return Document(
        url=urljoin(root, "/v3/kv/txn"),
        headers={"Content-Type": JSON},
        body=json.dumps(update, separators=(",", ":")),
        method="POST",
        tag=_DONE,
        version=f'"{stored["header"]["revision"]}"',
    )


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()
