"""A log in memory: records with partitions and offsets as Kafka would give them, for feeding the engine directly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from schemas.log import LogRecord
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    OutletRecord,
    OutletRemoved,
    Unreadable,
    UploadRecord,
    encode,
    headers,
)

START = datetime(2024, 4, 2, 8, tzinfo=UTC)


class Log:
    """An append-only log; an outlet's records stand in one partition."""

    def __init__(self, partitions: int = 2) -> None:
        self.records: list[LogRecord] = []
        self._ends = [0] * partitions

    def append(self, record: OutletRecord, value: bytes | None = None) -> LogRecord:
        """Appends a record; `value` stands for its bytes where they can't be read, the headers stay."""
        match record:
            case UploadRecord() | Unreadable():
                found = headers(
                    kind="upload",
                    outlet=record.outlet,
                    till=record.till,
                    run=record.run,
                    first_seq=record.first_seq,
                    count=len(record.events) if isinstance(record, UploadRecord) else record.count,
                    source_offset=len(self.records),
                )
            case GapGivenUp() | EventsDiscarded() | ContactForgotten() | OutletRemoved():
                found = headers(kind="control", outlet=record.outlet)
        return self.append_raw(encode(record) if value is None else value, found, record.outlet)

    def append_raw(self, value: bytes | None, found: list[tuple[str, bytes]], outlet: str) -> LogRecord:
        partition = sum(outlet.encode()) % len(self._ends)
        record = LogRecord(
            partition,
            self._ends[partition],
            outlet.encode(),
            value,
            found,
            START + timedelta(milliseconds=len(self.records)),
        )
        self._ends[partition] += 1
        self.records.append(record)
        return record
