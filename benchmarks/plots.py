"""Draws what was measured against the length of the history. Runs in an environment of its own.

Usage: plots.py RESULTS PLOTS, two folders. Every figure named in `_AGAINST` becomes one picture, with a line for each
who; the median of the rounds, and a band from the least to the greatest.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib  # type: ignore[import-not-found]

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "weboffice"  # the same figures give the same file
from matplotlib import pyplot  # noqa: E402

_AGAINST = {
    # step: (figure, title, x, y)
    "growth": ("growth", "Rebuild against the length of history", "sales in the log", "sales/s"),
    "freshness": ("freshness", "From 202 to visible", "sales before", "ms"),
    "pages": ("pages", "Time of pages and calls", "sales in the history", "ms"),
}


def main() -> None:
    results, plots = map(Path, sys.argv[1:])
    for step, (figure, title, x, y) in _AGAINST.items():
        path = results / f"{step}.jsonl"
        if path.exists():
            found = [json.loads(line) for line in path.read_text().splitlines()]
            found = [result for result in found if result["run"] == found[-1]["run"] and result["figure"] == figure]
            if found:
                _draw(found, title, x, y, plots / f"{step}.svg")


def _draw(found: list[dict[str, Any]], title: str, x: str, y: str, path: Path) -> None:
    lines: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for result in found:
        lines[result["who"]][result["at"]].append(result["value"])
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    for who, points in lines.items():
        at = sorted(points)
        axes.plot(at, [statistics.median(points[n]) for n in at], marker="o", markersize=3, label=who)
        axes.fill_between(at, [min(points[n]) for n in at], [max(points[n]) for n in at], alpha=0.15)
    axes.set(title=title, xlabel=x, ylabel=y, xscale="log")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    if len(lines) <= 12:
        axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    main()
