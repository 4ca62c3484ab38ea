"""Cuts what is read of the log into batches for the engine: of about as many events, whatever a record holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from schemas.log import LogRecord
from schemas.records import claimed_events

BATCH_EVENTS = 5_000
"""Most events that are decoded at a time (a single record may hold 500): a bound for a process's memory."""
BATCH_BYTES = 16 * 1024 * 1024


class Batch(Struct):
    """Records of one partition in the order of the log; `events` as their headers count them, `size` in bytes."""

    records: list[LogRecord] = field(default_factory=list)
    events: int = 0
    size: int = 0

    def takes(self, events: int, size: int) -> bool:
        """Whether a record with so many events and bytes still goes in; into an empty batch any does."""
        return not self.records or (self.events + events <= BATCH_EVENTS and self.size + size <= BATCH_BYTES)

    @property
    def full(self) -> bool:
        return self.events >= BATCH_EVENTS or self.size >= BATCH_BYTES

    def add(self, record: LogRecord, events: int, size: int) -> None:
        self.records.append(record)
        self.events += events
        self.size += size


class Cutter:
    """Gathers the records of one partition, as they are read, into full batches."""

    def __init__(self) -> None:
        self._batch = Batch()

    def add(self, records: Iterable[LogRecord]) -> Iterator[Batch]:
        """Takes records in; gives the batches that are full by now."""
        for record in records:
            events, size = claimed_events(record.headers), len(record.value or b"")
            if not self._batch.takes(events, size):
                yield from self.rest()
            self._batch.add(record, events, size)
            if self._batch.full:
                yield from self.rest()

    def rest(self) -> Iterator[Batch]:
        """The batch begun, if there is one, though it is not full."""
        batch, self._batch = self._batch, Batch()
        if batch.records:
            yield batch
