"""Sustained sales per second from HTTP upload to visible row, everything on the same cores."""

from __future__ import annotations

import statistics

from benchmarks import contenders, live
from benchmarks.bench import Bench
from benchmarks.results import Found, ratios, spent, spread

TITLE = "Live: from HTTP upload to visible row"
_SINGLE = 20
"""uploads of one event are so many times fewer"""
_WORKERS = (1, 2)
"""Processes of a contender (threads of Kafka Streams, of ours so many of either kind); what serves it better counts."""


def run(bench: Bench) -> None:
    sales = bench.sizes.slow_sales // 2
    single = max(500, sales // _SINGLE)
    live.ours(bench.servers, single, 1)  # not counted: it warms the servers up
    for number in range(bench.sizes.rounds):
        _round(bench, number, sales, 100, slow=number < bench.sizes.slow_rounds)
    for number in range(bench.sizes.long_rounds):
        _round(bench, number, single, 1, slow=number < bench.sizes.slow_rounds)


def _round(bench: Bench, number: int, sales: int, per_upload: int, slow: bool) -> None:
    """Everybody once with each number of workers; with `slow`, the slow peers too."""
    peers = [peer for peer in contenders.PEERS if bench.wants(peer.name) and not peer.prepare]
    for workers in _WORKERS:
        if bench.wants("ours"):
            found = live.ours(bench.servers, sales, per_upload, workers=workers)
            _keep(bench, number, _who("ours", workers), found, sales, per_upload)
        for peer in peers:
            if slow or not peer.slow:
                found = live.peer(bench.servers, bench.home, peer, sales, per_upload, workers=workers)
                _keep(bench, number, _who(peer.name, workers), found, sales, per_upload)


def _keep(bench: Bench, number: int, who: str, found: live.LiveRun, sales: int, per_upload: int) -> None:
    bench.results.add("live", who, found.rate, "sales/s", round=number, **found.kept(sales, per_upload))


def _who(name: str, workers: int) -> str:
    return name if workers == 1 else f"{name} ×{workers}"


def _best(found: Found, name: str, size: int) -> Found:
    """The results of a contender with the number of workers that serves it best."""
    each = [found.of("live", _who(name, workers), size) for workers in _WORKERS]
    return max(each, key=lambda its: statistics.median(its.values() or [0.0]))


def report(found: Found) -> list[str]:
    titles = {"ours": "**ours**", **{peer.name: peer.title for peer in contenders.PEERS}}
    lines = [
        "| who | workers | events in an upload | rounds | sales/s | ours at its best ÷ it | µs per sale: workers |"
        " gateway | PostgreSQL | Kafka | cores busy |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for size in (100, 1):
        ours = _best(found, "ours", size)
        for who in found.of("live", at=size).names():
            its = found.of("live", who, size)
            name, _, workers = who.partition(" ×")
            parts = [
                statistics.median(sum(spent(result.cpu, part) for part in group) for result in its)
                for group in (("worker", "anonymise", "project"), ("web",), ("postgres",), ("kafka",))
            ]
            cores = statistics.median(sum(result.cpu.values()) * result.value / 1e6 for result in its)
            lines.append(
                f"| {titles[name]} | {workers or 1} | {size} | {len(its.results)} | {spread(its.values(), 0)} |"
                f" {spread(ratios(ours, its))} | {' | '.join(f'{part:.0f}' for part in parts)} | {cores:.2f} |"
            )
    return [*lines, "", *_goals(found)]


def _goals(found: Found) -> list[str]:
    def against(size: int, names: list[str]) -> list[float]:
        ours = _best(found, "ours", size)
        all_of_them = [ratios(ours, _best(found, name, size)) for name in names]
        return min((ratio for ratio in all_of_them if ratio), key=statistics.median, default=[])

    peers = [peer.name for peer in contenders.PEERS if peer.name != "control"]
    python = [peer.name for peer in contenders.PEERS if peer.python and peer.name != "control"]
    lines = ["| goal | asked | found | |", "|---|---:|---:|---|"]
    for title, asked, ratio in (
        ("uploads of 100: against the fastest peer", 1.3, against(100, peers)),
        ("uploads of 100: against the fastest Python peer", 2.0, against(100, python)),
        ("uploads of one event each: against the plain Faust app", 1.5, against(1, ["plain_faust"])),
    ):
        met = "" if not ratio else "met" if statistics.median(ratio) >= asked else "**not met**"
        lines.append(f"| {title} | ≥ {asked} | {spread(ratio)} | {met} |")
    return [
        *lines,
        "",
        "Tills, gateway, Kafka, PostgreSQL and workers share the cores. A peer reads what our gateway writes into"
        " `uploads`; ours goes on through `anonymise` and `events`, a second passage through Kafka that no peer makes."
        " Peers make four of our tables, as in the rebuild.",
    ]
