"""Start of `weboffice up` on a home that was used before."""

from __future__ import annotations

import statistics

from benchmarks import startup
from benchmarks.bench import Bench
from benchmarks.results import Found, spread

TITLE = "Start of `weboffice up`, warm, to READY"
_GOAL_S = 12.0


def run(bench: Bench) -> None:
    for number, seconds in enumerate(startup.seconds(bench.sizes.rounds)):
        bench.results.add("start", "weboffice up", seconds, "s", round=number)


def report(found: Found) -> list[str]:
    met = "met" if statistics.median(found.values()) < _GOAL_S else "**not met**"
    return [f"{spread(found.values(), 1)} s; goal < {_GOAL_S:.0f} s: {met}."]
