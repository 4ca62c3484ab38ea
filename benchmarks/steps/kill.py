"""Everybody is killed (-9) at 40 % and started again: are the rows the same as without?"""

from __future__ import annotations

from benchmarks import contenders, folding
from benchmarks.bench import Bench
from benchmarks.results import Found
from benchmarks.workload import Shape

TITLE = "kill -9 at 40 %"


def run(bench: Bench) -> None:
    shape = Shape(bench.sizes.slow_sales)
    expected = folding.rebuild(bench.servers, bench.filled(shape)).sums
    for peer in contenders.PEERS:
        if bench.wants(peer.name):
            filled = bench.filled(shape, one_event_each=peer.single)
            found = folding.peer(bench.servers, bench.home, peer, filled, shape=shape, kill=True)
            bench.results.add("kill", peer.name, float(found.sums == expected), "equal", at=shape.sales)
    if bench.wants("ours"):
        found = folding.rebuild(bench.servers, bench.filled(shape), kill=True)
        bench.results.add("kill", "ours", float(found.sums == expected), "equal", at=shape.sales)


def report(found: Found) -> list[str]:
    lines = ["| who | sales | rows of all four tables |", "|---|---:|---|"]
    for result in {result.who: result for result in found}.values():  # the latest round of each
        lines.append(f"| {result.who} | {result.at:,.0f} | {'equal' if result.value else '**differ**'} |")
    return lines
