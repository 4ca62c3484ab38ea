"""Rebuild of all read models: ours, the limit by COPY, and every peer, one after the other in each round."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import msgspec

from benchmarks import contenders, folding
from benchmarks.bench import Bench
from benchmarks.contenders import Peer
from benchmarks.folding import Run, Sums
from benchmarks.limit import CopyLimit
from benchmarks.results import Found, ratios, spread
from benchmarks.workload import Shape
from projections.models import PROJECTIONS

TITLE = "Rebuild of all read models"


SERVERS = ("postgres", "kafka")
_OF_PEERS = {"daily", "payments", "stock", "sales"}
_NOT_OF_PEERS = (
    "A peer makes "
    + ", ".join(f"`{each.name}`" for each in PROJECTIONS if each.name in _OF_PEERS)
    + " (`peers/tables.sql`), with fewer columns. What it does not make, and ours does: "
    + ", ".join(f"`{each.name}`" for each in PROJECTIONS if each.name not in _OF_PEERS)
    + ". The COPY limit loads all of them."
)


def run(bench: Bench) -> None:
    """Slow peers are measured with fewer sales, in fewer rounds, beside ours of as many sales."""
    shape, few = Shape(bench.sizes.sales), Shape(bench.sizes.slow_sales)
    peers = [peer for peer in contenders.PEERS if bench.wants(peer.name)]
    limit = CopyLimit(bench.servers, shape.sales)
    try:
        # Not counted: it warms the servers up and its rows are what the limit loads.
        expected = {shape: folding.rebuild(bench.servers, bench.filled(shape), then=limit.take_out).sums}
        if few != shape and any(peer.slow for peer in peers):
            expected[few] = folding.rebuild(bench.servers, bench.filled(few)).sums
        for number in range(bench.sizes.rounds):
            ours = folding.rebuild(bench.servers, bench.filled(shape))
            _keep(bench, number, "ours", shape.sales, ours, expected[shape])
            if bench.wants("copy"):
                _keep(bench, number, "copy", shape.sales, limit.load(), {})
            if few != shape and number < bench.sizes.slow_rounds and any(peer.slow for peer in peers):
                ours = folding.rebuild(bench.servers, bench.filled(few))
                _keep(bench, number, "ours", few.sales, ours, expected[few])
            for peer in peers:
                if not peer.slow:
                    measure(bench, number, peer, shape, expected[shape])
                elif number < bench.sizes.slow_rounds:
                    measure(bench, number, peer, few, expected[few])
    finally:
        limit.close()


def measure(bench: Bench, number: int, peer: Peer, shape: Shape, expected: Sums) -> None:
    filled = bench.filled(shape, one_event_each=peer.single)
    run = folding.peer(bench.servers, bench.home, peer, filled, shape=shape)
    _keep(bench, number, peer.name, shape.sales, run, expected)


def _keep(bench: Bench, number: int, who: str, sales: int, run: Run, expected: Sums) -> None:
    if run.sums and run.sums != expected:
        raise AssertionError(f"{who} has other rows: {run.sums}, expected {expected}")
    bench.results.add("rebuild", who, run.rate, "sales/s", round=number, **run.kept(sales))


def report(found: Found) -> list[str]:
    rebuild = found.of("rebuild")
    lines = [
        "| who | sales | rounds | sales/s | ours ÷ it | the same by CPU-seconds | sales per CPU-second of the worker"
        " | of PostgreSQL | of Kafka | of all | peak MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    titles = {"ours": "**ours**", "copy": "limit: COPY and indexes", **{p.name: p.title for p in contenders.PEERS}}
    for who, sales in dict.fromkeys((result.who, result.at) for result in rebuild):
        its, ours = rebuild.of("rebuild", who, sales), rebuild.of("rebuild", "ours", sales)
        cells = [_per_cpu_second([result.cpu.get(part, 0.0) for result in its]) for part in ("worker", *SERVERS)]
        cells.append(_per_cpu_second([sum(result.cpu.values()) for result in its]))
        peak = max((size for result in its for name, size in result.peak_mb.items() if name not in SERVERS), default=0)
        lines.append(
            f"| {titles[who]} | {sales:,.0f} | {len(its.results)} | {spread(its.values(), 0)} |"
            f" {spread(ratios(ours, its))} | {spread(ratios(_by_cpu(ours), _by_cpu(its)))} | {' | '.join(cells)} |"
            f" {peak or '–'} |"
        )
    return [*lines, "", *_goals(rebuild), "", _NOT_OF_PEERS]


def _per_cpu_second(microseconds: list[float]) -> str:
    return spread([1e6 / spent for spent in microseconds if spent > 1], 0)


def _goals(rebuild: Found) -> list[str]:
    python = [peer.name for peer in contenders.PEERS if peer.python and peer.name != "control"]
    everybody = [peer.name for peer in contenders.PEERS if peer.name != "control"]
    lines = ["| goal | asked | found | | by CPU-seconds |", "|---|---:|---:|---|---:|"]
    for title, asked, names in (
        ("against the COPY limit", 0.8, ["copy"]),
        ("against the fastest peer", 2.2, everybody),
        ("against the fastest Python peer", 5.0, python),
        ("against the control, which has no framework (no goal)", 0.0, ["control"]),
    ):
        found = _least(rebuild, names, lambda measured: measured)
        by_cpu = spread(_least(rebuild, names, _by_cpu))
        met = "" if not asked or not found else "met" if median(found) >= asked else "**not met**"
        lines.append(f"| {title} | {f'≥ {asked}' if asked else '–'} | {spread(found)} | {met} | {by_cpu} |")
    return lines


def _least(rebuild: Found, names: list[str], of: Callable[[Found], Found]) -> list[float]:
    """The ratios of ours to the one of `names` that comes nearest to it, each of as many sales."""
    all_of_them = []
    for name in names:
        for sales in (its := rebuild.of("rebuild", name)).sizes():
            ours = rebuild.of("rebuild", "ours", sales)
            all_of_them.append(ratios(of(ours), of(its.of("rebuild", name, sales))))
    return min((of_one for of_one in all_of_them if of_one), key=median, default=[])


def _by_cpu(found: Found) -> Found:
    """Sales per CPU-second of worker, PostgreSQL and Kafka together: which company on the machine changes little."""
    return Found(
        [msgspec.structs.replace(result, value=1e6 / sum(result.cpu.values())) for result in found if result.cpu]
    )
