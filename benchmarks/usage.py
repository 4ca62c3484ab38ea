"""Processor time and memory of process trees, read from /proc: who spent what between two moments."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path

from msgspec import Struct

_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY_S = 0.25
_MEMORY_EVERY_S = 1.0
"""The kernel goes through all of a process's pages to tell: it must not become part of what is measured."""


class _Process(Struct, frozen=True):
    parent: int
    own: float
    """seconds of processor time, its own"""
    reaped: float
    """seconds of its children that have ended"""


def _processes() -> dict[int, _Process]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            user, system, child_user, child_system = (int(field) / _TICKS for field in fields[11:15])
            found[int(entry.name)] = _Process(int(fields[1]), user + system, child_user + child_system)
    return found


def tree(root: int, everybody: dict[int, _Process] | None = None) -> list[int]:
    """The ids of a process and of all below it."""
    everybody = _processes() if everybody is None else everybody
    members = [root] if root in everybody else []
    for member in members:
        members += [pid for pid, process in everybody.items() if process.parent == member]
    return members


def cpu_seconds(root: int, everybody: dict[int, _Process] | None = None) -> float:
    """Processor time of a tree of processes so far, those included that have ended."""
    everybody = _processes() if everybody is None else everybody
    return sum(everybody[pid].own + everybody[pid].reaped for pid in tree(root, everybody))


def processor_seconds(root: int) -> float:
    """Processor time of a tree of processes that live, by the scheduler's own clock: to the microsecond, where ticks
    are ten milliseconds."""
    nanoseconds = 0
    for pid in tree(root):
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):  # it has ended
                nanoseconds += int(thread.read_text().split()[0])
    return nanoseconds / 1e9


def busy_seconds() -> float:
    """Seconds that all cores together have worked since the machine started, for whomever."""
    user, nice, system, _, _, irq, softirq, *_ = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    return sum(int(ticks) for ticks in (user, nice, system, irq, softirq)) / _TICKS


def memory(pid: int) -> int:
    """Bytes that a process holds for itself (what it shares with others counted in part), 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


class Watch:
    """Watches trees by name between entry and exit: `cpu` in seconds, `peak` in bytes of each tree's largest process,
    `others` in cores: what the rest of the machine was busy with.

    A tree whose root ends in between keeps what was seen of it last.
    """

    def __init__(self, roots: dict[str, int], *, peaks: bool = False) -> None:
        self._roots = roots
        self._peaks = peaks
        self._began: dict[str, float] = {}
        self.cpu = dict.fromkeys(roots, 0.0)
        self.peak = dict.fromkeys(roots, 0)
        self.others = 0.0
        self._weighed = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._began = {name: cpu_seconds(root) for name, root in self._roots.items()}
        self._ours = self._everything()
        self._busy, self._moment = busy_seconds(), time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._look()
        busy, seconds = busy_seconds() - self._busy, time.perf_counter() - self._moment
        self.others = max(0.0, busy - (self._everything() - self._ours)) / seconds

    def _everything(self) -> float:
        """Processor time of the measurement itself and of all that is watched."""
        here = set(tree(os.getpid()))
        elsewhere = [root for root in self._roots.values() if root not in here]
        return cpu_seconds(os.getpid()) + sum(map(cpu_seconds, elsewhere))

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_S):
            self._look()

    def _look(self) -> None:
        everybody = _processes()
        weigh = self._peaks and time.monotonic() - self._weighed >= _MEMORY_EVERY_S
        for name, root in self._roots.items():
            spent = cpu_seconds(root, everybody) - self._began[name]
            self.cpu[name] = max(self.cpu[name], spent)
            if weigh:
                self.peak[name] = max([self.peak[name], *map(memory, tree(root, everybody))])
        if weigh:
            self._weighed = time.monotonic()
