"""As users grow: a chain, a big shop, many owners at once; before (another commit) and after, in one run."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec
from msgspec import Struct

from benchmarks.bench import Bench
from benchmarks.beside import Beside
from benchmarks.beside import Plan as BesidePlan
from benchmarks.contenders import ROOT
from benchmarks.crowd import Crowd, Plan
from benchmarks.results import Found
from schemas.topics import Topics

T = TypeVar("T")
TITLE = "As its users grow: a chain, a big shop, many owners at once"
_PAGE_MS, _OWNERS_MS = 300.0, 500.0
_EACH_S = 30.0
"""So often each till sends."""
_NONE = -1.0
"""in place of milliseconds: no answer"""


def run(bench: Bench) -> None:
    sizes = bench.sizes
    trees = [("after", ROOT)]
    with TemporaryDirectory(prefix="bench-grow-") as folder:
        if sizes.base:
            trees.insert(0, ("before", Path(folder, "base")))
        with _worktree(sizes.base, Path(folder, "base")):
            for number in range(sizes.grow_rounds):
                for who, tree in trees:
                    found = _measured(bench, tree, Path(folder))
                    note = _note(bench) + (f", before: {sizes.base}" if sizes.base else "")
                    for name, milliseconds in found.pages.items():
                        _keep(bench, f"page {name}", who, milliseconds, number, found.others, note)
                    _keep(bench, "owners", who, found.owners, number, found.others, note)
                    bench.results.add(
                        "failed", who, found.failed, "requests", round=number, others=found.others, note=note
                    )
                    for name, value in found.memory.items():
                        bench.results.add(
                            f"files: {name}", who, value, "", round=number, others=found.others, note=note
                        )
                    beside = _beside(bench, tree, Path(folder))
                    for figure, value, unit in _of_uploads(beside):
                        bench.results.add(figure, who, value, unit, round=number, others=beside.others, note=note)


def _keep(
    bench: Bench, figure: str, who: str, milliseconds: Sequence[float | None], number: int, others: float, note: str
) -> None:
    shown = sorted(each for each in milliseconds if each is not None)
    value = shown[int(len(shown) * 0.99)] if shown and len(shown) == len(milliseconds) else _NONE
    bench.results.add(figure, who, value, "ms", round=number, others=others, note=note)


def _note(bench: Bench) -> str:
    sizes = bench.sizes
    return (
        f"{sizes.outlets:,} outlets, {sizes.goods:,} goods and {sizes.receipts:,} receipts in one of them,"
        f" {sizes.owners} owners, {sizes.tills:,} tills"
    )


@contextmanager
def _worktree(commit: str, folder: Path) -> Iterator[None]:
    """The sources of a commit, measured by the benchmarks of this one."""
    if not commit:
        yield
        return
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "-q", "--detach", str(folder), commit], check=True)
    try:
        shutil.rmtree(folder / "benchmarks")
        shutil.copytree(ROOT / "benchmarks", folder / "benchmarks")
        yield
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def _measured(bench: Bench, tree: Path, folder: Path) -> Crowd:
    sizes = bench.sizes
    with bench.servers.fresh_database(migrated=False) as database:
        url = bench.servers.database(database)
        plan = Plan(
            url, sizes.outlets, sizes.goods, sizes.receipts, sizes.owners, sizes.owner_seconds, sizes.page_requests
        )
        return _asked(tree, folder, "benchmarks.crowd", plan, Crowd)


def _asked(tree: Path, folder: Path, module: str, plan: Struct, kind: type[T]) -> T:
    """What a module finds that is run with another tree's sources."""
    given, kept = folder / "plan.json", folder / "found.json"
    given.write_bytes(msgspec.json.encode(plan))
    command = [sys.executable, "-m", module, str(given), str(kept)]
    subprocess.run(command, check=True, cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)})
    return msgspec.json.decode(kept.read_bytes(), type=kind)


def _beside(bench: Bench, tree: Path, folder: Path) -> Beside:
    sizes, prefix = bench.sizes, f"b{uuid.uuid4().hex[:8]}-"
    with bench.servers.fresh_database(migrated=False) as database, TemporaryDirectory(prefix="bench-up-") as home:
        plan = BesidePlan(
            bench.servers.database(database),
            bench.servers.kafka,
            prefix,
            home,
            sizes.outlets,
            sizes.tills,
            sizes.tills / _EACH_S,
            sizes.upload_seconds,
            bench.servers.pids,
        )
        try:
            return _asked(tree, folder, "benchmarks.beside", plan, Beside)
        finally:
            topics = Topics(prefix)
            bench.servers.delete_topics(topics.uploads, topics.events, topics.unreadable)


