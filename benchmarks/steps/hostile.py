"""Uploads while slow sockets and unread files hang, against uploads without them."""

from __future__ import annotations

import statistics

from benchmarks import gateway, hangers
from benchmarks.bench import Bench
from benchmarks.results import Found, ratios, spread
from benchmarks.service import running
from benchmarks.workload import OUTLETS

TITLE = "Uploads beside clients that mean no good"
_UPLOADS, _PER_UPLOAD = 6_000, 10
_QUICK, _FEW_SALES = 400, 20_000
"""uploads of a round where fewer sales than these are asked for: a smoke run"""
_GOAL = 0.9


def run(bench: Bench) -> None:
    uploads = _UPLOADS if bench.sizes.slow_sales >= _FEW_SALES else _QUICK
    with running(bench.servers, web="all", workers=()) as service:
        tokens = service.tokens(OUTLETS)
        cookie = hangers.fill(service, "bench@example.org")

        def sent(number: int) -> gateway.Round:
            return gateway.measured(service, gateway.plan(service.port, tokens, uploads, _PER_UPLOAD, number))

        for number in range(bench.sizes.rounds + 1):
            alone = sent(2 * number)
            with hangers.hanging(service.port, cookie):
                beside = sent(2 * number + 1)
            for who, of in (("alone", alone), ("beside them", beside)) if number else ():  # the first round warms up
                more = {"cpu": {"web": of.cpu * 1e6}, "others": of.others}
                bench.results.add("hostile", who, of.rate, "uploads/s", round=number, **more)


def report(found: Found) -> list[str]:
    alone, beside = found.of("hostile", "alone"), found.of("hostile", "beside them")
    ratio = ratios(beside, alone)
    met = "met" if statistics.median(ratio) >= _GOAL else "**not met**"
    spent = [spread([result.cpu["web"] for result in its], 0) for its in (alone, beside)]
    return [
        f"One process serves pages and uploads of {_PER_UPLOAD} events. {hangers.SLOW_SOCKETS:,} connections send a"
        f" byte of a header each second, and one account leaves {hangers.UNREAD_FILES} files of some 50 MB unread; whom"
        " the service ends is replaced.",
        "",
        "| uploads/s alone | beside them | ratio | µs of the web process an upload: alone | beside | |",
        "|---:|---:|---:|---:|---:|---|",
        f"| {' | '.join([spread(alone.values(), 0), spread(beside.values(), 0), spread(ratio), *spent, met])} |",
        "",
        f"Goal ≥ {_GOAL}.",
    ]
