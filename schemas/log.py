"""The log as everybody sees it: a record as read, its partition, and the greatest size of a record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from aiokafka.partitioner import murmur2
from msgspec import Struct

MAX_RECORD_BYTES = 20 * 1024 * 1024
"""Greatest record before compression. An upload of 8 MiB is a record of little more; in names, letters may double."""


class LogRecord(Struct, frozen=True):
    """A record as read from the log. `timestamp` is its append time."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: datetime


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key (an outlet's id), by Kafka's default partitioner: all producers must agree."""
    return _hashed(key) % partitions


@lru_cache(maxsize=65_536)  # murmur2 is pure Python: it takes as long for an outlet's id as looking up a till's token
def _hashed(key: bytes) -> int:
    return int(murmur2(key)) & 0x7FFFFFFF
