"""How far this worker is, for the stall probe and for metrics."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram

_RECORDS = Counter("weboffice_records_total", "Log records worked through.", ["worker"])
_BATCH = Histogram(
    "weboffice_batch_seconds",
    "Time for a batch of log records.",
    ["worker"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_LAG_SECONDS = Gauge("weboffice_lag_seconds", "Age of the record that comes next; 0 where none waits.", ["worker"])
_LAG = Gauge("weboffice_lag_records", "Log records not worked through yet.", ["worker", "partition"])


class Progress:
    """The next offset of each assigned partition. Written by the worker's loop, read by the probe's thread."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._lock = threading.Lock()
        self._next: dict[int, int] = {}
        self._moved = time.monotonic()
        self._waiting_for: str | None = None
        _LAG_SECONDS.labels(worker).set(0)

    def assigned(self, positions: Mapping[int, int]) -> None:
        """Replaces the partitions that count."""
        with self._lock:
            gone = self._next.keys() - positions.keys()
            self._next = dict(positions)
            self._moved = time.monotonic()
        for partition in gone:
            _LAG.remove(self._worker, str(partition))

    def done(self, partition: int, offset: int) -> None:
        with self._lock:
            if partition in self._next:
                self._next[partition] = max(self._next[partition], offset + 1)
            self._moved = time.monotonic()

    def batch(self, records: int, seconds: float) -> None:
        """Counts a batch."""
        _RECORDS.labels(self._worker).inc(records)
        _BATCH.labels(self._worker).observe(seconds)

    def waiting_for(self, what: str | None) -> None:
        """Says that the worker waits for Kafka or PostgreSQL to come back: not a stall."""
        with self._lock:
            self._waiting_for = what
            self._moved = time.monotonic()

    def next_offsets(self) -> dict[int, int]:
        with self._lock:
            return dict(self._next)

    def behind(self, ends: Mapping[int, int]) -> dict[int, int]:
        """Partition → next offset, of those of this worker's whose end lies further on; told to Prometheus as lag."""
        with self._lock:
            mine = {partition: end for partition, end in ends.items() if partition in self._next}
            for partition, end in mine.items():
                _LAG.labels(self._worker, str(partition)).set(max(0, end - self._next[partition]))
            return {partition: self._next[partition] for partition, end in mine.items() if end > self._next[partition]}

    def waiting_since(self, appended: float | None) -> None:
        """Tells Prometheus the age of the oldest record that waits; None where none does. In seconds since 1970."""
        _LAG_SECONDS.labels(self._worker).set(0.0 if appended is None else max(0.0, time.time() - appended))

    def stalled_for(self, waits: bool) -> float:
        """Seconds since anything moved while records wait; 0 where nothing waits or the reason is known."""
        with self._lock:
            if self._waiting_for or not waits:
                self._moved = time.monotonic()
                return 0.0
            return time.monotonic() - self._moved
