"""Holds positions against the topic they are of, as it is at this moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from msgspec import Struct

from projections.logs import topic_ids
from projections.logs.faults import Fault, Position, Span, judge
from schemas import brokers

_TIMEOUT_S = 30.0
MarkOf = Callable[[ConsumerRecord], Hashable]
"""What a position remembers of the record before it, taken from that record."""


class Examined(Struct, frozen=True):
    """A topic against the positions: its id (empty where it is not there), what it holds, and the faults found."""

    topic_id: str
    spans: dict[int, Span]
    faults: dict[int, Fault]


async def examine(kafka: str, topic: str, positions: Mapping[int, Position], mark_of: MarkOf) -> Examined:
    """Raises aiokafka's errors and `TimeoutError` where Kafka does not answer.

    The positions have to be read before: what comes in meanwhile makes a log longer, never shorter.
    """
    consumer = peeker(kafka)
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await consumer.start()
            found = (await topic_ids.ask(consumer._client, [topic])).get(topic)
            if found is None:
                faults = {p: Fault(topic, p, "missing", at.next_offset, at.topic_id) for p, at in positions.items()}
                return Examined("", {}, faults)
            places = {number: TopicPartition(topic, number) for number in positions}
            starts = await consumer.beginning_offsets(list(places.values()))
            ends = await consumer.end_offsets(list(places.values()))
            spans = {number: Span(starts[place], ends[place]) for number, place in places.items()}
            before = {
                places[number]: at.next_offset - 1
                for number, at in positions.items()
                if at.mark is not None and spans[number].start < at.next_offset <= spans[number].end
            }
            records = await peek(consumer, before)
            marks = {place.partition: mark_of(record) for place, record in records.items()}
    finally:
        await consumer.stop()
    verdicts = {
        number: judge(topic, number, at, found.topic_id, spans[number], marks.get(number))
        for number, at in positions.items()
    }
    return Examined(found.topic_id, spans, {number: fault for number, fault in verdicts.items() if fault})


def peeker(kafka: str) -> AIOKafkaConsumer:
    """A consumer for single records, not started yet; it belongs to no group."""
    return AIOKafkaConsumer(
        **brokers.options(kafka),
        client_id="weboffice examine",
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=64 * 1024,  # one record is enough; Kafka gives a larger one all the same
    )


async def peek(consumer: AIOKafkaConsumer, places: Mapping[TopicPartition, int]) -> dict[TopicPartition, Any]:
    """The record at each offset, all of which have to be there. The caller bounds the wait."""
    found: dict[TopicPartition, ConsumerRecord] = {}
    if not places:
        return found
    consumer.assign(list(places))
    for place, offset in places.items():
        consumer.seek(place, offset)
    while len(found) < len(places):
        for place, records in (await consumer.getmany(timeout_ms=500)).items():
            found.setdefault(place, records[0])
            consumer.pause(place)
    consumer.unsubscribe()  # it would go on fetching ahead
    return found