def _of_uploads(found: Beside) -> list[tuple[str, float, str]]:
    """Figure, value and unit of the uploads beside dashboards."""
    alone, beside = (sorted(each)[int(len(each) * 0.95)] for each in (found.alone, found.beside))
    return [
        ("uploads: p95 without dashboards, ms", alone, "ms"),
        ("uploads: p95 with ten open, ms", beside, "ms"),
        ("uploads: core-ms of one, all processes", sum(found.cpu.values()), "ms"),
        *((f"uploads: of this {name}", spent, "ms") for name, spent in found.cpu.items()),
        ("uploads: MB of log a day at this rate", found.log_bytes / 2**20, "MB"),
        ("uploads: answers to the dashboards a second", len(found.dashboards) * 1000 / _span(found), "1/s"),
        ("uploads: KB of the median answer", statistics.median(found.dashboard_bytes) / 1024, "KB"),
    ]


def _span(found: Beside) -> float:
    """Milliseconds for which the dashboards were open."""
    return max(1.0, found.seconds * 1000)


def report(found: Found) -> list[str]:
    whos = sorted({result.who for result in found}, reverse=True)  # before, after
    lines = [
        f"{found.results[0].note}. p99 in ms, the worst of the rounds; «–»: no answer within the time that a page has.",
        "",
        f"| page or call | {' | '.join(whos)} | |",
        f"|---|{'---:|' * len(whos)}---|",
    ]
    met, names = 0, [name for name in found_figures(found) if name.startswith("page ")]
    for name in names:
        good, cells = _row(found, name, whos, _PAGE_MS)
        met += good
        lines.append(f"| `{name.removeprefix('page ')}` | {cells} |")
    lines += ["", f"Goal: p99 < {_PAGE_MS:.0f} ms. Met by {met} of {len(names)}.", ""]
    lines += [f"| | {' | '.join(whos)} | |", f"|---|{'---:|' * len(whos)}---|"]
    lines.append(f"| owners without thinking time, p99 in ms | {_row(found, 'owners', whos, _OWNERS_MS)[1]} |")
    lines.append(f"| their requests that failed | {_row(found, 'failed', whos, 1)[1]} |")
    for name in (name for name in found_figures(found) if name.startswith("uploads: ")):
        cells = " | ".join(_median(found, name, who, 1) for who in whos)
        lines.append(f"| {name.removeprefix('uploads: ')} | {cells} | {_twice(found) if ' ten ' in name else ''} |")
    for name in (name for name in found_figures(found) if name.startswith("files: ")):
        cells = " | ".join(_median(found, name, who, 0) for who in whos)
        lines.append(f"| eight lists as files: {name.removeprefix('files: ')} | {cells} | |")
    return [
        *lines,
        "",
        f"Goals: p99 < {_OWNERS_MS:.0f} ms, no request failed; with ten dashboards open the uploads' p95 is at most"
        " twice what it is without. Tills send one event each 30 s, all of `weboffice up` runs, on the same cores as"
        " they and the dashboards; medians of the rounds. Memory is the portal's, in MB.",
    ]


def _median(found: Found, figure: str, who: str, places: int) -> str:
    """A dash where it was not measured: an earlier release may not get through it in time."""
    values = found.of(figure, who).values()
    return f"{statistics.median(values):,.{places}f}" if values else "–"


def _twice(found: Found) -> str:
    """Whether the uploads' goal is met now."""
    alone, beside = (
        statistics.median(found.of(f"uploads: p95 {which}, ms", "after").values())
        for which in ("without dashboards", "with ten open")
    )
    return "met" if beside <= 2 * alone else "**not met**"


def found_figures(found: Found) -> list[str]:
    return list(dict.fromkeys(result.figure for result in found))


def _row(found: Found, figure: str, whos: list[str], goal: float) -> tuple[bool, str]:
    """Whether the goal is met in every round of what is, and the cells."""
    worst = {
        who: _NONE if _NONE in values else max(values) for who in whos if (values := found.of(figure, who).values())
    }
    cells = " | ".join("–" if worst.get(who, _NONE) == _NONE else f"{worst[who]:.0f}" for who in whos)
    good = 0 <= worst.get("after", _NONE) < goal
    return good, f"{cells} | {'met' if good else '**not met**'}"
