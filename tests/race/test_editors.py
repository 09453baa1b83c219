"""Two people edit one meeting at the same time, in threads of two clients: nothing is lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from random import Random
from threading import Barrier

import pytest

from openucwa.client import Client, Draft, MeetingConflict
from openucwa.wire.merge import differing
from tests.passwords import PASSWORD
from tests.sockets.process import USERNAME, Server

ROUNDS = 15
EDITORS = ("dana", "chris")


def connect(server: Server) -> Client:
    return Client.discover(USERNAME, PASSWORD, at=f"{server.scheme}://{server.host}:{server.port}/")


class Editor:
    """Someone who edits a meeting again and again, and notes what she wanted of each version."""

    def __init__(self, name: str, server: Server, meeting_id: str, barrier: Barrier) -> None:
        self.name = name
        self.mine: dict[str, set[str]] = {}
        """ETag of a version of hers → the names of the properties that she wanted otherwise."""
        self.clashing: Counter[str] = Counter()
        self._server, self._meeting_id, self._barrier = server, meeting_id, barrier
        self._random = Random(name)

    def work(self) -> None:
        with connect(self._server) as client:
            for number in range(ROUNDS):
                self._barrier.wait(60)
                draft = Draft(client.meetings.get(self._meeting_id))
                self._barrier.wait(60)  # both have the same version now
                self._change(draft, number)
                self._save(client, draft)

    def _change(self, draft: Draft, number: int) -> None:
        draft.attendees.add(f"{self.name}{number}@contoso.com")
        lines = draft.description.splitlines(keepends=True)
        lines.insert(0 if self.name == "dana" else len(lines), f"{self.name} {number}\n")
        draft.description = "".join(lines)
        if self._random.random() < 0.5:
            draft.subject = f"{self.name} {number}"

    def _save(self, client: Client, draft: Draft) -> None:
        wanted = set(draft.changes())
        try:
            saved = client.meetings.save(draft)
        except MeetingConflict as conflict:
            side = self._random.choice(("mine", "theirs"))
            self.clashing.update(conflict.conflicting)
            if side == "theirs":
                wanted.discard("subject")
            saved = conflict.resolve("mine" if side == "mine" else "theirs")
        assert saved.etag is not None
        self.mine[saved.etag] = wanted


@pytest.mark.slow
def test_two_threads_of_two_clients_lose_nothing(server: Server) -> None:
    """Each version changes what its author wanted to change in it, and nothing else."""
    with connect(server) as client:
        text = "First.\n\nMiddle.\n\nLast.\n"
        meeting = client.meetings.schedule(subject="Weekly", description=text)
        barrier = Barrier(len(EDITORS))
        editors = [Editor(name, server, meeting.id, barrier) for name in EDITORS]
        in_threads([editor.work for editor in editors])
        found = client.meetings.get(meeting.id)
        invited = {f"sip:{name}{n}@contoso.com" for name in EDITORS for n in range(ROUNDS)}
        assert set(found.attendees) == invited
        written = [f"{name} {number}" for name in EDITORS for number in range(ROUNDS)]
        lines = found.description.splitlines()
        assert sorted(lines) == sorted([*written, *text.splitlines()])
        clashing = editors[0].clashing + editors[1].clashing
        assert set(clashing) == {"subject"}

        wanted = {etag: names for editor in editors for etag, names in editor.mine.items()}
        versions = [client.meetings.version(found, v.etag) for v in client.meetings.history(found)]
        assert len(versions) == len(EDITORS) * ROUNDS + 1
        for newer, older in pairwise(versions):
            assert set(differing(older.details, newer.details)) <= wanted[newer.etag]


def in_threads(actions: list[Callable[[], None]]) -> None:
    """Run them at the same time; what one raises is raised."""
    with ThreadPoolExecutor(len(actions)) as pool:
        for done in [pool.submit(action) for action in actions]:
            done.result(120)
