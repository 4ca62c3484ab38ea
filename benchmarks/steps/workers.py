"""Live with 1, 2 and 4 partitions and as many workers of either kind: where it stops scaling here."""

from __future__ import annotations

import statistics

from benchmarks import live
from benchmarks.bench import Bench
from benchmarks.results import Found, ratios, spent, spread

TITLE = "Live with 1, 2 and 4 partitions and workers"


def run(bench: Bench) -> None:
    sales = bench.sizes.slow_sales // 2
    for number in range(bench.sizes.long_rounds):
        for workers in (1, 2, 4):
            found = live.ours(bench.servers, sales, 100, workers=workers, partitions=workers)
            name = f"{workers} workers"
            bench.results.add("workers", name, found.rate, "sales/s", round=number, **found.kept(sales, workers))


def report(found: Found) -> list[str]:
    lines = [
        "| partitions and workers of either kind | sales/s | over one | cores: gateway | anonymise | project |"
        " PostgreSQL | Kafka |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    one = found.of("workers", "1 workers")
    for who in found.names():
        its = found.of("workers", who)
        cells = [
            f"{statistics.median(spent(result.cpu, part) / 1e6 * result.value for result in its):.2f}"
            for part in ("web", "anonymise", "project", "postgres", "kafka")
        ]
        lines.append(
            f"| {who.split()[0]} | {spread(its.values(), 0)} | {spread(ratios(its, one))} | {' | '.join(cells)} |"
        )
    return lines
