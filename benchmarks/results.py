"""Keeps what was measured, line by line: one file per step, appended to as soon as something is known."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

FOLDER = Path(__file__).parent / "results"


class Result(Struct, frozen=True):
    """One measurement: `figure` ('rebuild'), `who` ('ours'), its value and unit, and what else was seen."""

    run: str
    """when the run began that it belongs to; a run may be carried on later with more rounds"""
    figure: str
    who: str
    value: float
    unit: str
    round: int = 0
    at: float = 0.0
    """what it was measured against: the number of sales, of workers …; the x of a plot"""
    cpu: dict[str, float] = {}
    """microseconds per sale (or what the unit counts), by 'worker', 'postgres', 'kafka' …"""
    peak_mb: dict[str, int] = {}
    others: float | None = None
    """cores that everybody else on the machine kept busy meanwhile; None where that was not watched"""
    note: str = ""


class Found:
    """The results of one run of a step."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.results = list(results)

    def __bool__(self) -> bool:
        return bool(self.results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def of(self, figure: str, who: str | None = None, at: float | None = None) -> Found:
        """Those of a figure, of somebody, measured against something."""
        return Found(
            [
                result
                for result in self.results
                if result.figure == figure and who in (None, result.who) and at in (None, result.at)
            ]
        )

    def values(self) -> list[float]:
        return [result.value for result in self.results]

    def names(self) -> list[str]:
        """Who was measured, in the order of appearance."""
        return list(dict.fromkeys(result.who for result in self.results))

    def sizes(self) -> list[float]:
        """What was measured against, in rising order."""
        return sorted({result.at for result in self.results})

    def rounds(self) -> int:
        return max((result.round for result in self.results), default=-1) + 1

    def others(self) -> list[float]:
        """The cores that others kept busy, where that was watched."""
        return [result.others for result in self.results if result.others is not None]


def ratios(ours: Found, theirs: Found) -> list[float]:
    """ours ÷ theirs, round by round, for the rounds in which both were measured."""
    by_round = {result.round: result.value for result in theirs}
    return [result.value / by_round[result.round] for result in ours if result.round in by_round]


def spent(cpu: dict[str, float], part: str) -> float:
    """Microseconds of all processes of a kind: `project-0` and `project-1` are both 'project'."""
    return sum(of_one for name, of_one in cpu.items() if name.split("-")[0] == part)


def spread(found: Sequence[float], digits: int = 2) -> str:
    """min / median / max; the one figure where there is but one."""
    if not found:
        return "–"
    if len(found) == 1:
        return f"{found[0]:,.{digits}f}"
    return " / ".join(f"{value:,.{digits}f}" for value in (min(found), statistics.median(found), max(found)))


class Results:
    """The file of a step. A run's name is the moment it began."""

    def __init__(self, step: str, folder: Path = FOLDER) -> None:
        self._path = folder / f"{step}.jsonl"
        self.run = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        self.first_round = 0

    def carry_on(self) -> None:
        """What is added from now on belongs to the latest run, as further rounds of it."""
        latest = self.latest()
        if latest:
            self.run = latest.results[-1].run
            self.first_round = latest.rounds()

    def add(self, figure: str, who: str, value: float, unit: str, *, round: int = 0, **more: object) -> None:  # noqa: A002
        fields = {**more, "run": self.run, "round": self.first_round + round}
        result = msgspec.convert({**fields, "figure": figure, "who": who, "value": value, "unit": unit}, Result)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(result) + b"\n")
        print(f"{figure:24} {who:16} {value:14,.2f} {unit}  {result.note}", flush=True)

    def latest(self) -> Found:
        """The results of the latest run."""
        if not self._path.exists():
            return Found([])
        results = [msgspec.json.decode(line, type=Result) for line in self._path.read_bytes().splitlines()]
        return Found([result for result in results if result.run == results[-1].run])
