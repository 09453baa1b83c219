"""The report: the figures of a run as text for a terminal or as Markdown for a page."""

from __future__ import annotations

from bench.across import Across
from bench.disk import Reads
from bench.events import Latencies
from bench.fanout import Heard
from bench.forms import Form
from bench.growth import Size
from bench.imports import Imported
from bench.peers.updates import Peers
from bench.pending import Pending
from bench.process import Memory
from bench.run import Figures
from bench.sharing import Writing
from bench.startup import Startup
from bench.table import Table
from bench.updates import Updates

MIB = 1024 * 1024


def tables(figures: Figures) -> list[Table]:
    """Arrange the figures in tables, the same ones for both forms of the report."""
    found: list[Table] = []
    if figures.updates:
        found += [_updates(figures.updates), _costs(figures.updates)]
    if figures.startup:
        found.append(_startup(figures.startup, figures.options.meetings))
    if figures.imports:
        found.append(_imports(figures.imports, figures.options.imports))
    if figures.pending:
        found.append(_pending(figures.pending))
    if figures.told:
        found.append(_told(figures.told))
    if figures.heard:
        found.append(_heard("One change, heard by many channels", figures.heard))
    if figures.messages:
        found.append(_heard("One message, heard by all in a meeting", figures.messages))
    if figures.reads:
        found.append(_reads(figures.reads))
    if figures.across:
        found.append(_across(figures.across))
    if figures.forms:
        found.append(_forms(figures.forms))
    if figures.writings:
        found.append(_sharing(figures.writings))
    if figures.peers:
        found.append(_peers(figures.peers))
    if figures.growth:
        found.append(_growth(figures.growth))
    return [*found, _machine(figures)]


def terminal(figures: Figures) -> str:
    """Return the report in columns."""
    return "\n".join(table.aligned() for table in tables(figures)) + "\n" + _notes(figures)


def markdown(figures: Figures) -> str:
    """Return the report as Markdown tables."""
    return "\n".join(table.markdown() for table in tables(figures)) + "\n" + _notes(figures)


def _updates(found: Updates) -> Table:
    heads = ["Server", "Connections", "Updates/s", "p50 ms", "p99 ms"]
    heads += ["Of bare", "Of pgbench"]
    rows = [
        [
            row.name,
            str(row.connections),
            f"{row.column.rate:,.0f}",
            f"{row.column.p50:.2f}",
            f"{row.column.p99:.2f}",
            _part(row.of_bare),
            _part(row.of_pgbench),
        ]
        for row in found.rows
    ]
    return Table("Conditional updates beside their limits and etcd", heads, rows)


def _costs(found: Updates) -> Table:
    heads = ["Server", "Connections", "CPU of the server", "of PostgreSQL", "WAL", "Generator"]
    rows = [
        [
            row.name,
            str(row.connections),
            _if_any(row.column.server_cpu, "µs"),
            _if_any(row.column.database_cpu, "µs"),
            _if_any(row.column.wal, "B"),
            f"{row.column.generator_share:.0%} of a core",
        ]
        for row in found.rows
    ]
    return Table("What an update costs, and what the load generator took", heads, rows)


def _startup(found: Startup, meetings: int) -> Table:
    count = f"{meetings:,} meetings"
    rows = [
        ["Process start to first answer, new store", f"{found.startup:.2f} s"],
        [f"Process start to first answer, {count} stored", f"{found.full_startup:.2f} s"],
        ["Process start to first answer, bare uvicorn", f"{found.bare_startup:.2f} s"],
        ["Resident memory (highest), new store", _memory(found.empty_memory)],
        [f"Resident memory (highest), {count} created", _memory(found.full_memory)],
        [f"Resident memory (highest), restarted with {count}", _memory(found.restarted_memory)],
    ]
    return Table("Start-up and memory", ["", "Figure"], rows)


def _imports(found: list[Imported], runs: int) -> Table:
    rows = [
        [
            row.name,
            f"{row.seconds * 1000:.1f}",
            "" if row.ratio is None else f"{row.ratio:.2f} times {row.floor}",
        ]
        for row in found
    ]
    return Table(f"Start and import, medians of {runs} new processes", ["", "ms", "which is"], rows)


def _pending(found: Pending) -> Table:
    heads = ["", "Memory of each", "Processor, all waiting"]
    rows = [
        [name, f"{held.each / 1024:.1f} KiB", f"{held.idle_share:.2%} of a core"]
        for name, held in (("OpenUCWA", found.openucwa), ("bare uvicorn", found.bare))
    ]
    return Table(f"{found.count:,} pending GETs, idle for {found.seconds:g} s", heads, rows)


def _told(found: list[Latencies]) -> Table:
    heads = ["Channels waiting", "hearing", *_TIMES]
    rows = [[f"{row.waiting:,}", str(row.hearing), *_times(row)] for row in found]
    return Table("From the PUT to the event, in the last hand", heads, rows)


def _heard(title: str, found: list[Heard]) -> Table:
    heads = ["Clients", "A second", "Event p50 ms", "the last, p50", "the longest"]
    heads += ["CPU each", "of a core", "told with the next"]
    rows = [
        [
            row.listeners,
            f"{row.rate}/s" if row.rate else "at rest",
            f"{row.median:.1f}",
            f"{row.last:.1f}",
            f"{row.longest:.1f}",
            f"{row.cpu:.0f} µs",
            f"{row.share:.0%}",
            f"{row.together:.1%}",
        ]
        for row in found
    ]
    return Table(title, heads, rows)


