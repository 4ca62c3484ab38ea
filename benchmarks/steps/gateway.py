"""The gateway beside a bare Starlette route that awaits the same send to the same Kafka."""

from __future__ import annotations

from benchmarks import gateway
from benchmarks.bench import Bench
from benchmarks.results import Found, ratios, spread

TITLE = "The gateway against a bare route"
_SHAPES = {1: 8000, 10: 6000, 100: 2000}
"""events of an upload: uploads of a round"""
_QUICK, _FEW_SALES = 400, 10_000
"""uploads of a round where fewer sales than these are asked for: a smoke run"""
_GOAL = 0.7


def run(bench: Bench) -> None:
    for per_upload, uploads in _SHAPES.items():
        few = uploads if bench.sizes.slow_sales >= _FEW_SALES else _QUICK
        for number, pair in enumerate(gateway.rounds(bench.servers, few, per_upload, bench.sizes.rounds)):
            for who, of in zip(("gateway", "bare route"), pair, strict=True):
                more = {"cpu": {"web": of.cpu * 1e6}, "others": of.others, "at": per_upload}
                bench.results.add("gateway", who, of.rate, "uploads/s", round=number, **more)


def report(found: Found) -> list[str]:
    lines = [
        "| events in an upload | gateway, uploads/s | bare route | ratio | µs of the web process: gateway | bare | |",
        "|---:|---:|---:|---:|---:|---:|---|",
    ]
    for size in found.sizes():
        ours, bare = found.of("gateway", "gateway", size), found.of("gateway", "bare route", size)
        ratio = ratios(ours, bare)
        spent = [spread([result.cpu["web"] for result in its], 0) for its in (ours, bare)]
        cells = [spread(ours.values(), 0), spread(bare.values(), 0), spread(ratio), *spent]
        met = "met" if sorted(ratio)[len(ratio) // 2] >= _GOAL else "**not met**"
        lines.append(f"| {size:.0f} | {' | '.join(cells)} | {met} |")
    return [
        *lines,
        "",
        f"Goal ≥ {_GOAL}. The bare route reads the body, sends it to Kafka, awaits the acknowledgement and answers; it"
        " knows no tokens, limits, validation, metrics or log.",
    ]
