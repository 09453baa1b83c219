"""`kill -9` in the middle of many writes: what was acknowledged is there, what was not may be."""

import random
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.crash.load import MARK, Client, Ledger, read_until_it_dies, served
from tests.sockets.line import Line, sign_in
from tests.sockets.process import USERNAME, Server, add_user, logged, serving

pytestmark = pytest.mark.slow

KILLS = 6
USERS = (USERNAME, "Chris@contoso.com")
STAYS = "stays"
"""The subject of the meeting whose extensions are kept."""


def test_acknowledged_writes_survive(tmp_path: Path) -> None:
    """The server is killed six times under the load of eight writers and a reader.

    Each time it starts again as it was started before, the clients go on with their tokens and
    applications, and all that they were told is true. No ETag ever stands for two contents.
    """
    for user in USERS:
        add_user(tmp_path, user)
    ledger = Ledger()
    clients: list[Client] = []
    in_doubt = 0
    for _ in range(KILLS):
        with serving(tmp_path) as server:
            clients = clients or keepers(server, ledger)
            in_doubt += take_stock(server, clients)
            kill_under_load(server, clients, ledger)
    with serving(tmp_path) as server:
        in_doubt += take_stock(server, clients)
        assert [line for line in logged(server) if line["level"] != "info"] == []
    assert ledger.reused == []
    assert in_doubt > 2 * KILLS  # it was killed in the middle of something
    with closing(sqlite3.connect(tmp_path / "data" / "openucwa.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def keepers(server: Server, ledger: Ledger) -> list[Client]:
    """Six clients that keep meetings, and two that keep extensions of one meeting.

    They are of two users.
    """
    dana, chris = (sign_in(server, user) for user in USERS)
    with Line(server) as line:
        answer = line.ask(dana.post(dana.meetings, {MARK: STAYS}))
    assert answer.status == 200, answer
    extensions = answer.json["_links"]["onlineMeetingExtensions"]["href"]
    return [
        *(Client(dana, dana.meetings, 200, ledger) for _ in range(3)),
        *(Client(chris, chris.meetings, 200, ledger) for _ in range(3)),
        *(Client(dana, extensions, 201, ledger) for _ in range(2)),
    ]


def kill_under_load(server: Server, clients: list[Client], ledger: Ledger) -> None:
    """Kill the server as soon as the clients have had some of their writes acknowledged."""
    threads = [
        *(threading.Thread(target=one.write_until_it_dies, args=[server]) for one in clients),
        threading.Thread(target=read_until_it_dies, args=[server, clients, ledger]),
    ]
    for thread in threads:
        thread.start()
    try:
        ledger.wait_for(random.randint(20, 200))
    finally:
        server.kill()
        for thread in threads:
            thread.join()
    assert [answer for client in clients for answer in client.wrong] == []


def take_stock(server: Server, clients: list[Client]) -> int:
    """Compare all that is served with what the clients know. Returns how many were in doubt."""
    in_doubt = 0
    for collection in {client.collection for client in clients}:
        keepers = [one for one in clients if one.collection == collection]
        found = served(server, keepers[0].session, collection)
        in_doubt += sum([one.take_stock(found) for one in keepers])
        known = {href for one in keepers for href in one.known}
        strays = {one[MARK] for href, one in found.items() if href not in known}
        assert strays <= {STAYS}
    return in_doubt
