"""The steps of a measurement, in the order in which they run and are reported.

Each module has `TITLE`, `run(bench)`, which measures and hands every result to `bench.results.add`, and
`report(found)`, which returns the step's part of RESULTS.md, line by line, from the results of its latest run.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from benchmarks.bench import Bench
from benchmarks.results import Found

NAMES = [
    "log",
    "rebuild",
    "processes",
    "variants",
    "growth",
    "memory",
    "kill",
    "profile",
    "live",
    "workers",
    "gateway",
    "hostile",
    "pages",
    "page_costs",
    "freshness",
    "grow",
    "importing",
    "costs",
    "start",
]
"""Further ones are added here."""


class Step(Protocol):
    TITLE: str

    def run(self, bench: Bench) -> None: ...

    def report(self, found: Found) -> list[str]: ...


def step(name: str) -> Step:
    return cast(Step, import_module(f"benchmarks.steps.{name}"))
