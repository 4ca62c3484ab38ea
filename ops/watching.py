"""How a replay goes on, on stderr: a bar with rate and time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import resource
import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from projections.replay.replay import Progress as Folded
from projections.replay.replay import Spans

_PHASES = {
    "replay": "Replaying the log",
    "compare": "Comparing row by row",
    "certify": "Certifying",
    "switch": "Switching",
}
_LINE_EVERY_S = 5.0
_TELLING_PERCENT = 2.0
"""Less than that is mostly the start of the processes, and says nothing of the time left."""


class Watch:
    """A `projections.rebuild.Watcher` for people, a context manager; `events` and `seconds` tell the whole."""

    def __init__(self) -> None:
        self.events = 0
        self._started = time.monotonic()
        self._total = self._records = 0
        self._line_at = 0.0
        self._phase = ""
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("", total=None, rate="")

    def __enter__(self) -> Watch:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def peak_mb(self) -> float:
        """Greatest resident memory so far, in MB: of this process, or of the largest of those it started."""
        usages = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        kilobytes = max(resource.getrusage(which).ru_maxrss for which in usages)
        return round(kilobytes / (1 if sys.platform != "darwin" else 1024) / 1024, 1)

    def phase(self, name: str) -> None:
        self._phase = _PHASES.get(name, name)
        self._bar.update(self._task, description=self._phase)
        self._line(f"{self._phase} …")

    def plan(self, spans: Spans) -> None:
        """So many more records are to be folded."""
        self._total += sum(end - start for start, end in spans.values())
        self._bar.update(self._task, total=self._total)

    def progress(self, folded: Folded) -> None:
        self._records += folded.records
        self.events += folded.events
        rate = self.events / max(self.seconds, 0.001)
        self._bar.update(self._task, completed=self._records, rate=f"{rate:,.0f} events/s")
        if time.monotonic() - self._line_at >= _LINE_EVERY_S and self._total:
            percent = 100 * self._records / self._total
            left = (self._total - self._records) * self.seconds / max(self._records, 1)
            said = f", {left:.0f} s left" if percent >= _TELLING_PERCENT else ""
            self._line(f"{self._phase}: {percent:.0f} % of {self._total} records, {rate:,.0f} events/s{said}")

    def _line(self, text: str) -> None:
        if not sys.stderr.isatty():
            sys.stderr.write(text + "\n")
            sys.stderr.flush()
            self._line_at = time.monotonic()
