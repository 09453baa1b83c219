"""The report: the figures of a run as text for a terminal or as Markdown for a page."""

from __future__ import annotations

from dataclasses import dataclass

from bench.peers import Peers
from bench.process import Memory
from bench.run import Figures

MIB = 1024 * 1024


@dataclass(frozen=True)
class Table:
    """A table: its title, its column heads and its rows of cells, all of one width."""

    title: str
    heads: list[str]
    rows: list[list[str]]


def tables(figures: Figures) -> list[Table]:
    """Arrange the figures in tables, the same ones for both forms of the report."""
    return [
        _updates(figures),
        _costs(figures),
        _process(figures),
        _pending(figures),
        _told(figures),
        _forms(figures),
        *([_peers(figures.peers)] if figures.peers else []),
        _machine(figures),
    ]


def terminal(figures: Figures) -> str:
    """Return the report in columns: the first to the left, the others to the right."""
    return "\n".join(_aligned(table) for table in tables(figures)) + "\n" + _notes(figures)


def markdown(figures: Figures) -> str:
    """Return the report as Markdown tables."""
    parts = []
    for table in tables(figures):
        rule = ["---"] + ["---:"] * (len(table.heads) - 1)
        lines = [f"| {' | '.join(cells)} |" for cells in (table.heads, rule, *table.rows)]
        parts.append(f"**{table.title}**\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts) + "\n" + _notes(figures)


def _updates(figures: Figures) -> Table:
    heads = ["Connections", "Updates/s", "p50 ms", "p99 ms"]
    heads += ["Constant/s", "p50 ms", "p99 ms", "Ratio"]
    rows = [
        [
            str(row.connections),
            f"{row.updates.rate:,.0f}",
            f"{row.updates.p50:.2f}",
            f"{row.updates.p99:.2f}",
            f"{row.constant.rate:,.0f}",
            f"{row.constant.p50:.2f}",
            f"{row.constant.p99:.2f}",
            f"{row.ratio:.2f}",
        ]
        for row in figures.rows
    ]
    return Table("Conditional updates beside a constant answer", heads, rows)


def _costs(figures: Figures) -> Table:
    heads = ["Connections", "CPU per update", "CPU per constant"]
    heads += ["Generator, updates", "Generator, constant"]
    rows = [
        [
            str(row.connections),
            f"{row.updates.server_cpu:.0f} µs",
            f"{row.constant.server_cpu:.0f} µs",
            f"{row.updates.generator_share:.0%} of a core",
            f"{row.constant.generator_share:.0%} of a core",
        ]
        for row in figures.rows
    ]
    return Table("Processor time of the servers and of the load generator", heads, rows)


def _process(figures: Figures) -> Table:
    count = f"{figures.options.meetings:,} meetings"
    rows = [
        ["Process start to first answer, new store", f"{figures.startup:.2f} s"],
        [f"Process start to first answer, {count} stored", f"{figures.full_startup:.2f} s"],
        ["Process start to first answer, constant", f"{figures.constant_startup:.2f} s"],
        ["Resident memory (highest), new store", _memory(figures.empty_memory)],
        [f"Resident memory (highest), {count} created", _memory(figures.full_memory)],
        [f"Resident memory (highest), restarted with {count}", _memory(figures.restarted_memory)],
    ]
    return Table("Start-up and memory", ["", "Figure"], rows)


def _pending(figures: Figures) -> Table:
    found = figures.pending
    heads = ["", "Memory of each", "Processor, all waiting"]
    rows = [
        [name, f"{held.each / 1024:.1f} KiB", f"{held.idle_share:.2%} of a core"]
        for name, held in (("OpenUCWA", found.openucwa), ("bare uvicorn", found.bare))
    ]
    return Table(f"{found.count:,} pending GETs, idle for {found.seconds:g} s", heads, rows)


def _told(figures: Figures) -> Table:
    heads = ["Channels waiting", "hearing", "Event p50 ms", "p99 ms", "PUT p50 ms", "p99 ms"]
    rows = [
        [
            f"{row.waiting:,}",
            str(row.hearing),
            f"{row.event_p50:.2f}" if row.hearing else "",
            f"{row.event_p99:.2f}" if row.hearing else "",
            f"{row.put_p50:.2f}",
            f"{row.put_p99:.2f}",
        ]
        for row in figures.told
    ]
    return Table("From the PUT to the event, in the last hand", heads, rows)


def _forms(figures: Figures) -> Table:
    heads = ["Form", "Connections", "A second", "p50 ms of a request", "CPU each"]
    rows = [
        [
            form.name,
            str(form.connections),
            f"{form.rate:,.0f}",
            f"{form.column.p50:.2f}",
            f"{form.column.server_cpu / form.each:.0f} µs",
        ]
        for form in figures.forms
    ]
    return Table("Reads and updates of a meeting, by form", heads, rows)


def _peers(found: Peers) -> Table:
    heads = ["Peer", "Connections", "Updates/s", "p50 ms", "p99 ms", "Errors"]
    rows = [
        [
            f"{row.name} {row.version}",
            str(row.connections),
            f"{row.updates.rate:,.0f}",
            f"{row.updates.p50:.2f}",
            f"{row.updates.p99:.2f}",
            ", ".join(f"{count} {name}" for name, count in sorted(row.errors.items())) or "0",
        ]
        for row in found.rows
    ]
    return Table("Conditional updates of peers", heads, rows)


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
        ["uvicorn", machine.uvicorn],
        [f"{machine.filesystem}, append 4 KiB and fsync", fsync],
    ]
    return Table("Machine", ["", "Fact"], rows)


def _notes(figures: Figures) -> str:
    options = figures.options
    errors = ", ".join(f"{count} {name}" for name, count in sorted(figures.errors.items()))
    return (
        f"Medians of {options.rounds} rounds of {options.seconds:g} s after {options.warmup:g} s "
        f"of warm-up, the two servers in turn. An answer has {figures.answer_bytes} bytes. "
        "The load generator runs on the same machine as the servers. "
        f"Errors: {errors or '0'}.\n"
    ) + "".join(f"{line}.\n" for line in _about(figures.peers))


def _about(found: Peers | None) -> list[str]:
    """How the peers were run, and which were not."""
    if found is None:
        return []
    setups = dict.fromkeys(f"{row.name}: {row.setup}" for row in found.rows)
    return [*setups, *found.left_out]


def _memory(memory: Memory) -> str:
    return f"{memory.resident / MIB:.1f} MiB ({memory.peak / MIB:.1f} MiB)"


def _aligned(table: Table) -> str:
    cells = [table.heads, *table.rows]
    widths = [max(len(row[n]) for row in cells) for n in range(len(table.heads))]
    lines = [
        "  ".join(
            cell.rjust(width) if n and len(row) > 2 else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    if not table.heads[0]:
        del lines[0]
    return "\n".join([table.title, "-" * len(table.title), *lines]) + "\n"
