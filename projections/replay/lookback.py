"""Reads in the log what a worker in doubt asks for: the records of its witnesses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from projections.apply.witnesses import LookBack, Seen, Witness
from projections.replay.reader import LogReader
from schemas.log import LogRecord, partition_of

_TIMEOUT_S = 30.0


def look_back(kafka: str, topic: str) -> LookBack:
    """For an engine that runs in a thread without an event loop. Raises `InfrastructureUnreachable`, `TimeoutError`."""
    return lambda witnesses: asyncio.run(_read(kafka, topic, witnesses))


async def _read(kafka: str, topic: str, witnesses: Sequence[Witness]) -> list[Seen]:
    async with asyncio.timeout(_TIMEOUT_S), LogReader(kafka, topic) as log:
        count = len(log.partitions)
        places = [(_partition(witness, count), witness.log_offset) for witness in witnesses]
        records = await _records(log, set(places))
    return [Seen(witness, records.get(place)) for witness, place in zip(witnesses, places, strict=True)]


def _partition(witness: Witness, partitions: int) -> int:
    if witness.partition is not None:
        return witness.partition
    return partition_of(witness.outlet_id.encode(), partitions)


async def _records(log: LogReader, places: set[tuple[int, int]]) -> dict[tuple[int, int], LogRecord]:
    """The records at (partition, offset), as far as the log has them; one of each partition at a time."""
    starts, ends = await log.starts(), await log.ends()
    left: dict[int, list[int]] = {}
    for partition, offset in sorted(places):
        if starts.get(partition, 0) <= offset < ends.get(partition, 0):
            left.setdefault(partition, []).append(offset)
    found: dict[tuple[int, int], LogRecord] = {}
    while left:
        spans = {partition: (offsets[0], offsets.pop(0) + 1) for partition, offsets in left.items()}
        left = {partition: offsets for partition, offsets in left.items() if offsets}
        async for batches in log.read(spans):
            found |= {(record.partition, record.offset): record for records in batches.values() for record in records}
    return found
