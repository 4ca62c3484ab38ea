"""Does a rebuild slow down as the history grows, and does its memory grow?"""

from __future__ import annotations

from benchmarks import folding
from benchmarks.bench import Bench
from benchmarks.results import Found, spread
from benchmarks.workload import Shape

TITLE = "Rebuild against the length of history"


def run(bench: Bench) -> None:
    lengths = [sales // tenth for sales in bench.sizes.history[:2] for tenth in (4, 2, 1)]
    for number in range(bench.sizes.slow_rounds):
        for sales in sorted(set(lengths)):
            found = folding.rebuild(bench.servers, bench.filled(Shape(sales)))
            bench.results.add("growth", "ours", found.rate, "sales/s", round=number, **found.kept(sales))


def report(found: Found) -> list[str]:
    lines = ["| sales in the log | sales/s | peak MB of the largest process | PostgreSQL's |", "|---:|---:|---:|---:|"]
    for sales in found.sizes():
        its = found.of("growth", "ours", sales)
        peaks = [spread([result.peak_mb[part] for result in its], 0) for part in ("worker", "postgres")]
        lines.append(f"| {sales:,.0f} | {spread(its.values(), 0)} | {' | '.join(peaks)} |")
    return lines
