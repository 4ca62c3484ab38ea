"""Does a rebuild slow down as the history grows, or come further from the limit, and does its memory grow?"""

from __future__ import annotations

from benchmarks import folding
from benchmarks.bench import Bench
from benchmarks.limit import CopyLimit
from benchmarks.results import Found, ratios, spread
from benchmarks.workload import Shape

TITLE = "Rebuild against the length of history"


def run(bench: Bench) -> None:
    lengths = {sales // part for sales in bench.sizes.history[:2] for part in (4, 2, 1)}
    for number in range(bench.sizes.long_rounds):
        for sales in sorted(lengths):
            limit = CopyLimit(bench.servers, sales)
            try:
                found = folding.rebuild(bench.servers, bench.filled(Shape(sales)), then=limit.take_out)
                bench.results.add("growth", "ours", found.rate, "sales/s", round=number, **found.kept(sales))
                found = limit.load()
                bench.results.add(
                    "growth", "COPY and indexes", found.rate, "sales/s", round=number, **found.kept(sales)
                )
            finally:
                limit.close()


def report(found: Found) -> list[str]:
    lines = [
        "| sales in the log | sales/s | COPY and indexes | ours ÷ it | peak MB of the largest process | PostgreSQL's |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for sales in found.sizes():
        its, limit = found.of("growth", "ours", sales), found.of("growth", "COPY and indexes", sales)
        peaks = [spread([result.peak_mb[part] for result in its], 0) for part in ("worker", "postgres")]
        cells = [spread(its.values(), 0), spread(limit.values(), 0), spread(ratios(its, limit)), *peaks]
        lines.append(f"| {sales:,.0f} | {' | '.join(cells)} |")
    return lines