def _reads(found: list[Reads]) -> Table:
    heads = ["A sync takes longer by", "Writers", "Updates/s", "GETs", "GET p50 ms", "p99 ms"]
    rows = [
        [
            f"{row.delay} ms",
            str(row.writers),
            f"{row.rate:,.0f}",
            f"{row.reads:,}",
            f"{row.p50:.2f}",
            f"{row.p99:.2f}",
        ]
        for row in found
    ]
    return Table("GETs of one user while another's updates wait for the disk", heads, rows)


def _across(found: list[Across]) -> Table:
    heads = ["Connections busy at each", "Updates/s of both", "Changes", *_TIMES]
    rows = [
        [str(row.busy), f"{row.rate:,.0f}", str(row.told.changes), *_times(row.told)]
        for row in found
    ]
    return Table("From the PUT at one process to the event at another", heads, rows)


_TIMES = ("Event p50 ms", "p99 ms", "PUT p50 ms", "p99 ms")


def _times(row: Latencies) -> list[str]:
    return [
        f"{row.event_p50:.2f}" if row.hearing else "",
        f"{row.event_p99:.2f}" if row.hearing else "",
        f"{row.put_p50:.2f}",
        f"{row.put_p99:.2f}",
    ]


def _forms(found: list[Form]) -> Table:
    heads = ["Form", "Connections", "A second", "p50 ms of a request", "CPU each"]
    rows = [
        [
            form.name,
            str(form.connections),
            f"{form.rate:,.0f}",
            f"{form.column.p50:.2f}",
            f"{form.column.server_cpu / form.each:.0f} µs",
        ]
        for form in found
    ]
    return Table("Reads and updates of a meeting, by form", heads, rows)


def _sharing(found: list[Writing]) -> Table:
    heads = ["Engine", "Updates of", "Updates/s", "Of the organizer's", "p50 ms", "CPU each"]
    rows = [
        [
            row.engine,
            row.who,
            f"{row.column.rate:,.0f}",
            f"{row.of_organizer:.2f}",
            f"{row.column.p50:.2f}",
            f"{row.column.server_cpu:.0f} µs",
        ]
        for row in found
    ]
    return Table("Updates of a meeting, by who writes", heads, rows)


def _peers(found: Peers) -> Table:
    heads = ["Peer", "Connections", "Updates/s", "p50 ms", "p99 ms", "CPU", "Errors"]
    rows = [
        [
            f"{row.name} {row.version}",
            str(row.connections),
            f"{row.updates.rate:,.0f}",
            f"{row.updates.p50:.2f}",
            f"{row.updates.p99:.2f}",
            _if_any(row.updates.server_cpu, "µs"),
            ", ".join(f"{count} {name}" for name, count in sorted(row.errors.items())) or "0",
        ]
        for row in found.rows
    ]
    return Table("Conditional updates of peers", heads, rows)


def _growth(found: list[Size]) -> Table:
    heads = ["Engine", "Meetings", "updated", "Updates/s", "p99 ms"]
    heads += ["CPU of the server", "of PostgreSQL", "WAL", "Disk"]
    rows = [
        [
            row.engine,
            f"{row.meetings:,}",
            f"{row.updated:,}",
            f"{row.column.rate:,.0f}",
            f"{row.column.p99:.2f}",
            f"{row.column.server_cpu:.0f} µs",
            _if_any(row.column.database_cpu, "µs"),
            _if_any(row.column.wal, "B"),
            f"{row.disk / MIB:,.0f} MiB",
        ]
        for row in sorted(found, key=lambda row: row.engine, reverse=True)
    ]
    return Table("Updates all over so many meetings", heads, rows)


def _machine(figures: Figures) -> Table:
    machine = figures.machine
    fsync = f"{machine.fsync_p50_ns / 1e6:.2f} ms p50, {machine.fsync_p99_ns / 1e6:.2f} ms p99"
    rows = [
        ["Date", f"{figures.date:%Y-%m-%d %H:%M} UTC"],
        ["Processor", f"{machine.processor}, {machine.cores} cores"],
        ["Memory", f"{machine.memory_bytes / MIB / 1024:.0f} GiB"],
        ["System", machine.system],
        ["Python", machine.python],
        ["SQLite", machine.sqlite],
        ["PostgreSQL", machine.postgresql],
        ["uvicorn", machine.uvicorn],
        [f"{machine.filesystem}, append 4 KiB and fsync", fsync],
    ]
    return Table("Machine", ["", "Fact"], rows)


def _notes(figures: Figures) -> str:
    options = figures.options
    errors = ", ".join(f"{count} {name}" for name, count in sorted(figures.errors.items()))
    size = f"An answer has {figures.updates.answer_bytes} bytes. " if figures.updates else ""
    return (
        f"Medians of {options.rounds} rounds of {options.seconds:g} s after {options.warmup:g} s "
        f"of warm-up, all servers in turn. {size}"
        "The load generator runs on the same machine as the servers. "
        f"Errors: {errors or '0'}.\n"
    ) + "".join(f"{line}.\n" for line in _about(figures))


def _about(figures: Figures) -> list[str]:
    """Return the setups of the peers, and those that were left out."""
    if figures.peers is None:
        return figures.about
    setups = dict.fromkeys(f"{row.name}: {row.setup}" for row in figures.peers.rows)
    return [*figures.about, *setups, *figures.peers.left_out]


def _memory(memory: Memory) -> str:
    return f"{memory.resident / MIB:.1f} MiB ({memory.peak / MIB:.1f} MiB)"


def _part(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def _if_any(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value else ""
