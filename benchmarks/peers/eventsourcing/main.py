"""`eventsourcing`'s ProjectionRunner with a materialised view in PostgreSQL that keeps its tracking with its rows.

Its documentation writes the view once per event; tuned in good faith, this view takes events together and writes them
with the last one's tracking in one transaction: `BATCH` of them, or what there is when none came for a moment.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from eventsourcing.persistence import InfrastructureFactory, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import Environment

from benchmarks.peers import figures
from benchmarks.peers.eventsourcing.application import TillEvent, Tills, environment

BATCH = 5000


class View(PostgresTrackingRecorder):
    """The four tables."""

    def write(self, sums: figures.Figures, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            for statement, arrays in sums.statements():
                cursor.execute(statement, arrays)


class Figures(Projection[View]):
    name = "figures"

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._sums = figures.Figures()
        self._tracking: Tracking | None = None
        self._events = 0
        self._lock = threading.Lock()
        self._wait_s = float(os.environ["BENCH_COMMIT_S"])

    def process_event(self, domain_event: TillEvent, tracking: Tracking) -> None:
        with self._lock:
            event: Any = domain_event
            self._sums.add(event.outlet, event.till, event.zone, event.event)
            self._tracking = tracking
            self._events += 1
            if self._events >= BATCH:
                self._flush()

    def flush_now_and_then(self, stop: threading.Event) -> None:
        while not stop.wait(self._wait_s):
            with self._lock:
                self._flush()

    def _flush(self) -> None:
        if self._tracking is not None:
            self.view.write(self._sums, self._tracking)
            self._sums, self._tracking, self._events = figures.Figures(), None, 0


def view() -> View:
    """The view alone; its tracking table is made where it is missing."""
    factory = InfrastructureFactory[View].construct(Environment(Figures.name, {**os.environ, **environment()}))
    return factory.tracking_recorder(View)


def main() -> None:
    with ProjectionRunner(
        application_class=Tills, projection_class=Figures, view_class=View, env=environment()
    ) as runner:
        flusher = threading.Thread(
            target=runner.projection.flush_now_and_then, args=[runner.is_interrupted], daemon=True
        )
        flusher.start()
        runner.run_forever()


if __name__ == "__main__":
    main()
