"""Every page and read-API call against the length of the history."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks import pages
from benchmarks.bench import Bench
from benchmarks.history import history
from benchmarks.results import Found
from benchmarks.usage import Watch

TITLE = "Pages and read API against the length of the history"
_REQUESTS = 50
"""of each page in a round"""
_P99_MS = 50.0
_GROWTH = 1.3


def run(bench: Bench) -> None:
    for sales in sorted(bench.sizes.history):
        with history(bench.home, sales) as (servers, made), pages.portal(servers) as (url, pid):
            for number in range(bench.sizes.long_rounds):
                with Watch({"portal": pid, **servers.pids}, peaks=True) as watch:
                    found = pages.times(servers, made, url, _REQUESTS)
                more: dict[str, Any] = {"round": number, "at": sales, "others": watch.others}
                for name, milliseconds in found.items():
                    bench.results.add("pages", name, statistics.median(milliseconds), "ms", **more)
                    p99 = sorted(milliseconds)[int(len(milliseconds) * 0.99)]
                    bench.results.add("p99", name, p99, "ms", **more)
                peaks = {name: size >> 20 for name, size in watch.peak.items()}
                bench.results.add("memory", "portal", peaks["portal"], "MB", peak_mb=peaks, **more)


def report(found: Found) -> list[str]:
    sizes = found.sizes()
    few, many = sizes[0], sizes[-1]
    lines = [
        f"Of the busiest of 200 outlets, by an account that has ten of them. Median of rounds of {_REQUESTS} requests"
        " each, in ms, as a client on the same machine sees it.",
        "",
        f"| page or call | {' | '.join(f'p50 at {size:,.0f}' for size in sizes)} | p99 at {many:,.0f} | p50 growth | |",
        f"|---|{'---:|' * (len(sizes) + 2)}---|",
    ]
    met = 0
    names = found.of("pages").names()
    for name in names:
        halves = [statistics.median(found.of("pages", name, size).values()) for size in sizes]
        p99 = statistics.median(found.of("p99", name, many).values())
        growth = halves[-1] / halves[0]
        good = p99 < _P99_MS and growth <= _GROWTH
        met += good
        cells = " | ".join(f"{half:.1f}" for half in halves)
        lines.append(f"| `{name}` | {cells} | {p99:.1f} | {growth:.2f} | {'met' if good else '**not met**'} |")
    lines += ["", f"Goal: p99 < {_P99_MS:.0f} ms and p50 at {many:,.0f} over p50 at {few:,.0f} ≤ {_GROWTH}."]
    return [*lines, f"Met by {met} of {len(names)}."]
