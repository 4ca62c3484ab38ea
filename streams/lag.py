"""How far this worker is, for the stall probe and for metrics."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping

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


IDLE_S = 20.0
"""Longest that records may wait while nothing is done about them: a read from Kafka takes a second at most."""
BATCH_S = 60.0
"""Longest for a batch, while PostgreSQL answers."""
REBALANCE_S = 60.0
"""Longest without a word on which partitions are this worker's: Kafka waits 10 s for those that left without a word."""


class Progress:
    """The next offset of each assigned partition. Written by the worker's loop, read by the probe's thread."""

    def __init__(self, worker: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._worker = worker
        self._clock = clock
        self._lock = threading.Lock()
        self._next: dict[int, int] = {}
        self._settled = False
        self._in_hand = False
        self._moved = clock()
        self._waiting_for: str | None = None
        _LAG_SECONDS.labels(worker).set(0)

    def revoked(self) -> None:
        """None of the partitions counts any longer; which ones do is for `assigned` to say."""
        self._take({}, settled=False)

    def assigned(self, positions: Mapping[int, int]) -> None:
        """Replaces the partitions that count; none where other workers have them all."""
        self._take(positions, settled=True)

    def _take(self, positions: Mapping[int, int], settled: bool) -> None:
        with self._lock:
            gone = self._next.keys() - positions.keys()
            self._next = dict(positions)
            self._settled = settled
            self._moved = self._clock()
        for partition in gone:
            with contextlib.suppress(KeyError):  # it is there from the probe's first look on
                _LAG.remove(self._worker, str(partition))

    def begin(self) -> None:
        """A batch is in hand."""
        with self._lock:
            self._in_hand = True
            self._moved = self._clock()

    def done(self, offsets: Mapping[int, int]) -> None:
        """Records are worked on: partition → the last offset."""
        with self._lock:
            for partition, offset in offsets.items():
                if partition in self._next:
                    self._next[partition] = max(self._next[partition], offset + 1)
            self._moved = self._clock()

    def batch(self, records: int, seconds: float) -> None:
        """Counts a batch that is done."""
        with self._lock:
            self._in_hand = False
            self._moved = self._clock()
        _RECORDS.labels(self._worker).inc(records)
        _BATCH.labels(self._worker).observe(seconds)

    def waiting_for(self, what: str | None) -> None:
        """Says that the worker waits for Kafka or PostgreSQL to come back: not a stall."""
        with self._lock:
            self._waiting_for = what
            self._moved = self._clock()

    def partitions(self) -> list[int]:
        """Those that are this worker's."""
        with self._lock:
            return sorted(self._next)

    def positions(self) -> dict[int, int]:
        """The next offset of each of them."""
        with self._lock:
            return dict(self._next)

    def kafka_away(self) -> None:
        """Without Kafka nobody gets on: the time counts anew when it is back."""
        with self._lock:
            self._moved = self._clock()

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

    def stalled(self, waits: bool) -> str | None:
        """Says what takes too long, or None. `waits` says whether records wait (see `behind`)."""
        with self._lock:
            if self._waiting_for or (self._settled and not waits):
                self._moved = self._clock()
                return None
            if not self._settled:
                what, most = "no partitions were assigned", REBALANCE_S
            elif self._in_hand:
                what, most = "a batch is in hand", BATCH_S
            else:
                what, most = "records wait and none is taken", IDLE_S
            passed = self._clock() - self._moved
            return f"{what} for {passed:.0f} s" if passed > most else None
