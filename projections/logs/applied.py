"""How far a generation has read `events`, and what it remembers of the last record: when that was appended."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from aiokafka import ConsumerRecord

from projections.logs.faults import Position


def position(next_offset: int, topic_id: str, log_time: datetime | None) -> Position:
    """A row of `positions`."""
    return Position(next_offset, topic_id, None if log_time is None else round(log_time.timestamp() * 1000))


def mark_of(record: ConsumerRecord) -> Hashable:
    """The append time of a record, in milliseconds: Kafka gives it, and no two writings of a log have the same."""
    return int(record.timestamp)
