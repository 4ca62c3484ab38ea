"""From 202 to visible by the read API at a tenth of the sustained rate, and the memory of each process meanwhile."""

from __future__ import annotations

import statistics

from benchmarks import freshness
from benchmarks.bench import Bench
from benchmarks.history import history
from benchmarks.results import Found, Results, spread

TITLE = "Freshness and memory against the length of the history"
_UPLOADS = 1000
_USUAL_RATE = 3000.0
"""sales/s, where the step `live` has not been run"""
_P50_MS, _P99_MS, _GROWTH = 100.0, 500.0, 1.1


def run(bench: Bench) -> None:
    live = Results("live").latest().of("live", "ours", 100).values()
    rate = (statistics.median(live) if live else _USUAL_RATE) / 10
    uploads = min(_UPLOADS, bench.sizes.slow_sales // freshness.PER_UPLOAD)
    for sales in sorted(bench.sizes.history):
        with history(bench.home, sales) as (servers, made):
            for number in range(bench.sizes.long_rounds):
                found = freshness.measure(servers, made, rate, uploads)
                slow_first = sorted(found.seconds, reverse=True)
                p50, p99 = statistics.median(slow_first) * 1000, slow_first[len(slow_first) // 100] * 1000
                note = f"{rate:.0f} sales/s"
                bench.results.add("freshness", "p50", p50, "ms", round=number, at=sales, others=found.others, note=note)
                bench.results.add("freshness", "p99", p99, "ms", round=number, at=sales, others=found.others, note=note)
                for name, size in found.peak.items():
                    bench.results.add("memory", name, size / 2**20, "MB", round=number, at=sales, others=found.others)


def report(found: Found) -> list[str]:
    sizes = found.sizes()
    lines = [
        f"Uploads of {freshness.PER_UPLOAD} events, {found.of('freshness').results[0].note}, beside a history of so"
        " many sales.",
        "",
        "| sales in the history | p50, ms | p99, ms | |",
        "|---:|---:|---:|---|",
    ]
    for size in sizes:
        p50, p99 = (found.of("freshness", name, size).values() for name in ("p50", "p99"))
        fresh = statistics.median(p50) < _P50_MS and statistics.median(p99) < _P99_MS
        lines.append(f"| {size:,.0f} | {spread(p50, 0)} | {spread(p99, 0)} | {'met' if fresh else '**not met**'} |")
    few, many = sizes[-2:] if len(sizes) > 1 else (sizes[0], sizes[0])
    lines += ["", f"Goal: p50 < {_P50_MS:.0f} ms, p99 < {_P99_MS:.0f} ms.", ""]
    lines += [f"| peak MB of | at {few:,.0f} | at {many:,.0f} | ratio | |", "|---|---:|---:|---:|---|"]
    for name in found.of("memory").names():
        before, after = (found.of("memory", name, size).values() for size in (few, many))
        ratio = statistics.median(after) / statistics.median(before)
        met = "met" if ratio <= _GROWTH else "**not met**"
        lines.append(f"| {name} | {spread(before, 0)} | {spread(after, 0)} | {ratio:.2f} | {met} |")
    return [*lines, "", f"Goal ≤ {_GROWTH}. Memory is what a process holds for itself and its share of what is shared."]
