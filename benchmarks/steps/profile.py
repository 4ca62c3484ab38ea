"""What a rebuild spends its time on: Python's functions, and PostgreSQL's share between rows and indexes."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec

from benchmarks import contenders, folding
from benchmarks.bench import Bench
from benchmarks.limit import CopyLimit
from benchmarks.results import Found, spread
from benchmarks.workload import Shape

TITLE = "Profile of a rebuild"


def run(bench: Bench) -> None:
    shape = Shape(bench.sizes.slow_sales)
    filled, servers = bench.filled(shape), bench.servers
    with servers.fresh_database() as database:
        found = subprocess.run(
            [sys.executable, "-m", "benchmarks.profile", servers.kafka, filled.topic, servers.database(database)],
            env={**os.environ, "PYTHONPATH": str(contenders.ROOT)},
            check=True,
            capture_output=True,
        )
    for name, calls, own in msgspec.json.decode(found.stdout.splitlines()[-1], type=list[tuple[str, int, float]]):
        per_sale = own / shape.sales * 1e6
        bench.results.add("profile", name, per_sale, "µs/sale", at=shape.sales, note=f"{calls / shape.sales:.2f}")
    limit = CopyLimit(servers, shape.sales)
    try:
        folding.rebuild(servers, filled, then=limit.take_out)
        for number in range(bench.sizes.long_rounds):
            limit.load()
            for name, seconds in limit.spent.items():
                bench.results.add("limit", name, seconds / shape.sales * 1e6, "µs/sale", round=number, at=shape.sales)
    finally:
        limit.close()


def report(found: Found) -> list[str]:
    sales = found.sizes()[0]
    lines = [f"One process under cProfile, {sales:,.0f} sales: the functions with the most time of their own.", ""]
    lines += ["| function | calls a sale | µs a sale |", "|---|---:|---:|"]
    for result in found.of("profile"):
        lines.append(f"| `{result.who}` | {result.note} | {result.value:.1f} |")
    lines += ["", "What the limit (COPY and indexes, single stream) spends its time on:", ""]
    lines += ["| part | µs a sale |", "|---|---:|"]
    limit = found.of("limit")
    lines += [f"| {name} | {spread(limit.of('limit', name).values(), 1)} |" for name in limit.names()]
    return lines
