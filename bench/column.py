"""The figures of one server under one load: medians over the rounds."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from bench.load import Result


@dataclass(frozen=True)
class Column:
    """`rate` in answers per second, `p50` and `p99` in ms, `server_cpu` in µs of processor time
    per answer, `generator_share` the generator's part of one core; of a database server,
    `database_cpu` in µs and `wal` in bytes per answer.
    """

    rate: float
    p50: float
    p99: float
    server_cpu: float
    generator_share: float
    database_cpu: float = 0.0
    wal: float = 0.0


def median(results: list[Result]) -> Column:
    """Take the median of each figure over the rounds."""
    return Column(
        rate=statistics.median(r.rate for r in results),
        p50=statistics.median(r.p50_ns for r in results) / 1e6,
        p99=statistics.median(r.p99_ns for r in results) / 1e6,
        server_cpu=statistics.median(r.server_cpu / r.requests for r in results) * 1e6,
        generator_share=statistics.median(r.generator_cpu / r.seconds for r in results),
        database_cpu=statistics.median(r.database_cpu / r.requests for r in results) * 1e6,
        wal=statistics.median(r.wal_bytes / r.requests for r in results),
    )
