"""Where copying goes on: just past the source offset of the last record of the same output partition.

Each output record carries its source offset and the id of its source topic in headers, and no transactions are used, so
the last offset of a partition is its last record. A crash between write and acknowledgement, or a second worker, can
make the copy repeat records but never leave one out; the sequence check of the read models drops the repeated ones.

Where an operator decided to go on with another log, or past a hole, the decision stands there in place of a copy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from projections.logs.examine import Examined, examine, peek, peeker
from projections.logs.faults import Position
from schemas.errors import RecordUnreadable, WebOfficeError
from schemas.records import Headers, LogAdopted, decode, origin
from schemas.topics import Topics

_TIMEOUT_S = 30.0
SOURCE_HEADERS = ("source_offset", "source_topic_id")


class TailUnreadable(WebOfficeError):
    """The last record of an output partition does not say which source record it came from."""


async def next_source_offsets(kafka: str, topic: str, partitions: Sequence[int]) -> dict[int, int]:
    """Partition → the source offset to copy next. Raises `TailUnreadable`, and aiokafka's errors."""
    found = await copied_through(kafka, topic, partitions)
    return {partition: position.next_offset for partition, position in found.items()}


async def copied_through(kafka: str, topic: str, partitions: Sequence[int]) -> dict[int, Position]:
    """Partition → the position of copying in `uploads`, as the tail of `events` (`topic`) tells it."""
    consumer = peeker(kafka)
    try:
        await consumer.start()
        async with asyncio.timeout(_TIMEOUT_S):
            return {partition: await _position(consumer, TopicPartition(topic, partition)) for partition in partitions}
    finally:
        await consumer.stop()


async def examine_copying(kafka: str, topics: Topics, partitions: Sequence[int]) -> Examined:
    """`uploads` as it is now against what was copied of it."""
    copied = await copied_through(kafka, topics.events, partitions)
    return await examine(kafka, topics.uploads, copied, mark_of)


def mark_of(record: ConsumerRecord) -> Hashable:
    """What a copy keeps of the record it was made from: all headers but those that say where that was."""
    return tuple((name, value) for name, value in record.headers if name not in SOURCE_HEADERS)


def source_headers(offset: int, topic_id: str) -> Headers:
    """The headers that say which source record a copy was made from."""
    found: Headers = [("source_offset", b"%d" % offset)]
    return [*found, ("source_topic_id", topic_id.encode())] if topic_id else found


async def _position(consumer: AIOKafkaConsumer, partition: TopicPartition) -> Position:
    end = (await consumer.end_offsets([partition]))[partition]
    if end == 0:
        return Position()
    return source_position((await peek(consumer, {partition: end - 1}))[partition])


def source_position(last: ConsumerRecord) -> Position:
    """The position of copying, as the last record of an output partition tells it. Raises `TailUnreadable`."""
    said = origin(last.headers)
    if said.source_offset >= 0:
        return Position(said.source_offset + 1, said.source_topic_id, mark_of(last))
    try:
        decision = decode(last.value)
    except RecordUnreadable:
        decision = None
    if isinstance(decision, LogAdopted):
        return Position(decision.source_next, decision.source_id)
    raise TailUnreadable(f"{last.topic}/{last.partition} at {last.offset} has no source_offset")
