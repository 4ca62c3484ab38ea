"""What a sale costs in bytes and in core-microseconds: what docs/scale.md reckons with."""

from __future__ import annotations

import statistics

from benchmarks.bench import Bench
from benchmarks.history import history
from benchmarks.results import Found, Results, spread

TITLE = "What a sale costs"
_PARTS = ("web", "anonymise", "project", "postgres", "kafka")


def run(bench: Bench) -> None:
    for sales in sorted(bench.sizes.history):
        with history(bench.home, sales) as (_, made):
            bench.results.add("bytes", "log", made.log_bytes / made.from_the_log, "bytes per sale", at=sales)
            bench.results.add("bytes", "tables", made.table_bytes / sales, "bytes per sale", at=sales)
    for result in Results("live").latest().of("live", "ours"):
        for name, spent in result.cpu.items():
            size = int(result.at)
            bench.results.add("cpu", name, spent, "µs per sale", round=result.round, at=size, others=result.others)


def report(found: Found) -> list[str]:
    lines = [
        "| sales in the history | bytes per sale in `events` (lz4) | in the tables, with indexes |",
        "|---:|---:|---:|",
    ]
    for size in found.of("bytes").sizes():
        log, tables = (statistics.median(found.of("bytes", name, size).values()) for name in ("log", "tables"))
        lines.append(f"| {size:,.0f} | {log:,.0f} | {tables:,.0f} |")
    lines += ["", "| core-µs per sale | uploads of 100 events | of one event |", "|---|---:|---:|"]
    for name in _PARTS:
        cells = [spread(found.of("cpu", name, size).values(), 0) for size in (100, 1)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    totals = []
    for size in (100, 1):
        each = [statistics.median(values) for name in _PARTS if (values := found.of("cpu", name, size).values())]
        totals.append(f"{sum(each):,.0f}" if each else "–")
    return [
        *lines,
        f"| all together, medians | {' | '.join(totals)} |",
        "",
        "Goal: at most 700 for an upload of one event.",
    ]
