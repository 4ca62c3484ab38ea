"""A watcher that shows nothing and remembers the phases."""

from __future__ import annotations

from projections.replay.replay import Progress, Spans


class Quiet:
    def __init__(self) -> None:
        self.phases: list[str] = []
        self.events = 0

    def phase(self, name: str) -> None:
        self.phases.append(name)

    def plan(self, spans: Spans) -> None:
        pass

    def progress(self, progress: Progress) -> None:
        self.events += progress.events
