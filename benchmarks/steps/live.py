"""Sustained sales per second from HTTP upload to visible row, everything on the same cores."""

from __future__ import annotations

import statistics

from benchmarks import contenders, live
from benchmarks.bench import Bench
from benchmarks.results import Found, ratios, spread

TITLE = "Live: from HTTP upload to visible row"
_SINGLE = 20
"""uploads of one event are so many times fewer"""


def run(bench: Bench) -> None:
    sales = bench.sizes.slow_sales // 2
    single = max(500, sales // _SINGLE)
    peers = [peer for peer in contenders.PEERS if bench.wants(peer.name) and not peer.prepare]
    for number in range(bench.sizes.rounds):
        if bench.wants("ours"):
            found = live.ours(bench.servers, sales, 100)
            bench.results.add("live", "ours", found.rate, "sales/s", round=number, **found.kept(sales, 100))
        for peer in peers:
            if number < bench.sizes.slow_rounds or not peer.slow:
                found = live.peer(bench.servers, bench.home, peer, sales, 100)
                bench.results.add("live", peer.name, found.rate, "sales/s", round=number, **found.kept(sales, 100))
    for number in range(bench.sizes.slow_rounds):
        if bench.wants("ours"):
            found = live.ours(bench.servers, single, 1)
            bench.results.add("live", "ours", found.rate, "sales/s", round=number, **found.kept(single, 1))
        for peer in peers:
            found = live.peer(bench.servers, bench.home, peer, single, 1)
            bench.results.add("live", peer.name, found.rate, "sales/s", round=number, **found.kept(single, 1))


def report(found: Found) -> list[str]:
    titles = {"ours": "**ours**", **{peer.name: peer.title for peer in contenders.PEERS}}
    lines = [
        "| who | events in an upload | rounds | sales/s | ours ÷ it | µs per sale: workers | gateway | PostgreSQL |"
        " Kafka |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for size in (100, 1):
        ours = found.of("live", "ours", size)
        for who in found.of("live", at=size).names():
            its = found.of("live", who, size)
            cells = [
                f"{statistics.median(sum(result.cpu.get(part, 0) for part in parts) for result in its):.0f}"
                for parts in (("worker", "anonymise", "project"), ("web",), ("postgres",), ("kafka",))
            ]
            lines.append(
                f"| {titles[who]} | {size} | {len(its.results)} | {spread(its.values(), 0)} |"
                f" {spread(ratios(ours, its))} | {' | '.join(cells)} |"
            )
    return [*lines, "", *_goals(found)]


def _goals(found: Found) -> list[str]:
    def against(size: int, names: list[str]) -> list[float]:
        ours = found.of("live", "ours", size)
        all_of_them = [ratios(ours, found.of("live", name, size)) for name in names]
        return min((ratio for ratio in all_of_them if ratio), key=statistics.median, default=[])

    peers = [peer.name for peer in contenders.PEERS if peer.name != "control"]
    python = [peer.name for peer in contenders.PEERS if peer.python and peer.name != "control"]
    lines = ["| goal | asked | found | |", "|---|---:|---:|---|"]
    for title, asked, ratio in (
        ("uploads of 100: against the fastest peer", 1.0, against(100, peers)),
        ("uploads of 100: against the fastest Python peer", 3.0, against(100, python)),
        ("uploads of one event each: against the plain Faust app", 3.0, against(1, ["plain_faust"])),
    ):
        met = "" if not ratio else "met" if statistics.median(ratio) >= asked else "**not met**"
        lines.append(f"| {title} | ≥ {asked} | {spread(ratio)} | {met} |")
    return [
        *lines,
        "",
        "Tills, gateway, Kafka, PostgreSQL and workers share the cores. A peer reads what our gateway writes into"
        " `uploads`; ours goes on through `anonymise` and `events`, a second passage through Kafka that no peer makes.",
    ]
