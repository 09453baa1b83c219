"""The limit of PostgreSQL: pgbench sends the statements of one conditional update.

They are not written down here. OpenUCWA fills a database and updates a meeting in it while the
database server logs all statements; what one update sent becomes pgbench's script. Each of its
clients has a meeting of its own, in OpenUCWA's own tables, and really updates it by compare and
set: with the version that its last update wrote.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

from bench import servers
from bench.client import Client
from bench.database import wal_position
from bench.load import PATIENCE_SECONDS, SUBJECT_FORMAT, Result, Target
from bench.machine import percentile
from bench.options import Options
from bench.process import cpu_seconds, family
from bench.servers import ServerFailed
from bench.stand import SPARE_MEETINGS
from openucwa.domain.deployment import Limits
from tools.postgres import Postgres, binaries

NAME = "pgbench"
TOGETHER = "pgbench, sent together"
KEPT = Limits().versions_per_meeting
FORGETS_EVERY = 10
"""So many updates; then OpenUCWA deletes the versions before the `KEPT` last ones."""

_SENT = re.compile(r"^\S+ \S+ \S+ \[(\d+)\] LOG:  (?:execute [^:]+|statement): (.*)$")
_GIVEN = re.compile(r"^\S+ \S+ \S+ \[(\d+)\] DETAIL:  Parameters: (.*)$")
_PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
_SESSION = "-c default_transaction_isolation=repeatable\\ read"
"""As OpenUCWA's connections have it."""


@dataclass
class Statement:
    """A statement with `$1` and so on in it, and the values of these by number."""

    sql: str
    values: dict[int, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Update:
    """The statements of one update, and its values: the version that it replaced, the new one, and
    the meeting's id and the number of its version.
    """

    statements: list[Statement]
    seen: int
    version: int
    meeting: str
    ordinal: int


@dataclass(frozen=True)
class Pgbench:
    """Runs a script on `database`, which nobody else uses."""

    name: str
    postgres: Postgres
    database: str
    script: Path
    variables: dict[str, str]
    options: Options

    def run(self, connections: int) -> Result:
        """Let so many clients update their meetings; all updates must be in the tables then."""
        seconds = -(-(self.options.seconds + self.options.warmup) // 1)
        before, updates = wal_position(self.postgres), self._updates()
        processes = len(family(self.postgres.pid))
        own, busy = _cpu_of_children(), cpu_seconds(self.postgres.pid)
        self._run(connections, int(seconds))
        # What a connection's process took counts for its parent when it has ended.
        patience = time.monotonic() + PATIENCE_SECONDS
        while len(family(self.postgres.pid)) > processes and time.monotonic() < patience:
            time.sleep(0.01)  # nobody tells when one has ended
        own, busy = _cpu_of_children() - own, cpu_seconds(self.postgres.pid) - busy
        updates = self._updates() - updates
        written = wal_position(self.postgres) - before
        times, done = self._times()
        share = len(times) / done
        return Result(
            requests=len(times),
            seconds=self.options.seconds,
            p50_ns=percentile(times, 50),
            p99_ns=percentile(times, 99),
            server_cpu=0.0,
            generator_cpu=own * self.options.seconds / seconds,
            errors={} if updates == done else {"update lost": abs(updates - done)},
            etags=[],
            serials=[],
            database_cpu=busy * share,
            wal_bytes=written * share,
        )

    def _run(self, connections: int, seconds: int) -> None:
        variables = self.variables | {"started": "0"}
        command = [
            str(binaries() / "pgbench"),
            *("--no-vacuum", "--protocol=prepared", f"--time={seconds}"),
            *(f"--client={connections}", f"--jobs={min(connections, os.cpu_count() or 1)}"),
            *("--log", f"--log-prefix={self.script.with_suffix('.times')}"),
            *(f"--define={name}={value}" for name, value in variables.items()),
            *(f"--file={self.script}", self.database),
        ]
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            env=os.environ | {"PGOPTIONS": _SESSION},
        )
        if done.returncode:
            raise ServerFailed(f"pgbench: {done.stderr[-2000:]}")

    def _times(self) -> tuple[list[int], int]:
        """Return the times of the last updates in ns, ascending, and how many there were at all."""
        lines: list[tuple[float, int]] = []
        for file in self.script.parent.glob(f"{self.script.stem}.times.*"):
            for line in file.read_text(encoding="utf-8").splitlines():
                _, _, took, _, second, microsecond, *_ = map(int, line.split())
                lines.append((second + microsecond / 1e6, took * 1000))
            file.unlink()
        start = max(ended for ended, _ in lines) - self.options.seconds
        return sorted(took for ended, took in lines if ended > start), len(lines)

    def _updates(self) -> int:
        """Return how many versions all meetings have had."""
        with psycopg.connect(self.database) as connection:
            row = connection.execute("SELECT sum(ordinal) FROM meetings").fetchone()
        assert row is not None
        return int(row[0])


def prepare(options: Options, directory: Path, postgres: Postgres) -> tuple[Pgbench, Pgbench]:
    """Fill a database with OpenUCWA, log what its updates send, and write the scripts: in one
    pgbench waits for each statement, in the other it sends all of an update together.
    """
    most = max(options.connections)
    data = directory / "pgbench"
    url = postgres.create(data.name)
    installation = servers.install(options.openucwa, data, url)
    room = most + SPARE_MEETINGS
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE \"{data.name}\" SET log_statement = 'all'".encode())
    with (
        servers.openucwa_server(installation, meetings_per_user=room) as server,
        Client(server.root) as client,
    ):
        meetings = client.sign_in(*servers.OWNER)
        targets = [client.target(client.create(meetings)) for _ in range(most)]
        usual, tenth = _updates_sent(client, targets[0], url, postgres.folder / "server.log")
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{data.name}" RESET log_statement'.encode())
    made: list[Pgbench] = []
    for name, together in ((NAME, False), (TOGETHER, True)):
        text, variables = script(usual, tenth, together=together)
        file = data / f"update-{len(made)}.sql"
        file.write_text(text, encoding="utf-8")
        made.append(Pgbench(name, postgres, url, file, variables, options))
    return made[0], made[1]


