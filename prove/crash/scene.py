"""The input of a scenario, and its findings."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.servers import variables
from prove import servers
from prove.crash.writers import USERS, Load, signed_in
from prove.options import Place
from prove.servers import PASSWORD, PROGRAM, Installation
from prove.verdict import Verdict, Violation
from tools.postgres import Postgres

_REFUSAL_SECONDS = 20.0


@dataclass
class Scene:
    """A folder to play in, on one engine, for so many seconds, and the notes that are taken."""

    folder: Path
    place: Place
    seconds: float
    chance: random.Random
    figures: dict[str, object] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    _end: float = 0.0

    def has_time(self) -> bool:
        """Return whether there is time for another round. Time runs from the first call."""
        self._end = self._end or time.monotonic() + self.seconds
        return time.monotonic() < self._end

    def note(self, **figures: object) -> None:
        """Note figures under what they count."""
        self.figures.update({name.replace("_", " "): value for name, value in figures.items()})

    def expect(self, so: bool, else_: str) -> None:
        """Note a violation unless it is so."""
        if not so:
            self.violations.append(Violation(else_))

    def verdict(self) -> Verdict:
        """Return the findings."""
        return Verdict(self.figures, self.violations)

    @contextmanager
    def serving(
        self,
        folder: Path | None = None,
        settings: Mapping[str, str] | None = None,
        postgres: Postgres | None = None,
    ) -> Iterator[Installation]:
        """A server that runs, with people, in a new folder within `folder`."""
        place = (folder or self.folder) / "server"
        with servers.installed(place, self.place, postgres, dict(settings or {})) as made:
            made.add_people(USERS)
            made.start()
            yield made

    def load(self, server: Installation) -> Load:
        """A load for a server: it has signed in and has its meetings."""
        return Load(server.root, signed_in(server), self.chance)

    def expect_reads(self, load: Load) -> None:
        """While the database comes back, reading may be answered 503, and nothing else."""
        wrong = set(load.reads) - {200, 503}
        self.expect(not wrong, f"reads were answered {dict(load.reads)}")

    def take_stock(self, load: Load) -> None:
        """Compare all that is there with what was acknowledged, and note the figures."""
        for wrong in load.settle():
            self.expect(False, wrong)
        self.note(acknowledged=load.acknowledged, unavailable=load.refused)

    def expect_whole(self, path: Path) -> None:
        """Let SQLite check every page of a file, which nobody uses."""
        try:
            with closing(sqlite3.connect(path)) as opened:
                found = opened.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            found = str(error)
        self.expect(found == "ok", f"integrity_check says {found}")

    def expect_refusal(
        self, server: Installation, *words: str, command: tuple[str, ...] = ()
    ) -> None:
        """Run a command, `serve` if none is named, that has to say why it refuses to."""
        try:
            done = run(server, *command)
        except subprocess.TimeoutExpired:
            self.expect(False, f"it should say {words}, and started")
            return
        is_sentence = done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1
        self.expect(
            done.returncode == 1 and is_sentence and all(word in done.stderr for word in words),
            f"it should say {words}, and ended with {done.returncode}: {done.stderr}{done.stdout}",
        )


def database(server: Installation) -> Path:
    """The file of a server's database."""
    return server.folder / "data" / "openucwa.sqlite3"


def run(server: Installation, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a server's data, `serve` if none is named, which is to end by itself."""
    return subprocess.run(
        [PROGRAM, *(command or ("serve", "--port", "0")), "--data", server.folder / "data"],
        check=False,
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        cwd="/",
        env=variables(),
        timeout=_REFUSAL_SECONDS,
    )
