"""Where copying goes on: just past the source offset of the last record of the same output partition.

Each output record carries its source offset in a header and no transactions are used, so the last offset of a partition
is its last record. A crash between write and acknowledgement, or a second worker, can make the copy repeat records but
never leave one out; the sequence check of the read models drops the repeated ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.errors import WebOfficeError
from schemas.records import origin

_TIMEOUT_S = 30.0


class TailUnreadable(WebOfficeError):
    """The last record of an output partition does not say which source record it came from."""


async def next_source_offsets(kafka: str, topic: str, partitions: Sequence[int]) -> dict[int, int]:
    """Partition → the source offset to copy next. Raises `TailUnreadable`, and aiokafka's errors."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        enable_auto_commit=False,
        auto_offset_reset="none",
        client_id="weboffice tail",
    )
    try:
        await consumer.start()
        async with asyncio.timeout(_TIMEOUT_S):
            return {partition: await _next(consumer, TopicPartition(topic, partition)) for partition in partitions}
    finally:
        await consumer.stop()


async def _next(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int:
    end = (await consumer.end_offsets([partition]))[partition]
    if end == 0:
        return 0
    consumer.assign([partition])
    consumer.seek(partition, end - 1)
    last = await consumer.getone(partition)
    said = origin(last.headers).source_offset
    if said < 0:
        raise TailUnreadable(f"{partition.topic}/{partition.partition} at {last.offset} has no source_offset")
    return said + 1
