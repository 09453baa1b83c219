"""Kinto, a store of JSON records over HTTP, with its records in memory or in PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import urljoin

from bench.client import JSON, MEETING, Client
from bench.document import SERIAL, Document
from bench.peers import granian
from bench.peers.environment import Environment, PeerFailed
from bench.peers.peer import Peer
from bench.servers import Server
from tools import postgres

ENVIRONMENT = Environment("kinto", ["kinto[postgresql]", "granian"])
_USER, _PASSWORD = "dana", "proof-only-on-loopback"
_MEMORY = """
kinto.storage_backend = kinto.core.storage.memory
kinto.cache_backend = kinto.core.cache.memory
kinto.permission_backend = kinto.core.permission.memory
"""
# The pools are as large as the manual advises for production.
_POSTGRESQL = """
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {url}
kinto.storage_pool_size = 50
kinto.cache_backend = kinto.core.cache.postgresql
kinto.cache_url = {url}
kinto.cache_pool_size = 50
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {url}
kinto.permission_pool_size = 50
"""
# What `kinto init` writes, but for the buckets, which anybody may create here who has an account,
# and for the log, which tells of warnings only.
_CONFIGURATION = """[app:main]
use = egg:kinto
kinto.includes = kinto.plugins.default_bucket
                 kinto.plugins.accounts
kinto.userid_hmac_secret = {secret}
kinto.default_bucket_hmac_secret = {secret}
multiauth.policies = account
multiauth.policy.account.use = kinto.plugins.accounts.AccountsPolicy
kinto.account_create_principals = system.Everyone
kinto.bucket_create_principals = system.Authenticated
{backends}
"""
_APPLICATION = """from pyramid.paster import get_app
application = get_app("kinto.ini")
"""


@contextmanager
def in_memory(folder: Path, documents: int) -> Iterator[Peer]:
    """Run it in `folder`, with so many records in the memory of one process.

    Raises PeerFailed, ServerFailed and UnexpectedAnswer.
    """
    with _running(folder, _MEMORY, 1) as server:
        yield _peer("Kinto, memory", server, 1, "nothing kept", documents)


@contextmanager
def on_postgresql(folder: Path, documents: int) -> Iterator[Peer]:
    """Run it in `folder`, with so many records in a PostgreSQL of its own, as durable as it comes.

    Raises PeerFailed, ServerFailed and UnexpectedAnswer.
    """
    processes = os.cpu_count() or 1
    with (
        postgres.running(folder=folder) as database,
        _running(folder, _POSTGRESQL.format(url=database.create("kinto")), processes) as server,
    ):
        yield _peer("Kinto, PostgreSQL", server, processes, "all its backends there", documents)


@contextmanager
def _running(folder: Path, backends: str, processes: int) -> Iterator[Server]:
    ENVIRONMENT.set_up()
    settings = _CONFIGURATION.format(secret=token_hex(), backends=backends)
    (folder / "kinto.ini").write_text(settings, encoding="utf-8")
    (folder / "app.py").write_text(_APPLICATION, encoding="utf-8")
    command = [ENVIRONMENT.program("kinto"), "migrate", "--ini", "kinto.ini"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    if done.returncode:
        raise PeerFailed(f"kinto migrate: {done.stderr[-1000:]}")
    with granian.serving(ENVIRONMENT, "app:application", folder, {}, processes) as server:
        yield server


def _peer(name: str, server: Server, processes: int, kept: str, documents: int) -> Peer:
    """Make an account, and the records in its bucket."""
    setup = f"{granian.setup(processes)}; {kept}"
    basic = b64encode(f"{_USER}:{_PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": JSON}
    body = json.dumps({"data": {**MEETING, "subject": SERIAL}})
    bucket = "/v1/buckets/meetings"
    made = []
    with Client(server.root) as client:

        def put(path: str, content: bytes, headers: Mapping[str, str] | None = None) -> None:
            client.ask("PUT", path, content, headers, expect=(201,))

        put(f"/v1/accounts/{_USER}", json.dumps({"data": {"password": _PASSWORD}}).encode())
        put(bucket, b"{}", headers)
        for number in range(documents):
            collection = f"{bucket}/collections/meetings{number}"
            put(collection, b"{}", headers)
            document = Document(urljoin(server.root, f"{collection}/records/weekly"), headers, body)
            put(document.url, document.update("Weekly meeting"), headers)
            made.append(document)
    return Peer(name, ENVIRONMENT.version(), setup, server, made)
