"""The rebuild with one process and with two, and where the cores go."""

from __future__ import annotations

from benchmarks import folding
from benchmarks.bench import Bench
from benchmarks.results import Found, ratios, spread
from benchmarks.workload import Shape

TITLE = "Rebuild with two processes over one"


_LEAST = 300_000
"""One process alone commits every 100,000 events; of fewer sales there would be nothing between two commits."""


def run(bench: Bench) -> None:
    shape = Shape(max(bench.sizes.sales, _LEAST))
    for number in range(bench.sizes.rounds):
        for workers in (1, 2):
            found = folding.rebuild(bench.servers, bench.filled(shape), workers=workers)
            kept = {**found.kept(shape.sales), "at": workers}
            bench.results.add("processes", f"{workers} processes", found.rate, "sales/s", round=number, **kept)


def report(found: Found) -> list[str]:
    lines = [
        "| processes | sales/s | cores busy: workers | PostgreSQL | Kafka | µs per sale in all |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for who in found.names():
        its = found.of("processes", who)
        cores = [
            spread([result.cpu[part] * result.value / 1e6 for result in its])
            for part in ("worker", "postgres", "kafka")
        ]
        total = spread([sum(result.cpu.values()) for result in its], 0)
        lines.append(f"| {who.split()[0]} | {spread(its.values(), 0)} | {' | '.join(cores)} | {total} |")
    two = ratios(found.of("processes", "2 processes"), found.of("processes", "1 processes"))
    return [*lines, "", f"Two over one: {spread(two)}."]
