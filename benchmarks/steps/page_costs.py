"""What each page and read-API call costs in processor time, which company on the machine hardly touches."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks import pages
from benchmarks.bench import Bench
from benchmarks.history import history
from benchmarks.results import Found
from benchmarks.usage import processor_seconds

TITLE = "Pages and read API: processor time against the length of the history"
_REQUESTS = 20
"""of each page in a round"""


def run(bench: Bench) -> None:
    for sales in sorted(bench.sizes.history):
        with history(bench.home, sales) as (servers, made), pages.portal(servers) as (url, pid):
            roots = {"portal": pid, "postgres": servers.pids["postgres"]}

            def spent(roots: dict[str, int] = roots) -> dict[str, float]:
                return {name: processor_seconds(root) for name, root in roots.items()}

            for number in range(bench.sizes.slow_rounds):
                for name, costs in _costs(pages.costs(servers, made, url, _REQUESTS, spent)).items():
                    more: dict[str, Any] = {"round": number, "at": sales}
                    for who, milliseconds in costs.items():
                        bench.results.add(who, name, milliseconds, "ms of a core", **more)


def _costs(found: dict[str, list[dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Page → process → the median of its requests."""
    return {
        name: {who: statistics.median(cost[who] * 1000 for cost in costs) for who in costs[0]}
        for name, costs in found.items()
    }


def report(found: Found) -> list[str]:
    sizes = found.sizes()
    heads = [f"{who} at {size:,.0f}" for size in sizes for who in ("portal", "PostgreSQL")]
    lines = [
        "Of the busiest of 200 outlets, by an account that has ten of them. Milliseconds of a core that a request"
        f" takes, as the scheduler counts them: median of {_REQUESTS} requests a round, the least of the rounds."
        " It is processor time, not what a client waits.",
        "",
        f"| page or call | {' | '.join(heads)} |",
        f"|---|{'---:|' * len(heads)}",
    ]
    for name in found.of("portal").names():
        cells = [
            f"{min(found.of(who, name, size).values(), default=0):.1f}"
            for size in sizes
            for who in ("portal", "postgres")
        ]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return lines