def _updates_sent(client: Client, target: Target, url: str, log: Path) -> tuple[Update, Update]:
    """Update a meeting until it has more versions than are kept; return what the last update and
    the one that forgot versions sent.
    """
    found: dict[bool, Update] = {}
    meeting = target.path.rpartition("/")[2]
    for ordinal in range(2, KEPT + 2 * FORGETS_EVERY + 2):
        before = log.stat().st_size
        answer = client.update(target, (SUBJECT_FORMAT % ordinal).decode())
        seen, target = target.etag, replace(target, etag=answer.etag)
        with log.open(encoding="utf-8") as opened:
            opened.seek(before)
            lines = opened.read().splitlines()
        before_it, version = (int(etag.strip('"')) for etag in (seen, target.etag))
        sent = statements(lines, str(version))
        found[ordinal % FORGETS_EVERY == 0] = Update(sent, before_it, version, meeting, ordinal)
    return found[False], found[True]


def statements(lines: list[str], value: str) -> list[Statement]:
    """Return what that connection sent, of those in a server's log, one of whose statements had
    `value` for a parameter.
    """
    sent: dict[str, list[Statement]] = {}
    for line in lines:
        if found := _SENT.match(line):
            sent.setdefault(found[1], []).append(Statement(found[2]))
        elif found := _GIVEN.match(line):
            values = {int(number): _unquoted(text) for number, text in _PARAMETER.findall(found[2])}
            sent[found[1]][-1].values = values
    for of_connection in sent.values():
        if any(value in one.values.values() for one in of_connection):
            return of_connection
    raise ServerFailed("The log of PostgreSQL does not show what an update sent.")


def script(usual: Update, tenth: Update, *, together: bool) -> tuple[str, dict[str, str]]:
    """Write pgbench's script; return it with the variables that it is started with.

    Values that were the meeting's are each client's own; all others are as they were logged.
    """
    names = _Names(tenth)
    always = {one.sql for one in usual.statements}
    lines = []
    for number, one in enumerate(tenth.statements):
        sql = _numbered(one, f"v{number}", names)
        if one.sql in always:
            lines.append(f"{sql};")
        else:
            lines += [r"\if :ordinal > :kept and :ordinal % :every = 0", f"{sql};", r"\endif"]
    own = "".join(
        f", replace(:{name}, :logged_meeting, online_meeting_id) AS own_{name}"
        for name in names.with_meeting
    )
    text = "\n".join(
        [
            r"\if :started = 0",
            f"SELECT version AS seen, ordinal{own}",
            "FROM meetings WHERE rel = 'myOnlineMeetings'",
            r"ORDER BY online_meeting_id LIMIT 1 OFFSET :client_id \gset",
            r"\set started 1",
            r"\endif",
            r"\set version :seen + 1 + random(0, 16777215)",
            r"\set ordinal :ordinal + 1",
            r"\set forgotten :ordinal - :kept",
            *([r"\startpipeline", *lines, r"\endpipeline"] if together else lines),
            r"\set seen :version",
            "",
        ]
    )
    constants = {"logged_meeting": tenth.meeting, "kept": str(KEPT), "every": str(FORGETS_EVERY)}
    return text, names.values | constants


class _Names:
    """The names of variables, by what was logged of an update."""

    def __init__(self, logged: Update) -> None:
        self.known = {
            str(logged.seen): "seen",
            str(logged.version): "version",
            str(logged.ordinal): "ordinal",
            str(logged.ordinal - KEPT): "forgotten",
        }
        self.meeting = logged.meeting
        self.values: dict[str, str] = {}
        self.with_meeting: list[str] = []

    def of(self, value: str, name: str) -> str:
        """Return the variable that holds a value; `name` is for one that has none yet."""
        if value in self.known:
            return self.known[value]
        self.values[name] = value
        if self.meeting in value:
            self.with_meeting.append(name)
            return f"own_{name}"
        return name


def _numbered(statement: Statement, name: str, names: _Names) -> str:
    """Return a statement with pgbench's variables in the places of its parameters."""
    places = {
        place: _constant(value) or f":{names.of(str(value), f'{name}_{place}')}"
        for place, value in statement.values.items()
    }
    return re.sub(r"\$(\d+)", lambda found: places[int(found[1])], statement.sql)


def _constant(value: str | None) -> str:
    """Return a value as SQL if pgbench has no variable that could hold it, or nothing."""
    return "NULL" if value is None else "" if value else "''"


def _unquoted(text: str) -> str | None:
    return None if text == "NULL" else text[1:-1].replace("''", "'")


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
